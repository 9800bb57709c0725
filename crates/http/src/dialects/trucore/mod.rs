//! TruCore: accounts that sign up with an address and a password, tokens of a day that manage keys, keys for programs.
//! Source: the vendor's "Authentication" page; `docs/api-design.md` lists what is served.

mod error;
mod from_wire;
mod handlers;
mod openapi;
mod routes;
mod to_wire;
mod wire;

use actix_web::HttpResponse;

use self::error::Error;
pub(super) use self::openapi::{ABOUT, words};
pub(super) use self::routes::routes;
use crate::fault::Fault;

/// Where this dialect is mounted complete.
pub(super) const BASE_PATH: &str = "/trucore";

/// This dialect's words for what comes from no use case.
pub(super) fn fault(fault: Fault) -> HttpResponse {
    Error::Fault(fault).render()
}
