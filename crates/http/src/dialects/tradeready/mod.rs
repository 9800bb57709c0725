//! TradeReady: accounts that register with one call, keys with a second secret, tokens of one hour.
//! Source: the vendor's "Authentication" page; `docs/api-design.md` lists what is served.

mod error;
mod from_wire;
mod handlers;
mod to_wire;
mod wire;

use actix_web::HttpResponse;
use keyward_domain::scope::Scope;

use self::error::Error;
use crate::fault::Fault;
use crate::ops;
use crate::routes::{ANYBODY_KNOWN, Access, Routes};

/// This dialect's routes.
pub(super) fn routes() -> Routes {
    Routes::default()
        .post("/api/v1/auth/register", Access::public("accounts.register"), handlers::register)
        .post("/api/v1/auth/login", Access::public("tokens.exchange_key"), handlers::login)
        .post("/api/v1/auth/user-login", Access::public("tokens.log_in_with_password"), handlers::user_login)
        .get(
            "/api/v1/account/info",
            Access::to(ANYBODY_KNOWN, Scope::AccountRead, "accounts.profile"),
            handlers::account_info,
        )
        .get("/health", Access::public("server.live"), ops::health)
}

/// This dialect's words for what comes from no use case.
pub(super) fn fault(fault: Fault) -> HttpResponse {
    Error::Fault(fault).render()
}
