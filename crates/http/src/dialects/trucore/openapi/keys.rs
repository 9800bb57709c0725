//! What the routes for keys say of themselves.

use serde_json::json;

use super::super::{error, wire};
use super::with_session;
use crate::openapi::Operation;

/// A route about one key.
fn about_key(id: &'static str, summary: &'static str) -> Operation {
    let example = "key_0199a1b2c3d47e5f8a6b7c8d9e0f1a2b";
    let schema = json!({"type": "string", "pattern": "^key_[0-9a-f]{32}$", "examples": [example]});
    let refused = [error::KEY_NOT_FOUND, error::EMAIL_NOT_VERIFIED];
    with_session(id, summary).path("key_id", "The key's id.", schema).refuses(refused)
}

pub(in super::super) fn create_key() -> Operation {
    with_session("create_key", "Create a key")
        .repeatable()
        .text("A key of the account. Its text is in this answer and in no other.")
        .optional_body::<wire::CreateKey>()
        .answer::<wire::IssuedKey<'_>>(201, "The key.")
        .refuses([
            error::KEY_LIMIT_REACHED,
            error::EMAIL_NOT_VERIFIED,
            error::SCOPE_NOT_HELD,
            error::REPEATED_OTHERWISE,
        ])
}

pub(in super::super) fn list_keys() -> Operation {
    with_session("list_keys", "List keys")
        .text("Newest first, at most 10000, revoked ones and those of the account's agents too.")
        .answer::<wire::Keys<'_>>(200, "The keys, without their texts.")
}

pub(in super::super) fn rotate_key() -> Operation {
    about_key("rotate_key", "Give a key a successor")
        .repeatable()
        .text(
            "The new key has the label, scopes, purpose and end of the old one, which is refused from the next request \
             on, or after `grace_seconds`. Its text is in this answer and in no other.",
        )
        .optional_body::<wire::RotateKey>()
        .answer::<wire::IssuedKey<'_>>(200, "The new key.")
        .refuses([error::KEY_NOT_ACTIVE, error::SCOPE_NOT_HELD, error::REPEATED_OTHERWISE])
}

pub(in super::super) fn revoke_key() -> Operation {
    about_key("revoke_key", "Revoke a key")
        .text("It is refused from the next request on, for good. May be repeated.")
        .body_ignored()
        .answer::<wire::Key<'_>>(200, "The key, revoked.")
}

pub(in super::super) fn whoami() -> Operation {
    Operation::new("whoami", "Ask what a key is")
        .answer::<wire::Whoami<'_>>(200, "The key that was shown.")
        .refuses([error::KEY_NEEDED])
}
