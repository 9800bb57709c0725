//! What the routes of imports say of themselves.

use super::wire;
use crate::admin::error::FOREIGN_KEYS_REFUSED;
use crate::openapi::{Operation, Refused};

fn import(id: &'static str, summary: &'static str) -> Operation {
    Operation::new(id, summary)
        .answer::<wire::Report>(200, "What came of each line. A line that is refused stops no other.")
}

pub(in crate::admin) fn import_users() -> Operation {
    import("import_users", "Take over users of another system")
        .text(
            "Each of `users` is an object: `email`, and if known `password_hash` (bcrypt `$2a$`, `$2b$` and `$2y$` of cost 4 \
             to 13, or argon2 as PHC text of at most m=65536, t=4, p=4), `display_name`, `email_verified`, `plan`, \
             `created_at` (RFC 3339). Users whose address is in use are counted as present and left as they are, so a \
             batch may be sent again. All of a batch is one transaction, of at most 1,000 lines. They come without keys.",
        )
        .body::<wire::ImportUsers>()
        .refuses([Refused::problem(422, "users has more than 1000 lines")])
}

pub(in crate::admin) fn import_keys() -> Operation {
    import("import_keys", "Take over API keys of another system")
        .text(
            "Each of `keys` is an object: `hash`, the SHA-256 of the key's text in hex or base64 (with `+/` or `-_`, padding or \
             none; or `{\"value\": …, \"variant\": \"sha256_base64\"}`), `account`, an account's id, or `email`, its \
             address, and if known `name`, `scopes`, `expires_at` (RFC 3339), `enabled`. Keys that are here already are \
             counted as present and left as they are, so a batch may be sent again. All of a batch is one transaction, of \
             at most 1,000 lines.",
        )
        .body::<wire::ImportKeys>()
        .refuses([Refused::problem(409, FOREIGN_KEYS_REFUSED), Refused::problem(422, "keys has more than 1000 lines")])
}
