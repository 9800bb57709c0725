//! What TruCore's routes say of themselves.

mod keys;

use actix_web::http::StatusCode;
use serde_json::json;

pub(super) use self::keys::*;
use super::error::{self, Refusal};
use super::wire;
use crate::openapi::{Described, Operation, Refused, Shape, Words};

/// What this dialect is for.
pub(crate) const ABOUT: &str = "TruCore: accounts that sign up with an address and a password, tokens of a day that manage \
    keys, keys for programs. Errors are `{\"error\": {\"code\", \"message\"}, \"detail\": {\"error\": …}}`, twice the same.";

/// How it refuses.
pub(crate) fn words() -> Words {
    Words {
        media_type: "application/json",
        shape: Shape::of::<wire::Failure<'_>>(),
        narrowed: |_, codes| {
            let error = json!({"properties": {"code": {"enum": codes}}});
            json!({"properties": {"error": error, "detail": {"properties": {"error": error}}}})
        },
        example: |refused| {
            let code = refused.code.unwrap_or_default();
            let retry_after_seconds = (refused.status == 429).then_some(12);
            let error = wire::FailureBody { code, message: &refused.message, retry_after_seconds };
            serde_json::to_value(wire::Failure::from(error)).unwrap_or_default()
        },
        always: vec![
            Refused::new(429, "rate_limit_exceeded", "Too many requests."),
            error::INTERNAL.into(),
            error::UNAVAILABLE.into(),
        ],
        with_body: vec![error::TOO_LARGE.into(), invalid("the body is not a valid JSON object")],
        with_credential: vec![
            error::NO_CREDENTIAL.into(),
            error::INVALID_API_KEY.into(),
            error::KEY_OF_ARCHIVED_AGENT.into(),
            error::INVALID_TOKEN.into(),
            error::CONTRADICTION.into(),
            error::SUSPENDED.into(),
            error::ARCHIVED.into(),
            error::AGENT_NOT_YOURS.into(),
        ],
    }
}

impl From<Refusal<'static>> for Refused {
    fn from(refusal: Refusal<'static>) -> Self {
        Self::new(refusal.status.as_u16(), refusal.code, &refusal.message)
    }
}

fn invalid(example: &str) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST.as_u16(), "invalid_request", example)
}

/// A route for whoever shows a token of the whole account.
fn with_session(id: &'static str, summary: &'static str) -> Operation {
    let refused = [error::TOKEN_NEEDED, error::SCOPE_MISSING, error::AGENTS_DO_NOT_MANAGE];
    Operation::new(id, summary).refuses(refused)
}

pub(super) fn signup() -> Operation {
    Operation::new("signup", "Sign up")
        .repeatable()
        .text("Makes the account and its first key, and logs in. The key is in this answer and in no other.")
        .body::<wire::Signup>()
        .answer::<wire::SignedUp<'_>>(201, "The account's id, its key and a token.")
        .refuses([
            error::EMAIL_TAKEN,
            error::EMAIL_DISPOSABLE,
            error::APPROVAL_NEEDED,
            error::CLOSED,
            error::REPEATED_OTHERWISE,
        ])
}

pub(super) fn login() -> Operation {
    Operation::new("login", "Log in with an e-mail address and a password")
        .text("An unknown address and a wrong password get the same answer.")
        .body::<wire::Login>()
        .answer::<wire::LoggedIn<'_>>(200, "A token.")
        .refuses([error::WRONG_PASSWORD, error::SUSPENDED, error::ARCHIVED])
}

pub(super) fn dashboard() -> Operation {
    with_session("dashboard", "Look at the account")
        .text("With its keys, at most the newest 10000. Keyward counts no receipts.")
        .answer::<wire::Dashboard<'_>>(200, "The account.")
}

pub(super) fn health() -> Operation {
    Operation::new("health", "Ask whether the process runs").answer::<wire::Health>(200, "It does.")
}

pub(super) fn request_verification() -> Operation {
    with_session("request_verification", "Ask for another link that verifies the account's address")
        .text("The answer is the same where there is nothing to verify. A newer link ends the older one.")
        .body_ignored()
        .answer::<wire::Status>(200, "If the address is not verified yet, a mail is on its way.")
}

pub(super) fn confirm_verification() -> Operation {
    Operation::new("confirm_verification", "Show that an e-mail address is yours")
        .text("With the token of a mailed link, once. Whose it is, the answer does not say.")
        .body::<wire::MailedToken>()
        .answer::<wire::Status>(200, "The address is verified.")
        .refuses([error::VERIFICATION_TOKEN_INVALID, error::VERIFICATION_TOKEN_EXPIRED])
}

pub(super) fn verification() -> Operation {
    with_session("verification", "Look whether the account's address is verified")
        .answer::<wire::Verification<'_>>(200, "The address, and how it stands.")
}

/// What is said of one spelling of the routes that reset a password.
#[derive(Clone, Copy)]
pub(super) struct Reset {
    pub(super) request: Described,
    pub(super) confirm: Described,
    pub(super) validate: Described,
}

pub(super) const RESET_PASSWORD: Reset = Reset {
    request: || request_reset("request_reset_password"),
    confirm: || confirm_reset("confirm_reset_password"),
    validate: || validate_reset("validate_reset_password"),
};

pub(super) const PASSWORD_RESET: Reset = Reset {
    request: || request_reset("request_password_reset"),
    confirm: || confirm_reset("confirm_password_reset"),
    validate: || validate_reset("validate_password_reset"),
};

fn request_reset(id: &'static str) -> Operation {
    Operation::new(id, "Ask for a link that resets a password")
        .text("The answer is the same whether or not there is such an account.")
        .body::<wire::RequestReset>()
        .answer::<wire::Status>(200, "If there is such an account, a mail is on its way.")
}

fn confirm_reset(id: &'static str) -> Operation {
    Operation::new(id, "Choose another password")
        .text(
            "With the token of a mailed link, once. All access tokens of the account end; if its address was never \
             verified, its keys end too.",
        )
        .body::<wire::ConfirmReset>()
        .answer::<wire::Status>(200, "The password is another one.")
        .refuses([error::RESET_TOKEN_INVALID, error::RESET_TOKEN_EXPIRED])
}

fn validate_reset(id: &'static str) -> Operation {
    Operation::new(id, "Look whether a link that resets a password can be followed")
        .text("It is not used up by this.")
        .body::<wire::MailedToken>()
        .answer::<wire::Validity>(200, "Whether it can, and why not.")
}
