//! The admin API: what whoever runs the server does with accounts, keys and the audit trail of everybody.
//!
//! `/admin/v1`, at any host and outside the dialects. An admin key in `Authorization: Bearer` opens it, and nothing
//! else does: not an account's key, not a token, not a cookie. Refusals are problem details (RFC 9457).

mod accounts;
mod api;
mod audit;
mod authority;
mod diagnostics;
mod error;
mod keys;
mod page;
mod signing_keys;
mod wire;

pub use api::AdminApi;
pub(crate) use authority::is_admin;
pub(crate) use error::unauthorized;

use crate::routes::{Access, Routes};

/// The routes of the admin API.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/admin/v1/accounts", Access::admin("accounts.list"), accounts::list)
        .delete("/admin/v1/accounts/{account_id}", Access::admin("accounts.erase"), accounts::erase)
        .post("/admin/v1/accounts/{account_id}/suspend", Access::admin("accounts.suspend"), accounts::suspend)
        .post("/admin/v1/accounts/{account_id}/resume", Access::admin("accounts.resume"), accounts::resume)
        .post("/admin/v1/accounts/{account_id}/archive", Access::admin("accounts.archive"), accounts::archive)
        .put("/admin/v1/accounts/{account_id}/plan", Access::admin("accounts.set_plan"), accounts::set_plan)
        .get("/admin/v1/keys", Access::admin("keys.list"), keys::list)
        .delete("/admin/v1/keys/{key_id}", Access::admin("keys.revoke"), keys::revoke)
        .post("/admin/v1/signing-keys/rotate", Access::admin("signing_keys.rotate"), signing_keys::rotate)
        .post("/admin/v1/signing-keys/replace", Access::admin("signing_keys.replace"), signing_keys::replace)
        .get("/admin/v1/audit", Access::admin("audit.list"), audit::list)
        .get("/admin/v1/diagnostics", Access::admin("server.diagnose"), diagnostics::diagnose)
}

/// Whether a path belongs to the admin API, whatever the host: its refusals are never a dialect's.
pub(crate) fn owns(path: &str) -> bool {
    path.strip_prefix("/admin/v1").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
