//! Agora's refusals: `{"code","message","docs_url"}`, with `context.reason` where nobody was recognised, and
//! `context.issues` where a parameter is to blame.

mod refusals;

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use keyward_domain::accounts::{AccountInactive, ListIdentitiesError};
use keyward_domain::agents::SelectAgentError;
use keyward_domain::authentication::AuthenticationError;
use keyward_domain::keys::AuthenticateKeyError;
use keyward_domain::limits::Limited;
use keyward_domain::principal::LimitedToAgent;
use keyward_domain::scope::MissingScope;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{AuthenticateTokenError, IssueTokenError, TokenRejected};

pub(super) use self::refusals::*;
use super::wire::{Context, Failure, Issue};
use crate::extract::BodyError;
use crate::fault::Fault;
use crate::limits;
use crate::problem::RETRY_AFTER_SECONDS;

/// Seconds after which to ask again for a sum that lacks a chain: others find out about it.
const SUPPLY_RETRY_AFTER_SECONDS: &str = "60";

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error("{} parameters cannot be used", .0.len())]
    Invalid(Vec<Issue>),
    #[error("not every chain is known")]
    SupplyPartial,
    #[error(transparent)]
    IssueToken(#[from] IssueTokenError),
    #[error(transparent)]
    Identities(#[from] ListIdentitiesError),
    #[error(transparent)]
    Authentication(#[from] AuthenticationError),
    #[error(transparent)]
    MissingScope(#[from] MissingScope),
    #[error(transparent)]
    Key(#[from] AuthenticateKeyError),
    #[error(transparent)]
    Token(#[from] AuthenticateTokenError),
    #[error(transparent)]
    SelectAgent(#[from] SelectAgentError),
    #[error(transparent)]
    LimitedToAgent(#[from] LimitedToAgent),
    #[error("{0:?}")]
    Fault(Fault),
}

/// What a caller is told. Clients branch on the code, and at 401 on the reason.
pub(super) struct Refusal<'a> {
    pub(super) status: StatusCode,
    pub(super) code: &'static str,
    pub(super) message: Cow<'a, str>,
    /// Why nobody was recognised.
    pub(super) reason: Option<&'static str>,
    /// What is to blame.
    issues: Option<Vec<Issue>>,
    /// What there is no room for.
    limited: Option<Limited>,
}

impl Refusal<'static> {
    const fn of(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message: Cow::Borrowed(message), reason: None, issues: None, limited: None }
    }

    const fn unauthorized(reason: &'static str, message: &'static str) -> Self {
        let mut refusal = Self::of(StatusCode::UNAUTHORIZED, "unauthorized", message);
        refusal.reason = Some(reason);
        refusal
    }
}

impl Error {
    pub(super) fn render(&self) -> HttpResponse {
        let Refusal { status, code, message, reason, issues, limited } = self.refusal();
        let mut builder = HttpResponse::build(status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            builder.insert_header((RETRY_AFTER, self.retry_after_seconds()));
        }
        let context = match (reason, issues) {
            (Some(reason), _) => Some(Context::Reason { reason }),
            (None, Some(issues)) => Some(Context::Issues { issues }),
            (None, None) => None,
        };
        let mut response = builder.json(Failure::new(code, &message, context));
        if let Some(limited) = &limited {
            limits::refuse(response.headers_mut(), limited);
        }
        response
    }

    fn retry_after_seconds(&self) -> &'static str {
        if matches!(self, Self::SupplyPartial) { SUPPLY_RETRY_AFTER_SECONDS } else { RETRY_AFTER_SECONDS }
    }

    fn refusal(&self) -> Refusal<'_> {
        match self {
            Self::Body(error) => body(error),
            Self::Invalid(issues) => validation(issues.clone()),
            Self::SupplyPartial => SUPPLY_PARTIAL,
            Self::IssueToken(error) => issue_token(error),
            Self::Identities(ListIdentitiesError::AccountGone) => UNKNOWN_TENANT,
            Self::Authentication(error) => authentication(error),
            Self::MissingScope(_) => SCOPE_MISSING,
            Self::Fault(Fault::Limited(limited)) => too_many(*limited),
            Self::Key(error) => key(error),
            Self::Token(error) => token(error),
            Self::SelectAgent(SelectAgentError::NotYours) => AGENT_NOT_YOURS,
            Self::SelectAgent(SelectAgentError::Store(error))
            | Self::Identities(ListIdentitiesError::Store(error)) => store(error),
            Self::LimitedToAgent(_) => AGENTS_DO_NOT_MANAGE,
            Self::Fault(Fault::NotFound | Fault::MethodNotAllowed) => NOT_FOUND,
            Self::Fault(Fault::Internal) => INTERNAL,
            Self::Fault(Fault::Unavailable) => UNAVAILABLE,
        }
    }
}

fn body(error: &BodyError) -> Refusal<'_> {
    let issues = vec![Issue::of("body", error)];
    match error {
        BodyError::TooLarge => Refusal { issues: Some(issues), ..TOO_LARGE },
        BodyError::Incomplete
        | BodyError::NotJson
        | BodyError::Malformed
        | BodyError::Missing(_)
        | BodyError::Repeated(_)
        | BodyError::WrongType(_) => validation(issues),
    }
}

fn validation(issues: Vec<Issue>) -> Refusal<'static> {
    let said = issues.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let message = Cow::Owned(said);
    Refusal {
        status: StatusCode::BAD_REQUEST,
        code: "parameter_invalid",
        message,
        reason: None,
        issues: Some(issues),
        limited: None,
    }
}

fn issue_token(error: &IssueTokenError) -> Refusal<'static> {
    match error {
        IssueTokenError::NotAKey => INVALID_TOKEN,
        IssueTokenError::LimitedToAgent => AGENTS_DO_NOT_MANAGE,
        IssueTokenError::Signing(_) => INTERNAL,
    }
}

fn too_many(limited: Limited) -> Refusal<'static> {
    Refusal { limited: Some(limited), ..TOO_MANY }
}

fn authentication(error: &AuthenticationError) -> Refusal<'static> {
    match error {
        AuthenticationError::Missing => MISSING_HEADER,
        AuthenticationError::Key(error) => key(error),
        AuthenticationError::Token(error) => token(error),
        AuthenticationError::Contradiction => INVALID_TOKEN,
        AuthenticationError::Limited(limited) => too_many(*limited),
    }
}

fn key(error: &AuthenticateKeyError) -> Refusal<'static> {
    match error {
        AuthenticateKeyError::UnknownKey => INVALID_TOKEN,
        AuthenticateKeyError::KeyRevoked
        | AuthenticateKeyError::KeyExpired
        | AuthenticateKeyError::AgentArchived => TOKEN_REVOKED,
        AuthenticateKeyError::Account(why) => inactive(*why),
        AuthenticateKeyError::Store(error) => store(error),
    }
}

fn token(error: &AuthenticateTokenError) -> Refusal<'static> {
    match error {
        AuthenticateTokenError::Rejected(why) => rejected(*why),
        AuthenticateTokenError::Revoked => TOKEN_REVOKED,
        AuthenticateTokenError::UnknownAccount => UNKNOWN_TENANT,
        AuthenticateTokenError::AccountSuspended => SUSPENDED,
        AuthenticateTokenError::Store(error) => store(error),
    }
}

const fn rejected(why: TokenRejected) -> Refusal<'static> {
    match why {
        TokenRejected::Invalid | TokenRejected::UnknownSigningKey => INVALID_TOKEN,
        TokenRejected::Expired => TOKEN_EXPIRED,
        TokenRejected::MissingClaim => MISSING_CLAIM,
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
        AccountInactive::Archived => UNKNOWN_TENANT,
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
