//! TradeReady: accounts that register with one call, keys with a second secret, tokens of one hour.
//! Source: the vendor's "Authentication" page; `docs/api-design.md` lists what is served.

mod error;
mod from_wire;
mod handlers;
mod to_wire;
mod wire;

use actix_web::HttpResponse;
use keyward_domain::limits::LimitName;
use keyward_domain::scope::Scope;

use self::error::Error;
use self::handlers::agents;
use crate::fault::Fault;
use crate::limits::RouteLimit;
use crate::ops;
use crate::routes::{ANYBODY_KNOWN, Access, CredentialKind, Routes};

/// Where this dialect is mounted complete.
pub(super) const BASE_PATH: &str = "/tradeready";

const AGENT: &str = "/api/v1/agents/{agent_id}";
const RISK_PROFILE: &str = "/api/v1/agents/{agent_id}/risk-profile";

/// "JWT is required for endpoints that manage agents" (the document, "JWT Bearer Token").
const MANAGER: &[CredentialKind] = &[CredentialKind::AccountToken];

const GENERAL: LimitName = LimitName::TradereadyGeneral;
const REGISTER: RouteLimit = RouteLimit::registering(&[LimitName::TradereadyRegister]);
const LOGIN: RouteLimit = RouteLimit::guarded(&[LimitName::TradereadyLogin]);
const PASSWORD_LOGIN: RouteLimit =
    RouteLimit::guarded(&[LimitName::TradereadyLogin, LimitName::PasswordChecks]);

/// This dialect's routes.
pub(super) fn routes() -> Routes {
    agent_routes(account_routes())
}

fn account_routes() -> Routes {
    Routes::default()
        .post("/api/v1/auth/register", Access::public("accounts.register", REGISTER), handlers::register)
        .post("/api/v1/auth/login", Access::public("tokens.exchange_key", LOGIN), handlers::login)
        .post(
            "/api/v1/auth/user-login",
            Access::public("tokens.log_in_with_password", PASSWORD_LOGIN),
            handlers::user_login,
        )
        .get(
            "/api/v1/account/info",
            Access::to(ANYBODY_KNOWN, Scope::AccountRead, "accounts.profile", GENERAL),
            handlers::account_info,
        )
        .get("/health", Access::public("server.live", ops::NEVER_REFUSED), ops::health)
}

fn agent_routes(routes: Routes) -> Routes {
    let to = |use_case| Access::to(MANAGER, Scope::AgentsManage, use_case, GENERAL);
    routes
        .get("/api/v1/agents", to("agents.list"), agents::list)
        .post("/api/v1/agents", to("agents.create"), agents::create)
        .get("/api/v1/agents/overview", to("agents.list"), agents::overview)
        .get(AGENT, to("agents.find"), agents::get)
        .put(AGENT, to("agents.update"), agents::update)
        .delete(AGENT, to("agents.delete"), agents::delete)
        .post("/api/v1/agents/{agent_id}/clone", to("agents.copy"), agents::copy)
        .post("/api/v1/agents/{agent_id}/archive", to("agents.archive"), agents::archive)
        .get("/api/v1/agents/{agent_id}/api-key", to("agents.find"), agents::api_key)
        .post("/api/v1/agents/{agent_id}/regenerate-key", to("agents.regenerate_key"), agents::regenerate_key)
        .get(RISK_PROFILE, to("agents.find"), agents::risk_profile)
        .put(RISK_PROFILE, to("agents.set_risk_profile"), agents::set_risk_profile)
        .get("/api/v1/agents/{agent_id}/skill.md", to("agents.find"), agents::skill)
        .post("/api/v1/agents/{agent_id}/reset", to("agents.reset"), agents::reset)
}

/// This dialect's words for what comes from no use case.
pub(super) fn fault(fault: Fault) -> HttpResponse {
    Error::Fault(fault).render()
}
