//! What operators and proxies ask of the server.

mod conditional;
mod docs;
mod forward_auth;
mod health;
mod jwks;
mod metrics;
mod openapi;

pub(crate) use docs::Docs;
pub(crate) use health::health;
pub(crate) use openapi::{ABOUT, health as health_described, words};

use keyward_domain::limits::LimitName;

use crate::limits::RouteLimit;
use crate::routes::{Access, CredentialKind, Routes};

/// For what tells an orchestrator whether to restart the server: a flood must not make it.
pub(crate) const NEVER_REFUSED: RouteLimit = RouteLimit::Free(LimitName::Operations);

/// Any good credential of an account or of one of its agents; an account's key as a bearer token too.
const ANYBODY: &[CredentialKind] = &[
    CredentialKind::AccountKey,
    CredentialKind::AgentKey,
    CredentialKind::BearerKey,
    CredentialKind::AccountToken,
    CredentialKind::AgentToken,
];

const CHECKS: Access = Access::identified(ANYBODY, "principals.authenticate", LimitName::ForwardAuth);

const DESCRIBES: Access = Access::public("server.describe", RouteLimit::OPERATIONS);

/// The routes of operations.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/health", Access::public("server.live", NEVER_REFUSED), openapi::health, health)
        .get("/ready", Access::public("server.ready", NEVER_REFUSED), openapi::ready, health::ready)
        .get(
            "/.well-known/jwks.json",
            Access::public("signing_keys.publish", RouteLimit::OPERATIONS),
            openapi::jwks,
            jwks::jwks,
        )
        // By configuration an admin key opens it instead.
        .get(
            "/metrics",
            Access::public("server.measure", RouteLimit::OPERATIONS),
            openapi::metrics,
            metrics::metrics,
        )
        .get("/openapi.json", DESCRIBES, openapi::document, docs::document)
        .get("/docs", DESCRIBES, openapi::page, docs::page)
        .get("/docs.css", DESCRIBES, openapi::style, docs::style)
        // Proxies repeat the client's method, or use `GET`.
        .any("/forward-auth", CHECKS, openapi::forward_auth, forward_auth::forward_auth)
}
