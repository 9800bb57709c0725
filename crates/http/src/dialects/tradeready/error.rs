//! TradeReady's refusals: `{"error":{"code","message"}}`, with `details.field` where a member is to blame.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use keyward_domain::accounts::{PasswordError, RegisterAccountError};
use keyward_domain::agents::SelectAgentError;
use keyward_domain::keys::AuthenticateKeyError;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{AuthenticateTokenError, ExchangeKeyError, PasswordLoginError};

use super::wire::{Details, Failure, FailureBody};
use crate::extract::{AmbiguousCredentials, BodyError};
use crate::fault::Fault;
use crate::problem::RETRY_AFTER_SECONDS;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("{field} {why}")]
    Invalid { field: &'static str, why: String },
    #[error("registration is closed")]
    RegistrationClosed,
    #[error("no credential was shown")]
    NoCredential,
    #[error(transparent)]
    Ambiguous(#[from] AmbiguousCredentials),
    #[error("not an agent of this account")]
    AgentNotYours,
    #[error("the account is gone")]
    AccountGone,
    #[error(transparent)]
    Register(#[from] RegisterAccountError),
    #[error(transparent)]
    Exchange(#[from] ExchangeKeyError),
    #[error(transparent)]
    PasswordLogin(#[from] PasswordLoginError),
    #[error(transparent)]
    Key(#[from] AuthenticateKeyError),
    #[error(transparent)]
    Token(#[from] AuthenticateTokenError),
    #[error(transparent)]
    SelectAgent(#[from] SelectAgentError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0:?}")]
    Fault(Fault),
}

/// The vendor's codes, each with its status and text. Clients branch on the code.
#[derive(Clone, Copy)]
struct Refusal(StatusCode, &'static str, &'static str);

const INVALID_API_KEY: Refusal =
    Refusal(StatusCode::UNAUTHORIZED, "INVALID_API_KEY", "API key not found or invalid.");
const NO_CREDENTIAL: Refusal =
    Refusal(StatusCode::UNAUTHORIZED, "INVALID_API_KEY", "Authentication credentials are required.");
const WRONG_SECRET: Refusal = Refusal(StatusCode::UNAUTHORIZED, "INVALID_TOKEN", "API secret is invalid.");
const WRONG_PASSWORD: Refusal =
    Refusal(StatusCode::UNAUTHORIZED, "INVALID_TOKEN", "Invalid email or password.");
const INVALID_TOKEN: Refusal = Refusal(StatusCode::UNAUTHORIZED, "INVALID_TOKEN", "JWT token is invalid.");
const SUSPENDED: Refusal = Refusal(StatusCode::FORBIDDEN, "ACCOUNT_SUSPENDED", "Account is suspended.");
const ACCOUNT_NOT_FOUND: Refusal =
    Refusal(StatusCode::NOT_FOUND, "ACCOUNT_NOT_FOUND", "No account owns the provided API key.");
const DUPLICATE: Refusal =
    Refusal(StatusCode::CONFLICT, "DUPLICATE_ACCOUNT", "An account with this email already exists.");
const CLOSED: Refusal = Refusal(StatusCode::FORBIDDEN, "PERMISSION_DENIED", "Registration is closed.");
const AGENT_NOT_YOURS: Refusal =
    Refusal(StatusCode::FORBIDDEN, "PERMISSION_DENIED", "Agent does not belong to this account.");
const VALIDATION: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
const TOO_LARGE: Refusal =
    Refusal(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "The request body is larger than 64 KiB.");
const UNAVAILABLE: Refusal = Refusal(
    StatusCode::SERVICE_UNAVAILABLE,
    "SERVICE_UNAVAILABLE",
    "The service is temporarily unavailable. Please retry.",
);
const INTERNAL: Refusal =
    Refusal(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "An unexpected error occurred.");
const NOT_FOUND: Refusal = Refusal(StatusCode::NOT_FOUND, "NOT_FOUND", "Not Found");
const METHOD_NOT_ALLOWED: Refusal =
    Refusal(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Method Not Allowed");

impl Error {
    pub(super) fn invalid(field: &'static str, why: impl fmt::Display) -> Self {
        Self::Invalid { field, why: why.to_string() }
    }

    pub(super) fn render(&self) -> HttpResponse {
        match self {
            Self::Body(error @ (BodyError::Missing(field) | BodyError::WrongType(field))) => {
                validation(Some(field), &error.to_string())
            }
            Self::Invalid { field, why } => validation(Some(field), &format!("{field} {why}")),
            Self::Body(error @ (BodyError::Incomplete | BodyError::NotJson | BodyError::Malformed)) => {
                validation(None, &error.to_string())
            }
            Self::Body(BodyError::TooLarge)
            | Self::RegistrationClosed
            | Self::NoCredential
            | Self::Ambiguous(_)
            | Self::AgentNotYours
            | Self::AccountGone
            | Self::Register(_)
            | Self::Exchange(_)
            | Self::PasswordLogin(_)
            | Self::Key(_)
            | Self::Token(_)
            | Self::SelectAgent(_)
            | Self::Store(_)
            | Self::Fault(_) => refuse(self.refusal()),
        }
    }

    fn refusal(&self) -> Refusal {
        match self {
            Self::Body(BodyError::TooLarge) => TOO_LARGE,
            Self::Body(_) | Self::Invalid { .. } => Refusal(VALIDATION, "VALIDATION_ERROR", ""),
            Self::RegistrationClosed => CLOSED,
            Self::NoCredential => NO_CREDENTIAL,
            Self::Ambiguous(_) | Self::AccountGone => INVALID_API_KEY,
            Self::AgentNotYours => AGENT_NOT_YOURS,
            Self::Register(error) => register(error),
            Self::Exchange(error) => exchange(error),
            Self::PasswordLogin(error) => password_login(error),
            Self::Key(error) => key(error),
            Self::Token(error) => token(error),
            Self::SelectAgent(SelectAgentError::NotYours) => AGENT_NOT_YOURS,
            Self::SelectAgent(SelectAgentError::Store(error)) | Self::Store(error) => store(error),
            Self::Fault(Fault::NotFound) => NOT_FOUND,
            Self::Fault(Fault::MethodNotAllowed) => METHOD_NOT_ALLOWED,
            Self::Fault(Fault::Internal) => INTERNAL,
        }
    }
}

fn register(error: &RegisterAccountError) -> Refusal {
    match error {
        RegisterAccountError::EmailTaken => DUPLICATE,
        RegisterAccountError::Password(error) => password(error),
        RegisterAccountError::Store(error) => store(error),
    }
}

fn exchange(error: &ExchangeKeyError) -> Refusal {
    match error {
        ExchangeKeyError::UnknownKey => INVALID_API_KEY,
        ExchangeKeyError::KeyCannotLogIn => ACCOUNT_NOT_FOUND,
        ExchangeKeyError::WrongSecret => WRONG_SECRET,
        ExchangeKeyError::Account(_) => SUSPENDED,
        ExchangeKeyError::Signing(_) => INTERNAL,
        ExchangeKeyError::Store(error) => store(error),
    }
}

fn password_login(error: &PasswordLoginError) -> Refusal {
    match error {
        PasswordLoginError::Mismatch => WRONG_PASSWORD,
        PasswordLoginError::Account(_) => SUSPENDED,
        PasswordLoginError::Password(error) => password(error),
        PasswordLoginError::Signing(_) => INTERNAL,
        PasswordLoginError::Store(error) => store(error),
    }
}

fn key(error: &AuthenticateKeyError) -> Refusal {
    match error {
        AuthenticateKeyError::UnknownKey
        | AuthenticateKeyError::KeyRevoked
        | AuthenticateKeyError::AgentArchived => INVALID_API_KEY,
        AuthenticateKeyError::Account(_) => SUSPENDED,
        AuthenticateKeyError::Store(error) => store(error),
    }
}

fn token(error: &AuthenticateTokenError) -> Refusal {
    match error {
        AuthenticateTokenError::Rejected(_)
        | AuthenticateTokenError::Revoked
        | AuthenticateTokenError::UnknownAccount => INVALID_TOKEN,
        AuthenticateTokenError::AccountSuspended => SUSPENDED,
        AuthenticateTokenError::Store(error) => store(error),
    }
}

fn password(error: &PasswordError) -> Refusal {
    match error {
        PasswordError::Busy => UNAVAILABLE,
        PasswordError::Unreadable(_) => INTERNAL,
    }
}

fn store(error: &StoreError) -> Refusal {
    match error {
        StoreError::Busy | StoreError::Unavailable(_) => UNAVAILABLE,
        StoreError::Corrupt(_) => INTERNAL,
    }
}

fn refuse(Refusal(status, code, message): Refusal) -> HttpResponse {
    let mut builder = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        builder.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS));
    }
    builder.json(Failure { error: FailureBody { code, message, details: None } })
}

fn validation(field: Option<&str>, message: &str) -> HttpResponse {
    let details = field.map(|field| Details { field });
    let error = FailureBody { code: "VALIDATION_ERROR", message, details };
    HttpResponse::build(VALIDATION).json(Failure { error })
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.refusal().0
    }

    fn error_response(&self) -> HttpResponse {
        self.render()
    }
}
