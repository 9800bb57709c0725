//! The admin API: what whoever runs the server does with accounts, keys and the audit trail of everybody.
//!
//! `/admin/v1`, at any host and outside the dialects. An admin key in `Authorization: Bearer` opens it, and nothing
//! else does: not an account's key, not a token, not a cookie. Refusals are problem details (RFC 9457).

mod accounts;
mod api;
mod audit;
mod authority;
mod backups;
mod diagnostics;
mod error;
mod imports;
mod keys;
mod master_key;
mod openapi;
mod organizations;
mod page;
mod routes;
mod signing_keys;
mod wire;

pub use api::AdminApi;
pub(crate) use authority::is_admin;
pub(crate) use error::unauthorized;
pub(crate) use openapi::{ABOUT, words};
pub(crate) use routes::routes;

/// What the surface is called.
pub(crate) const NAME: &str = "admin";

/// Whether a path belongs to the admin API, whatever the host: its refusals are never a dialect's.
pub(crate) fn owns(path: &str) -> bool {
    path.strip_prefix("/admin/v1").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
