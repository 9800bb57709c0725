//! What TradeReady's routes say of themselves.

mod agents;

use actix_web::http::StatusCode;
use serde_json::json;

pub(super) use self::agents::*;
use super::error::{self, Refusal};
use super::wire;
use crate::openapi::{Operation, Refused, Shape, Words};

/// What this dialect is for.
pub(crate) const ABOUT: &str = "TradeReady: accounts that register with one call, keys with a second secret, tokens of \
    one hour. Errors are `{\"error\": {\"code\", \"message\"}}`.";

/// How it refuses.
pub(crate) fn words() -> Words {
    Words {
        media_type: "application/json",
        shape: Shape::of::<wire::Failure<'_>>(),
        narrowed: |_, codes| json!({"properties": {"error": {"properties": {"code": {"enum": codes}}}}}),
        example: |refused| {
            let code = refused.code.unwrap_or_default();
            let error = wire::FailureBody { code, message: &refused.message, details: None };
            serde_json::to_value(wire::Failure { error }).unwrap_or_default()
        },
        always: vec![
            Refused::new(429, "RATE_LIMIT_EXCEEDED", "Too many requests."),
            error::INTERNAL.into(),
            error::UNAVAILABLE.into(),
        ],
        with_body: vec![error::TOO_LARGE.into(), invalid("the body is not a valid JSON object")],
        with_credential: vec![
            error::NO_CREDENTIAL.into(),
            error::INVALID_API_KEY.into(),
            error::KEY_OF_ARCHIVED_AGENT.into(),
            error::INVALID_TOKEN.into(),
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
    Refused::new(StatusCode::UNPROCESSABLE_ENTITY.as_u16(), "VALIDATION_ERROR", example)
}

/// `X-Agent-Id`, where it chooses something.
fn for_agent(operation: Operation) -> Operation {
    let text =
        "Limits the request to this agent of the account. With an agent's own credential it is ignored.";
    operation.header("X-Agent-Id", text, json!({"type": "string"}))
}

pub(super) fn register() -> Operation {
    Operation::new("register", "Register an account")
        .repeatable()
        .text(
            "Makes the account, its key and its first agent. The secrets are in this answer and in no other.",
        )
        .body::<wire::Register>()
        .answer::<wire::Registered<'_>>(201, "The account, its key and its first agent.")
        .refuses([error::DUPLICATE, error::APPROVAL_NEEDED, error::CLOSED])
}

pub(super) fn login() -> Operation {
    Operation::new("login", "Exchange a key and its secret for a token")
        .body::<wire::Login>()
        .answer::<wire::Token<'_>>(200, "A token.")
        .refuses([
            error::INVALID_API_KEY,
            error::KEY_OF_ARCHIVED_AGENT,
            error::WRONG_SECRET,
            error::SUSPENDED,
            error::ARCHIVED,
            error::ACCOUNT_NOT_FOUND,
        ])
}

pub(super) fn user_login() -> Operation {
    Operation::new("user_login", "Log in with an e-mail address and a password")
        .text("An unknown address and a wrong password get the same answer.")
        .body::<wire::UserLogin>()
        .answer::<wire::Token<'_>>(200, "A token.")
        .refuses([error::WRONG_PASSWORD, error::SUSPENDED, error::ARCHIVED])
}

pub(super) fn forgot_password() -> Operation {
    Operation::new("forgot_password", "Ask for a link that resets a password")
        .text("The answer is the same whether or not there is such an account. The link is good for an hour.")
        .body::<wire::ForgotPassword>()
        .answer::<wire::Message>(200, "If there is such an account, a mail is on its way.")
}

pub(super) fn reset_password() -> Operation {
    Operation::new("reset_password", "Choose another password")
        .text(
            "With the token of a mailed link, once. All access tokens of the account end; if its address was never \
             verified, its keys end too.",
        )
        .body::<wire::ResetPassword>()
        .answer::<wire::Message>(200, "The password is another one.")
}

pub(super) fn verify_email() -> Operation {
    Operation::new("verify_email", "Show that an e-mail address is yours")
        .text("With the token of a mailed link, once.")
        .body::<wire::VerifyEmail>()
        .answer::<wire::Message>(200, "The address is verified.")
}

pub(super) fn account_info() -> Operation {
    for_agent(Operation::new("account_info", "Look at the account"))
        .text("`X-API-Key` decides; a token beside it is not looked at.")
        .answer::<wire::AccountInfo<'_>>(200, "The account, with a preview of its key.")
}
