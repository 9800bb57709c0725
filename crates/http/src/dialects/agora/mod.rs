//! Agora: an organization's key, exchanged for tokens of a quarter of an hour that open everything else; and public
//! figures of a token's supply.
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
pub(super) const BASE_PATH: &str = "/agora";

/// What a cursor of the list of accounts is sealed for.
const ACCOUNTS_LIST: &[u8] = b"keyward-cursor-1 agora accounts";

/// How many accounts a page has at most, and where the request does not say.
const MOST_LISTED: u16 = 200;
const LISTED: u16 = 50;

/// This dialect's words for what comes from no use case.
pub(super) fn fault(fault: Fault) -> HttpResponse {
    Error::Fault(fault).render()
}
