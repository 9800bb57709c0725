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
use keyward_domain::scope::Scope;

use self::error::Error;
pub(super) use self::openapi::{ABOUT, words};
pub(super) use self::routes::routes;
use crate::fault::Fault;

/// Where this dialect is mounted complete.
pub(super) const BASE_PATH: &str = "/trucore";

/// What the ids of keys, accounts and users begin with on the wire.
const KEY_ID: &str = "key_";
const TENANT_ID: &str = "cust_";
const USER_ID: &str = "usr_";

/// The scopes that this vendor knows.
const SCOPES: [Scope; 5] =
    [Scope::AtfProbe, Scope::AtfSimulate, Scope::AtfVerify, Scope::AtfExplain, Scope::AtfMcp];

/// This dialect's words for what comes from no use case.
pub(super) fn fault(fault: Fault) -> HttpResponse {
    Error::Fault(fault).render()
}
