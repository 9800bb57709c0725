//! The families of protected routes, and the words in which each refuses a token.

use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::test::TestRequest;
use keyward_domain::tokens::{AuthenticateTokenError, TokenRejected};
use keyward_testkit::app::{Answer, TestApp};
use serde_json::{Value, json};

/// Why a token is refused: the public reasons of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// It is not signed by us, or is none of ours for us.
    InvalidToken,
    /// It is one of ours, and over.
    TokenExpired,
    /// It is signed by us and lacks a claim.
    MissingClaim,
    /// It is one of ours, and what it was issued for has ended.
    TokenRevoked,
    /// It is one of ours, and its account is not there.
    UnknownTenant,
}

impl Reason {
    /// What the contract calls the domain's verdict.
    pub(super) fn of(error: &AuthenticateTokenError) -> Self {
        match error {
            AuthenticateTokenError::Rejected(rejected) => match rejected {
                TokenRejected::Invalid | TokenRejected::UnknownSigningKey => Self::InvalidToken,
                TokenRejected::Expired => Self::TokenExpired,
                TokenRejected::MissingClaim => Self::MissingClaim,
            },
            AuthenticateTokenError::Revoked => Self::TokenRevoked,
            AuthenticateTokenError::UnknownAccount => Self::UnknownTenant,
            AuthenticateTokenError::AccountSuspended | AuthenticateTokenError::Store(_) => {
                panic!("no verdict on a token: {error}")
            }
        }
    }
}

/// Routes that take a token in one way and refuse it in one way.
pub(super) struct Family {
    /// One of its routes, by `GET`, that a real token opens.
    pub(super) path: &'static str,
    /// The whole body of its 401.
    pub(super) refusal: fn(Reason) -> Value,
}

pub(super) const FAMILIES: &[Family] = &[
    Family { path: "/tradeready/api/v1/account/info", refusal: tradeready },
    Family { path: "/tradeready/api/v1/agents", refusal: tradeready },
    Family { path: "/api/v1/account/info", refusal: tradeready },
    Family { path: "/trucore/dashboard/me", refusal: trucore },
    Family { path: "/agora/v0/accounts", refusal: agora },
    Family { path: "/forward-auth", refusal: forward_auth },
];

impl Family {
    pub(super) async fn ask(&self, app: &TestApp, token: &str) -> Answer {
        self.ask_bytes(app, token.as_bytes()).await
    }

    pub(super) async fn ask_bytes(&self, app: &TestApp, token: &[u8]) -> Answer {
        app.send(TestRequest::get().uri(self.path).insert_header((AUTHORIZATION, bearer(token)))).await
    }

    pub(super) async fn ask_twice(&self, app: &TestApp, first: &str, second: &str) -> Answer {
        let request = TestRequest::get().uri(self.path);
        let request = request.append_header((AUTHORIZATION, bearer(first.as_bytes())));
        app.send(request.append_header((AUTHORIZATION, bearer(second.as_bytes())))).await
    }
}

fn bearer(token: &[u8]) -> HeaderValue {
    HeaderValue::from_bytes(&[b"Bearer ", token].concat()).expect("bytes that a header can have")
}

/// "A Bearer that is no good token is 401 INVALID_TOKEN, whatever is wrong with it."
fn tradeready(_: Reason) -> Value {
    json!({"error": {"code": "INVALID_TOKEN", "message": "JWT token is invalid."}})
}

/// The document has one code for all of them.
fn trucore(_: Reason) -> Value {
    let error = json!({"code": "unauthorized", "message": "JWT token is invalid."});
    json!({"error": error, "detail": {"error": error}})
}

/// The one dialect that says why.
fn agora(reason: Reason) -> Value {
    let (reason, message) = match reason {
        Reason::InvalidToken => ("invalid_token", "The token is malformed or failed validation."),
        Reason::TokenExpired => {
            ("token_expired", "The session JWT has expired. Exchange your API key again.")
        }
        Reason::MissingClaim => ("missing_claim", "The token is missing a required claim."),
        Reason::TokenRevoked => ("token_revoked", "The API key behind this session has been revoked."),
        Reason::UnknownTenant => ("unknown_tenant", "The token does not resolve to a known organization."),
    };
    json!({
        "code": "unauthorized",
        "message": message,
        "docs_url": "https://docs.agora.finance/api/errors",
        "context": {"reason": reason},
    })
}

/// One and the same 401 for every verdict.
fn forward_auth(_: Reason) -> Value {
    json!({"title": "Unauthorized", "status": 401, "detail": "No good credential was shown."})
}
