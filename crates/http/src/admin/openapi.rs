//! What the admin API's routes say of themselves.

use serde_json::{Value, json};
use utoipa::ToSchema;

use super::page::MOST;
use super::{error, wire};
use crate::openapi::{Operation, Refused, Shape, Words, problems};

/// What the admin API is for.
pub(crate) const ABOUT: &str = "For whoever runs the server: accounts, keys, signing keys and the audit trail of \
    everybody. Refusals are problem details (RFC 9457).";

/// How it refuses.
pub(crate) fn words() -> Words {
    problems(Refused::problem(401, "An admin key is needed."))
}

fn no_account() -> Refused {
    Refused::problem(404, "There is no such account.")
}

fn archived() -> Refused {
    Refused::problem(409, "The account is archived, for good.")
}

fn unreadable() -> Refused {
    Refused::problem(422, "limit must be 1 to 200")
}

/// A parameter without a value counts as absent.
fn or_empty(schema: Value) -> Value {
    json!({"anyOf": [schema, {"const": ""}]})
}

/// A list in pages of these rows.
fn paged<R: ToSchema>(id: &'static str, summary: &'static str) -> Operation {
    let rows = Shape::unnamed::<wire::Page<R>>().made_of::<R>();
    let limit = json!({"type": "integer", "minimum": 1, "maximum": MOST, "default": 50});
    Operation::new(id, summary)
        .text("Newest first. Rows that come while you turn pages neither repeat nor hide others.")
        .query("limit", "How many rows a page has. The default is a setting.", or_empty(limit))
        .query("cursor", "The `next_cursor` of the page before.", json!({"type": "string"}))
        .content(200, "A page.", "application/json", rows)
        .refuses([unreadable()])
}

fn of_account(operation: Operation) -> Operation {
    let id = json!({"type": "string", "format": "uuid"});
    operation.query("account", "Only what is this account's.", or_empty(id))
}

pub(super) fn create_organization() -> Operation {
    Operation::new("create_organization", "Make an organization")
        .repeatable()
        .text("An account without an address, and a key of the whole of it. The key's text is in this answer and in no other.")
        .body::<wire::CreateOrganization>()
        .answer::<wire::Organization<'_>>(201, "The organization's id and its key.")
}

pub(super) fn accounts() -> Operation {
    // No `format`: some readers of schemas hold it against the empty text too.
    let address = json!({"type": "string", "pattern": "^$|@"});
    paged::<wire::AccountRow>("list_accounts", "List accounts").query(
        "email",
        "Only accounts with this address, archived ones too.",
        address,
    )
}

fn about_account(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, summary)
        .answer::<wire::AccountRow>(200, "The account as it is now.")
        .refuses([no_account()])
}

pub(super) fn suspend() -> Operation {
    about_account("suspend_account", "Suspend an account")
        .text("Its credentials are refused from the next request on, and are good again after it is resumed.")
        .body_ignored()
        .refuses([archived()])
}

pub(super) fn resume() -> Operation {
    about_account("resume_account", "Resume a suspended account").body_ignored().refuses([archived()])
}

pub(super) fn archive() -> Operation {
    about_account("archive_account", "Archive an account")
        .text("For good: its credentials are refused from the next request on. Its address is free again.")
        .body_ignored()
}

pub(super) fn set_plan() -> Operation {
    about_account("set_plan", "Put an account on a plan").body::<wire::SetPlan>()
}

pub(super) fn erase() -> Operation {
    Operation::new("erase_account", "Erase an account")
        .text(
            "Account, agents, keys and password are deleted, whatever the status. Ids stay in the audit trail.",
        )
        .empty(204, "It is gone.")
        .refuses([no_account()])
}

pub(super) fn keys() -> Operation {
    of_account(paged::<wire::KeyRow>("list_keys", "List API keys, without secrets"))
}

pub(super) fn revoke() -> Operation {
    Operation::new("revoke_key", "Revoke an API key")
        .text("Whoever owns it. The key and every token from it are refused from the next request on.")
        .empty(204, "It is revoked. May be repeated.")
        .refuses([Refused::problem(404, "There is no such key.")])
}

pub(super) fn rotate() -> Operation {
    Operation::new("rotate_signing_keys", "Make the next signing keys")
        .text("They are published now and sign later, by themselves. Tokens so far stay good.")
        .optional_body::<wire::OfDialect>()
        .answer::<wire::SigningKeys>(200, "The next keys. May be repeated.")
}

pub(super) fn replace() -> Operation {
    Operation::new("replace_signing_keys", "Replace the signing keys, after a theft")
        .text("The new keys sign from now on. All others are deleted, and every token so far is refused.")
        .optional_body::<wire::OfDialect>()
        .answer::<wire::SigningKeys>(200, "The new keys.")
}

pub(super) fn master_key() -> Operation {
    Operation::new("master_key", "See which master keys open the database")
        .text("One, or two while a rotation is under way. A key has the name of its fingerprint's beginning.")
        .answer::<wire::MasterKeys>(200, "The keys, the superseded one first.")
        .refuses([unusable_key_file()])
}

fn change_of_master_key(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, summary)
        .body_ignored()
        .answer::<wire::MasterKeys>(200, "The keys as they stand now.")
        .refuses([
            Refused::problem(409, "A rotation of the master key is under way."),
            Refused::problem(409, "This server runs by a master key that is retired."),
        ])
}

fn unusable_key_file() -> Refused {
    Refused::problem(409, "keyward-data/master.key.next does not hold 32 bytes.")
}

pub(super) fn rotate_master_key() -> Operation {
    change_of_master_key("rotate_master_key", "Make a new master key")
        .text(
            "The server writes it to a file and never shows it. Where it keeps its key itself it goes over to it at \
             once; else start every server with that file, then finish. Nothing that derives from the root changes.",
        )
        .refuses([unusable_key_file()])
}

pub(super) fn finish() -> Operation {
    change_of_master_key("finish_master_key_rotation", "Drop the old master key")
        .text("Once this server runs by the new one. May be repeated.")
        .refuses([Refused::problem(409, "This server still runs by the old master key.")])
}

pub(super) fn cancel() -> Operation {
    change_of_master_key("cancel_master_key_rotation", "Drop the new master key")
        .text("While this server runs by the old one. May be repeated.")
        .refuses([Refused::problem(409, "This server runs by the new master key already.")])
}

pub(super) fn audit() -> Operation {
    of_account(paged::<wire::AuditRow>("list_audit_events", "Read the audit trail"))
}

pub(super) fn backup() -> Operation {
    let file = Shape::by_hand(json!({"type": "string", "format": "binary"}));
    Operation::new("make_backup", "Copy the whole database, while it serves")
        .text(
            "For SQLite. All that was acknowledged before is in the copy. The answer is the database's file, and behind \
             it one line with the SHA-256 of what comes before: without that line it is not whole. It is what \
             `keyward backup` writes and `keyward restore` takes. The master key is not in it.",
        )
        .body_ignored()
        .content(200, "The backup's file.", "application/octet-stream", file)
        .refuses([
            Refused::problem(409, error::BACKUP_UNDER_WAY),
            Refused::problem(409, error::BACKED_UP_BY_ITS_OWN_TOOLS),
        ])
}

pub(super) fn diagnostics() -> Operation {
    Operation::new("diagnose", "Look at everything that the server depends on")
        .text("What `keyward doctor` prints.")
        .answer::<wire::Checks>(200, "The checks, also when one fails.")
}
