//! TruCore's refusals: `{"error":{"code","message"}}`, and the same once more below `detail`, with
//! `retry_after_seconds` where there is no room.

mod refusals;

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use keyward_domain::accounts::{AccountInactive, PasswordError, RegisterAccountError};
use keyward_domain::agents::SelectAgentError;
use keyward_domain::authentication::AuthenticationError;
use keyward_domain::idempotency::{IdempotencyError, InvalidIdempotencyKey};
use keyward_domain::keys::{AuthenticateKeyError, ManageKeyError};
use keyward_domain::limits::Limited;
use keyward_domain::principal::LimitedToAgent;
use keyward_domain::scope::MissingScope;
use keyward_domain::single_use::{ResetPasswordError, SingleUseTokenRefused, VerifyAddressError};
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{AuthenticateTokenError, PasswordLoginError};

pub(super) use self::refusals::*;
use super::wire::{Failure, FailureBody};
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
    #[error("a token is needed beside or in place of the key")]
    TokenNeeded,
    #[error("a key is needed beside or in place of the token")]
    KeyNeeded,
    #[error("the key is gone")]
    KeyGone,
    #[error("the account is gone")]
    AccountGone,
    #[error(transparent)]
    Register(#[from] RegisterAccountError),
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
    LimitedToAgent(#[from] LimitedToAgent),
    #[error(transparent)]
    Keys(#[from] ManageKeyError),
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
    /// What there is no room for.
    limited: Option<Limited>,
}

impl Refusal<'static> {
    const fn of(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message: Cow::Borrowed(message), limited: None }
    }
}

impl Error {
    pub(super) fn invalid(field: &'static str, why: impl fmt::Display) -> Self {
        Self::Invalid { field, why: why.to_string() }
    }

    pub(super) fn render(&self) -> HttpResponse {
        let Refusal { status, code, message, limited } = self.refusal();
        let mut builder = HttpResponse::build(status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            builder.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS));
        }
        let retry_after_seconds = limited.as_ref().map(limits::retry_after_seconds);
        let body = FailureBody { code, message: &message, retry_after_seconds };
        let mut response = builder.json(Failure::from(body));
        if let Some(limited) = &limited {
            limits::refuse(response.headers_mut(), limited);
        }
        response
    }

    fn refusal(&self) -> Refusal<'_> {
        match self {
            Self::Body(error) => body(error),
            Self::Invalid { .. } => validation(self.to_string()),
            Self::RegistrationClosed => CLOSED,
            Self::ApprovalNeeded => APPROVAL_NEEDED,
            Self::TokenNeeded => TOKEN_NEEDED,
            Self::KeyNeeded => KEY_NEEDED,
            Self::KeyGone => INVALID_API_KEY,
            Self::AccountGone => INVALID_TOKEN,
            Self::Register(error) => register(error),
            Self::PasswordLogin(error) => password_login(error),
            Self::Authentication(error) => authentication(error),
            Self::MissingScope(_) => SCOPE_MISSING,
            Self::InvalidIdempotencyKey(why) => validation(format!("Idempotency-Key {why}")),
            Self::Limited(limited) | Self::Fault(Fault::Limited(limited)) => too_many(*limited),
            Self::ResetPassword(error) => reset_password(error),
            Self::VerifyAddress(error) => verify_address(error),
            Self::Key(error) => key(error),
            Self::Token(error) => token(error),
            Self::Keys(error) => keys(error),
            Self::SelectAgent(SelectAgentError::NotYours) => AGENT_NOT_YOURS,
            Self::SelectAgent(SelectAgentError::Store(error)) | Self::Store(error) => store(error),
            Self::LimitedToAgent(_) => AGENTS_DO_NOT_MANAGE,
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
        BodyError::Incomplete
        | BodyError::NotJson
        | BodyError::Malformed
        | BodyError::Missing(_)
        | BodyError::Repeated(_)
        | BodyError::WrongType(_) => validation(error.to_string()),
    }
}

fn validation(message: String) -> Refusal<'static> {
    let message = Cow::Owned(message);
    Refusal { status: StatusCode::BAD_REQUEST, code: "invalid_request", message, limited: None }
}

fn register(error: &RegisterAccountError) -> Refusal<'static> {
    match error {
        RegisterAccountError::EmailTaken => EMAIL_TAKEN,
        RegisterAccountError::DisposableEmail => EMAIL_DISPOSABLE,
        RegisterAccountError::Password(error) => password(error),
        RegisterAccountError::Signing(_) => INTERNAL,
        RegisterAccountError::Idempotency(error) => idempotency(error),
        RegisterAccountError::Store(error) => store(error),
    }
}

fn idempotency(error: &IdempotencyError) -> Refusal<'static> {
    match error {
        IdempotencyError::OtherBody => REPEATED_OTHERWISE,
        IdempotencyError::Guessable => validation(error.to_string()),
        IdempotencyError::Store(error) => store(error),
    }
}

fn keys(error: &ManageKeyError) -> Refusal<'static> {
    match error {
        ManageKeyError::LimitedToAgent(_) => AGENTS_DO_NOT_MANAGE,
        ManageKeyError::UnknownKey => KEY_NOT_FOUND,
        ManageKeyError::LimitReached { .. } => KEY_LIMIT_REACHED,
        ManageKeyError::AddressNotVerified => EMAIL_NOT_VERIFIED,
        ManageKeyError::NotActive => KEY_NOT_ACTIVE,
        ManageKeyError::ScopeNotHeld => SCOPE_NOT_HELD,
        ManageKeyError::AlreadyOver => validation(error.to_string()),
        ManageKeyError::Ended => INVALID_TOKEN,
        ManageKeyError::Idempotency(error) => idempotency(error),
        ManageKeyError::Store(error) => store(error),
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
        ResetPasswordError::Token(why) => reset_token(*why),
        ResetPasswordError::Weak(why) => validation(format!("new_password {why}")),
        ResetPasswordError::Password(error) => password(error),
        ResetPasswordError::Store(error) => store(error),
    }
}

fn verify_address(error: &VerifyAddressError) -> Refusal<'_> {
    match error {
        VerifyAddressError::Token(why) => verification_token(*why),
        VerifyAddressError::Store(error) => store(error),
    }
}

const fn verification_token(why: SingleUseTokenRefused) -> Refusal<'static> {
    match why {
        SingleUseTokenRefused::Unknown | SingleUseTokenRefused::Used => VERIFICATION_TOKEN_INVALID,
        SingleUseTokenRefused::Expired => VERIFICATION_TOKEN_EXPIRED,
    }
}

/// What is wrong with a token that should reset a password.
pub(super) const fn reset_token(why: SingleUseTokenRefused) -> Refusal<'static> {
    match why {
        SingleUseTokenRefused::Unknown | SingleUseTokenRefused::Used => RESET_TOKEN_INVALID,
        SingleUseTokenRefused::Expired => RESET_TOKEN_EXPIRED,
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
