//! What Agora's routes say of themselves.

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use super::error::{self, Refusal};
use super::wire::{self, Context, Issue};
use super::{LISTED, MOST_LISTED};
use crate::openapi::{Operation, Refused, Shape, Words};

/// What this dialect is for.
pub(crate) const ABOUT: &str = "Agora: an organization's key, exchanged for tokens of a quarter of an hour that open \
    everything else; and public figures of a token's supply. Errors are `{\"code\", \"message\", \"docs_url\"}`, at 401 with \
    a `context.reason`.";

/// How it refuses.
pub(crate) fn words() -> Words {
    Words {
        media_type: "application/json",
        shape: Shape::of::<wire::Failure<'_>>(),
        narrowed: |status, codes| {
            let needed: &[&str] = match status {
                401 => &["reason"],
                400 | 413 => &["issues"],
                _ => return json!({"properties": {"code": {"enum": codes}, "context": false}}),
            };
            let context = json!({"required": needed});
            json!({"properties": {"code": {"enum": codes}, "context": context}, "required": ["context"]})
        },
        example: |refused| {
            let issues = || vec![Issue::of("body", "is larger than 64 KiB")];
            let context = match (refused.status, refused.reason) {
                (_, Some(reason)) => Some(Context::Reason { reason }),
                (400 | 413, None) => Some(Context::Issues { issues: issues() }),
                (_, None) => None,
            };
            let failure = wire::Failure::new(refused.code.unwrap_or_default(), &refused.message, context);
            serde_json::to_value(failure).unwrap_or_default()
        },
        always: vec![
            Refused::new(429, "rate_limit_exceeded", "Too many requests."),
            error::INTERNAL.into(),
            error::UNAVAILABLE.into(),
        ],
        with_body: vec![error::TOO_LARGE.into(), invalid("body the body did not arrive")],
        with_credential: vec![
            error::MISSING_HEADER.into(),
            error::INVALID_TOKEN.into(),
            error::TOKEN_EXPIRED.into(),
            error::TOKEN_REVOKED.into(),
            error::UNKNOWN_TENANT.into(),
            error::MISSING_CLAIM.into(),
            error::SUSPENDED.into(),
            error::AGENT_NOT_YOURS.into(),
        ],
    }
}

impl From<Refusal<'static>> for Refused {
    fn from(refusal: Refusal<'static>) -> Self {
        Self { reason: refusal.reason, ..Self::new(refusal.status.as_u16(), refusal.code, &refusal.message) }
    }
}

fn invalid(example: &str) -> Refused {
    Refused::new(StatusCode::BAD_REQUEST.as_u16(), "parameter_invalid", example)
}

pub(super) fn exchange() -> Operation {
    Operation::new("exchange", "Exchange a key for a token")
        .text(
            "With a key of the whole organization as bearer token. The token is good for a quarter of an hour; earlier \
             ones stay good to their own end.",
        )
        .body_ignored()
        .answer::<wire::Token<'_>>(200, "A token.")
        .refuses([error::AGENTS_DO_NOT_MANAGE])
}

pub(super) fn accounts() -> Operation {
    let limit = json!({"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": LISTED});
    Operation::new("accounts", "List the organization and its agents")
        .text("Newest first. One with a token that is limited to an agent, or an `X-Agent-Id`, sees only that agent.")
        .query("limit", "How many a page has.", or_empty(limit))
        .query("cursor", "The `nextCursor` of the page before.", json!({"type": "string"}))
        .answer::<wire::Accounts>(200, "A page.")
        .refuses([error::SCOPE_MISSING.into(), invalid("limit must be 1 to 200")])
}

pub(super) fn metrics() -> Operation {
    Operation::new("metrics", "Read the supply of the token")
        .text("As the operator's file has it. Any site's pages may read it.")
        .answer::<wire::Metrics<'_>>(200, "The supply, on each chain and in all.")
}

pub(super) fn total_supply() -> Operation {
    amount("total_supply", "Read how much there is in all")
}

pub(super) fn circulating_supply() -> Operation {
    amount("circulating_supply", "Read how much is in circulation")
}

fn amount(id: &'static str, summary: &'static str) -> Operation {
    let decimal = json!({"type": "string", "pattern": r"^\d+(\.\d+)?$", "examples": ["1234567890.123456"]});
    Operation::new(id, summary)
        .text("One decimal and nothing else. Any site's pages may read it.")
        .content(200, "The decimal.", "text/plain", Shape::by_hand(decimal))
        .refuses([error::SUPPLY_PARTIAL])
}

/// A parameter without a value counts as absent.
fn or_empty(schema: Value) -> Value {
    json!({"anyOf": [schema, {"const": ""}]})
}
