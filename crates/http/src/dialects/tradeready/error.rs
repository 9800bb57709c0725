//! TradeReady's refusals: `{"error":{"code","message"}}`, with `details.field` where a member is to blame,
//! and `details.limit` and its like where there is no room.

mod refusals;

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use keyward_domain::accounts::{AccountInactive, PasswordError, RegisterAccountError};
use keyward_domain::agents::{ManageAgentError, SelectAgentError};
use keyward_domain::authentication::AuthenticationError;
use keyward_domain::idempotency::{IdempotencyError, InvalidIdempotencyKey};
use keyward_domain::keys::AuthenticateKeyError;
use keyward_domain::limits::Limited;
use keyward_domain::scope::MissingScope;
use keyward_domain::single_use::{ResetPasswordError, SingleUseTokenRefused, VerifyAddressError};
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{AuthenticateTokenError, ExchangeKeyError, PasswordLoginError};

pub(super) use self::refusals::*;
use super::wire::{Details, Failure, FailureBody};
use crate::extract::BodyError;
use crate::fault::Fault;
use crate::limits;
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
    #[error("registration needs an approval")]
    ApprovalNeeded,
    #[error("no credential was shown")]
    NoCredential,
    #[error("a token is needed beside or in place of the key")]
    TokenNeeded,
    #[error("the key and the token do not belong together")]
    Contradiction,
    #[error("keys are shown once")]
    KeyNotRecoverable,
    #[error("the account is gone")]
    AccountGone,
    #[error(transparent)]
    Register(#[from] RegisterAccountError),
    #[error(transparent)]
    Exchange(#[from] ExchangeKeyError),
    #[error(transparent)]
    PasswordLogin(#[from] PasswordLoginError),
    #[error(transparent)]
    Authentication(#[from] AuthenticationError),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    MissingScope(#[from] MissingScope),
    #[error(transparent)]
    InvalidIdempotencyKey(#[from] InvalidIdempotencyKey),
    #[error(transparent)]
    ResetPassword(#[from] ResetPasswordError),
    #[error(transparent)]
    VerifyAddress(#[from] VerifyAddressError),
    #[error(transparent)]
    Key(#[from] AuthenticateKeyError),
    #[error(transparent)]
    Token(#[from] AuthenticateTokenError),
    #[error(transparent)]
    SelectAgent(#[from] SelectAgentError),
    #[error(transparent)]
    Agents(#[from] ManageAgentError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0:?}")]
    Fault(Fault),
}

/// What a caller is told. Clients branch on the code.
pub(super) struct Refusal<'a> {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: Cow<'a, str>,
    /// The member of the body that is to blame.
    field: Option<&'a str>,
    /// What there is no room for.
    limited: Option<Limited>,
}

impl Refusal<'static> {
    const fn of(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message: Cow::Borrowed(message), field: None, limited: None }
    }
}

impl Error {
    pub(super) fn invalid(field: &'static str, why: impl fmt::Display) -> Self {
        Self::Invalid { field, why: why.to_string() }
    }

    pub(super) fn render(&self) -> HttpResponse {
        let Refusal { status, code, message, field, limited } = self.refusal();
        let mut builder = HttpResponse::build(status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            builder.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS));
        }
        let details = match (field, &limited) {
            (Some(field), _) => Some(Details::Field { field }),
            (None, Some(limited)) => Some(Details::Limit {
                limit: limited.standing.limit,
                window_seconds: limited.window.as_secs(),
                retry_after_seconds: limits::retry_after_seconds(limited),
            }),
            (None, None) => None,
        };
        let mut response = builder.json(Failure { error: FailureBody { code, message: &message, details } });
        if let Some(limited) = &limited {
            limits::refuse(response.headers_mut(), limited);
        }
        response
    }

    fn refusal(&self) -> Refusal<'_> {
        match self {
            Self::Body(error) => body(error),
            Self::Invalid { field, .. } => validation(Some(field), self.to_string()),
            Self::RegistrationClosed => CLOSED,
            Self::ApprovalNeeded => APPROVAL_NEEDED,
            Self::NoCredential => NO_CREDENTIAL,
            Self::TokenNeeded => TOKEN_NEEDED,
            Self::Contradiction => CONTRADICTION,
            Self::KeyNotRecoverable => KEY_NOT_RECOVERABLE,
            Self::AccountGone => INVALID_API_KEY,
            Self::Register(error) => register(error),
            Self::Exchange(error) => exchange(error),
            Self::PasswordLogin(error) => password_login(error),
            Self::Authentication(error) => authentication(error),
            Self::MissingScope(_) => SCOPE_MISSING,
            Self::InvalidIdempotencyKey(why) => validation(None, format!("Idempotency-Key {why}")),
            Self::Limited(limited) | Self::Fault(Fault::Limited(limited)) => too_many(*limited),
            Self::ResetPassword(error) => reset_password(error),
            Self::VerifyAddress(error) => verify_address(error),
            Self::Key(error) => key(error),
            Self::Token(error) => token(error),
            Self::Agents(error) => agents(error),
            Self::SelectAgent(SelectAgentError::NotYours) => AGENT_NOT_YOURS,
            Self::SelectAgent(SelectAgentError::Store(error)) | Self::Store(error) => store(error),
            Self::Fault(Fault::NotFound) => NOT_FOUND,
            Self::Fault(Fault::MethodNotAllowed) => METHOD_NOT_ALLOWED,
            Self::Fault(Fault::Internal) => INTERNAL,
            Self::Fault(Fault::Unavailable) => UNAVAILABLE,
        }
    }
}

fn body(error: &BodyError) -> Refusal<'_> {
    match error {
        BodyError::TooLarge => TOO_LARGE,
        BodyError::Incomplete | BodyError::NotJson | BodyError::Malformed => {
            validation(None, error.to_string())
        }
        BodyError::Missing(field) | BodyError::Repeated(field) | BodyError::WrongType(field) => {
            validation(Some(field), error.to_string())
        }
    }
}

fn validation(field: Option<&str>, message: String) -> Refusal<'_> {
    let message = Cow::Owned(message);
    Refusal {
        status: StatusCode::UNPROCESSABLE_ENTITY,
        code: "VALIDATION_ERROR",
        message,
        field,
        limited: None,
    }
}

fn register(error: &RegisterAccountError) -> Refusal<'static> {
    match error {
        RegisterAccountError::EmailTaken => DUPLICATE,
        RegisterAccountError::DisposableEmail => validation(Some("email"), error.to_string()),
        RegisterAccountError::Password(error) => password(error),
        RegisterAccountError::Signing(_) => INTERNAL,
        RegisterAccountError::Idempotency(error) => idempotency(error),
        RegisterAccountError::Store(error) => store(error),
    }
}

fn idempotency(error: &IdempotencyError) -> Refusal<'static> {
    match error {
        IdempotencyError::OtherBody | IdempotencyError::Guessable => validation(None, error.to_string()),
        IdempotencyError::Store(error) => store(error),
    }
}

fn exchange(error: &ExchangeKeyError) -> Refusal<'static> {
    match error {
        ExchangeKeyError::UnknownKey => INVALID_API_KEY,
        ExchangeKeyError::KeyCannotLogIn => ACCOUNT_NOT_FOUND,
        ExchangeKeyError::WrongSecret => WRONG_SECRET,
        ExchangeKeyError::Account(why) => inactive(*why),
        ExchangeKeyError::Signing(_) => INTERNAL,
        ExchangeKeyError::Store(error) => store(error),
    }
}

fn too_many(limited: Limited) -> Refusal<'static> {
    Refusal { limited: Some(limited), ..TOO_MANY }
}

fn authentication(error: &AuthenticationError) -> Refusal<'static> {
    match error {
        AuthenticationError::Missing => NO_CREDENTIAL,
        AuthenticationError::Key(error) => key(error),
        AuthenticationError::Token(error) => token(error),
        AuthenticationError::Contradiction => CONTRADICTION,
        AuthenticationError::Limited(limited) => too_many(*limited),
    }
}

fn password_login(error: &PasswordLoginError) -> Refusal<'static> {
    match error {
        PasswordLoginError::Limited(limited) => too_many(*limited),
        PasswordLoginError::Mismatch => WRONG_PASSWORD,
        PasswordLoginError::Account(why) => inactive(*why),
        PasswordLoginError::Password(error) => password(error),
        PasswordLoginError::Signing(_) => INTERNAL,
        PasswordLoginError::Store(error) => store(error),
    }
}

fn reset_password(error: &ResetPasswordError) -> Refusal<'_> {
    match error {
        ResetPasswordError::Token(why) => mailed_token(*why, "Invalid or expired reset token."),
        ResetPasswordError::Weak(why) => validation(Some("new_password"), format!("new_password {why}")),
        ResetPasswordError::Password(error) => password(error),
        ResetPasswordError::Store(error) => store(error),
    }
}

fn verify_address(error: &VerifyAddressError) -> Refusal<'_> {
    match error {
        VerifyAddressError::Token(why) => mailed_token(*why, "Invalid or expired verification token."),
        VerifyAddressError::Store(error) => store(error),
    }
}

/// The vendor has one answer for all of them.
fn mailed_token(why: SingleUseTokenRefused, message: &str) -> Refusal<'_> {
    match why {
        SingleUseTokenRefused::Unknown | SingleUseTokenRefused::Expired | SingleUseTokenRefused::Used => {
            validation(Some("token"), message.to_owned())
        }
    }
}

fn agents(error: &ManageAgentError) -> Refusal<'_> {
    match error {
        ManageAgentError::LimitedToAgent(_) => AGENTS_DO_NOT_MANAGE,
        ManageAgentError::UnknownAgent => AGENT_NOT_FOUND,
        ManageAgentError::Archived => AGENT_ARCHIVED,
        ManageAgentError::Overtaken => OVERTAKEN,
        ManageAgentError::Ended => INVALID_TOKEN,
        ManageAgentError::ForeignAvatar => validation(Some("avatar_url"), format!("avatar_url is {error}")),
        ManageAgentError::Idempotency(error) => idempotency(error),
        ManageAgentError::Store(error) => store(error),
    }
}

fn key(error: &AuthenticateKeyError) -> Refusal<'static> {
    match error {
        AuthenticateKeyError::UnknownKey
        | AuthenticateKeyError::KeyRevoked
        | AuthenticateKeyError::KeyExpired => INVALID_API_KEY,
        AuthenticateKeyError::AgentArchived => KEY_OF_ARCHIVED_AGENT,
        AuthenticateKeyError::Account(why) => inactive(*why),
        AuthenticateKeyError::Store(error) => store(error),
    }
}

fn token(error: &AuthenticateTokenError) -> Refusal<'static> {
    match error {
        AuthenticateTokenError::Rejected(_)
        | AuthenticateTokenError::Revoked
        | AuthenticateTokenError::UnknownAccount => INVALID_TOKEN,
        AuthenticateTokenError::AccountSuspended => SUSPENDED,
        AuthenticateTokenError::Store(error) => store(error),
    }
}

fn password(error: &PasswordError) -> Refusal<'static> {
    match error {
        PasswordError::Busy => UNAVAILABLE,
        PasswordError::Unreadable(_) => INTERNAL,
    }
}

fn store(error: &StoreError) -> Refusal<'static> {
    match error {
        StoreError::Busy | StoreError::Unavailable(_) => UNAVAILABLE,
        StoreError::Corrupt(_) => INTERNAL,
    }
}

fn inactive(why: AccountInactive) -> Refusal<'static> {
    match why {
        AccountInactive::Suspended => SUSPENDED,
        AccountInactive::Archived => ARCHIVED,
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.refusal().status
    }

    fn error_response(&self) -> HttpResponse {
        self.render()
    }
}
