//! The routes of the admin API, each with who may call it and what it says of itself.

use super::{
    accounts, audit, backups, diagnostics, imports, keys, master_key, openapi, organizations, signing_keys,
};
use crate::routes::{Access, Routes};

const ORGANIZATIONS: &str = "/admin/v1/organizations";
const ACCOUNTS: &str = "/admin/v1/accounts";
const ACCOUNT: &str = "/admin/v1/accounts/{account_id}";
const SUSPEND: &str = "/admin/v1/accounts/{account_id}/suspend";
const RESUME: &str = "/admin/v1/accounts/{account_id}/resume";
const ARCHIVE: &str = "/admin/v1/accounts/{account_id}/archive";
const PLAN: &str = "/admin/v1/accounts/{account_id}/plan";
const ROTATE: &str = "/admin/v1/signing-keys/rotate";
const REPLACE: &str = "/admin/v1/signing-keys/replace";
const MASTER_KEY: &str = "/admin/v1/master-key";
const ROTATE_MASTER_KEY: &str = "/admin/v1/master-key/rotate";
const FINISH_MASTER_KEY: &str = "/admin/v1/master-key/finish";
const CANCEL_MASTER_KEY: &str = "/admin/v1/master-key/cancel";
const IMPORT_KEYS: &str = "/admin/v1/imports/keys";
const IMPORT_USERS: &str = "/admin/v1/imports/users";
const BACKUPS: &str = "/admin/v1/backups";
const DIAGNOSTICS: &str = "/admin/v1/diagnostics";

/// The routes of the admin API.
pub(crate) fn routes() -> Routes {
    let makes = Access::admin("accounts.register_organization");
    Routes::default()
        .post(ORGANIZATIONS, makes, openapi::create_organization, organizations::create)
        .get(ACCOUNTS, Access::admin("accounts.list"), openapi::accounts, accounts::list)
        .delete(ACCOUNT, Access::admin("accounts.erase"), openapi::erase, accounts::erase)
        .post(SUSPEND, Access::admin("accounts.suspend"), openapi::suspend, accounts::suspend)
        .post(RESUME, Access::admin("accounts.resume"), openapi::resume, accounts::resume)
        .post(ARCHIVE, Access::admin("accounts.archive"), openapi::archive, accounts::archive)
        .put(PLAN, Access::admin("accounts.set_plan"), openapi::set_plan, accounts::set_plan)
        .get("/admin/v1/keys", Access::admin("keys.list"), openapi::keys, keys::list)
        .delete("/admin/v1/keys/{key_id}", Access::admin("keys.revoke"), openapi::revoke, keys::revoke)
        .post(ROTATE, Access::admin("signing_keys.rotate"), openapi::rotate, signing_keys::rotate)
        .post(REPLACE, Access::admin("signing_keys.replace"), openapi::replace, signing_keys::replace)
        .get(MASTER_KEY, Access::admin("master_key.status"), openapi::master_key, master_key::status)
        .post(FINISH_MASTER_KEY, Access::admin("master_key.finish"), openapi::finish, master_key::finish)
        .post(
            ROTATE_MASTER_KEY,
            Access::admin("master_key.rotate"),
            openapi::rotate_master_key,
            master_key::rotate,
        )
        .post(CANCEL_MASTER_KEY, Access::admin("master_key.cancel"), openapi::cancel, master_key::cancel)
        .post(IMPORT_USERS, Access::admin("imports.users"), imports::import_users, imports::users)
        .post(IMPORT_KEYS, Access::admin("imports.keys"), imports::import_keys, imports::keys)
        .post(BACKUPS, Access::admin("backups.make"), openapi::backup, backups::make)
        .get("/admin/v1/audit", Access::admin("audit.list"), openapi::audit, audit::list)
        .get(DIAGNOSTICS, Access::admin("server.diagnose"), openapi::diagnostics, diagnostics::diagnose)
}
