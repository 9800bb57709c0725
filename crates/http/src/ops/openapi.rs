//! What the routes of operations say of themselves.

use serde_json::json;

use super::health::Health;
use crate::openapi::{Operation, Refused, Shape, Words, problems};

/// What operations are for.
pub(crate) const ABOUT: &str = "For operators, reverse proxies and whoever verifies tokens. They answer at any host. \
    Refusals are problem details (RFC 9457).";

/// How they refuse.
pub(crate) fn words() -> Words {
    problems(Refused::problem(401, "No good credential was shown."))
}

pub(crate) fn health() -> Operation {
    Operation::new("health", "Whether the process runs")
        .text(
            "Says nothing about the database, so that an outage there makes nobody restart a healthy server.",
        )
        .answer::<Health>(200, "It runs.")
}

pub(super) fn ready() -> Operation {
    Operation::new("ready", "Whether the database can be used")
        .answer::<Health>(200, "The database answers and has this program's schema.")
        .refuses([Refused::problem(503, "The database cannot be used.")])
}

pub(super) fn jwks() -> Operation {
    let key = json!({
        "type": "object",
        "required": ["kty", "kid", "alg", "use"],
        "properties": {
            "kty": {"enum": ["OKP", "EC", "RSA"]},
            "kid": {"type": "string"},
            "alg": {"enum": ["EdDSA", "ES256", "RS256"]},
            "use": {"const": "sig"},
            "crv": {"enum": ["Ed25519", "P-256"]},
            "x": {"type": "string"},
            "y": {"type": "string"},
            "n": {"type": "string"},
            "e": {"type": "string"},
        },
    });
    let keys = json!({"type": "object", "required": ["keys"], "properties": {"keys": {"type": "array", "items": key}}});
    Operation::new("jwks", "The public keys that verify tokens")
        .text("RFC 7517. May be kept for as long as `Cache-Control` says: the next key is published for at least three times that long before it signs.")
        .content(200, "Every key that verifies.", "application/json", Shape::by_hand(keys))
        .answer_header("Cache-Control", "For how long the keys may be kept: `public, max-age=…`.")
        .answer_header("ETag", "Tells these keys from others.")
        .header("If-None-Match", "The `ETag` of the keys that are there already.", json!({"type": "string"}))
        .empty(304, "The keys that are there already.")
}

pub(super) fn metrics() -> Operation {
    Operation::new("metrics", "The server's figures")
        .text("For Prometheus. By configuration (`metrics.access`) they are for admins only.")
        .content(200, "Figures in Prometheus's text format, version 0.0.4.", "text/plain", Shape::text())
        .refuses([Refused::problem(401, "The figures are for admins, and no admin key was shown.")])
}

pub(super) fn forward_auth() -> Operation {
    Operation::new("forward_auth", "Who makes a request, for a reverse proxy")
        .text(
            "Answers any method alike; no body is looked at. An API key may also come as a bearer token. What the \
             client sent is never echoed. Pass on all seven `X-Keyward-…` headers, also those that are absent.",
        )
        .header("X-Agent-Id", "Limits the request to this agent of the account.", json!({"type": "string"}))
        .empty(200, "A good credential. The headers say whose.")
        .answer_header("X-Keyward-Account-Id", "The account.")
        .answer_header("X-Keyward-Agent-Id", "The agent, where the request is limited to one.")
        .answer_header("X-Keyward-Environment", "`live` or `sandbox`.")
        .answer_header("X-Keyward-Credential", "`api-key` or `access-token`.")
        .answer_header("X-Keyward-Key-Id", "The key, or the one that the token is from.")
        .answer_header("X-Keyward-Token-Id", "The token.")
        .answer_header("X-Keyward-Scopes", "What the credential is narrowed to, between spaces; absent for all rights.")
        .refuses([Refused::problem(403, "Agent does not belong to this account.")])
}

pub(super) fn document() -> Operation {
    Operation::new("openapi", "This document")
        .text("OpenAPI 3.1, for the dialects that this server speaks.")
        .content(200, "The document.", "application/json", Shape::by_hand(json!({"type": "object"})))
        .answer_header("ETag", "Tells this document from another.")
        .header(
            "If-None-Match",
            "The `ETag` of the document that is there already.",
            json!({"type": "string"}),
        )
        .empty(304, "The document that is there already.")
}

pub(super) fn page() -> Operation {
    Operation::new("docs", "This document, as a page")
        .text("Needs no script and loads nothing from elsewhere.")
        .content(200, "The page.", "text/html", Shape::text())
}

pub(super) fn style() -> Operation {
    Operation::new("docs_style", "How the page looks").content(
        200,
        "A style sheet.",
        "text/css",
        Shape::text(),
    )
}
