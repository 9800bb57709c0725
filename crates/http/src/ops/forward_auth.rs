//! `ANY /forward-auth`: the question that a reverse proxy asks before it lets a request through (nginx
//! `auth_request`, Caddy and Traefik `forward_auth`, Envoy `ext_authz`).
//!
//! 200 for any good credential, with who it is in `X-Keyward-…` headers; 401 else; 403 for an `X-Agent-Id` that
//! is not the account's own; 429 beyond the account's plan; 503 when that cannot be known. Nothing that the client sent is echoed.

use actix_web::http::StatusCode;
use actix_web::http::header::WWW_AUTHENTICATE;
use actix_web::{HttpResponse, HttpResponseBuilder};
use keyward_domain::agents::SelectAgentError;
use keyward_domain::authentication::{AuthenticationError, Presented};
use keyward_domain::keys::{AuthenticateKeyError, PresentedKey};
use keyward_domain::principal::{Credential, Principal};
use keyward_domain::store::StoreError;
use keyward_domain::tokens::AuthenticateTokenError;

use crate::extract::{Cx, Shown};
use crate::problem::{because, problem, too_many};

pub(super) async fn forward_auth(cx: Cx) -> HttpResponse {
    let (Ok(key), Ok(bearer)) = (cx.api_key(), cx.bearer()) else {
        return unauthorized();
    };
    let principal = match cx.recognise(sorted(key, bearer)).await {
        Ok(principal) => principal,
        Err(error) => return refusal(&error),
    };
    if let Err(limited) = cx.count(&principal) {
        return too_many(&limited);
    }
    match cx.limit_to_agent(principal).await {
        Ok(principal) => identity(&principal),
        Err(SelectAgentError::NotYours) => forbidden(),
        Err(SelectAgentError::Store(cause)) => outage(&cause),
    }
}

/// An API key may come as a bearer token too, also beside itself: this route guards the platforms of every dialect.
fn sorted<'a>(key: Option<Shown<'a>>, bearer: Option<Shown<'a>>) -> Presented<'a> {
    let (key, bearer) = (key.map(Shown::expose), bearer.map(Shown::expose));
    match bearer.filter(|text| PresentedKey::parse(text).is_ok()) {
        Some(second) if key.is_none_or(|key| key == second) => Presented { key: Some(second), token: None },
        _ => Presented { key, token: bearer },
    }
}

fn identity(principal: &Principal) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header(("X-Keyward-Account-Id", principal.account.to_string()));
    response.insert_header(("X-Keyward-Environment", principal.environment.as_str()));
    if let Some(agent) = principal.agent {
        response.insert_header(("X-Keyward-Agent-Id", agent.to_string()));
    }
    add_credential(&mut response, &principal.credential);
    response.finish()
}

fn add_credential(response: &mut HttpResponseBuilder, credential: &Credential) {
    let kind = match credential {
        Credential::Key { .. } => "api-key",
        Credential::Token { id, .. } => {
            response.insert_header(("X-Keyward-Token-Id", id.to_string()));
            "access-token"
        }
    };
    response.insert_header(("X-Keyward-Credential", kind));
    if let Some(key) = credential.key() {
        response.insert_header(("X-Keyward-Key-Id", key.to_string()));
    }
}

/// Security: every verdict is one and the same 401. An outage is no verdict.
fn refusal(error: &AuthenticationError) -> HttpResponse {
    match error {
        AuthenticationError::Missing | AuthenticationError::Contradiction => unauthorized(),
        AuthenticationError::Limited(limited) => too_many(limited),
        AuthenticationError::Key(error) => match error {
            AuthenticateKeyError::UnknownKey
            | AuthenticateKeyError::KeyRevoked
            | AuthenticateKeyError::AgentArchived
            | AuthenticateKeyError::Account(_) => unauthorized(),
            AuthenticateKeyError::Store(cause) => outage(cause),
        },
        AuthenticationError::Token(error) => match error {
            AuthenticateTokenError::Rejected(_)
            | AuthenticateTokenError::Revoked
            | AuthenticateTokenError::UnknownAccount
            | AuthenticateTokenError::AccountSuspended => unauthorized(),
            AuthenticateTokenError::Store(cause) => outage(cause),
        },
    }
}

fn unauthorized() -> HttpResponse {
    let mut response = problem(StatusCode::UNAUTHORIZED, Some("No good credential was shown."));
    let challenge = actix_web::http::header::HeaderValue::from_static("Bearer realm=\"keyward\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

/// Security: one and the same 403, so that nobody learns which agents exist.
fn forbidden() -> HttpResponse {
    problem(StatusCode::FORBIDDEN, Some("Agent does not belong to this account."))
}

fn outage(cause: &StoreError) -> HttpResponse {
    because(cause.clone(), problem(StatusCode::SERVICE_UNAVAILABLE, None))
}
