//! Agora's JSON, as the vendor documents it.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

use crate::openapi::one_of;

#[derive(Serialize, ToSchema)]
#[schema(as = agora::Token)]
#[serde(rename_all = "camelCase")]
pub(super) struct Token<'a> {
    /// Good for a quarter of an hour; the answer does not say so.
    #[schema(example = "eyJ…")]
    pub(super) session_jwt: &'a str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = agora::Accounts)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accounts {
    /// Newest first.
    pub(super) data: Vec<Account>,
    /// What `cursor` takes for the next page; null on the last one.
    #[schema(required)]
    pub(super) next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = agora::Account)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    #[schema(format = "uuid")]
    pub(super) id: String,
    #[schema(schema_with = account_kind)]
    pub(super) kind: &'static str,
    pub(super) name: String,
    #[schema(format = DateTime)]
    pub(super) created_at: String,
    #[schema(schema_with = account_status)]
    pub(super) status: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = agora::Metrics)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metrics<'a> {
    pub(super) chains: Vec<Chain<'a>>,
    /// Whether a chain is missing. There are no totals then.
    pub(super) partial: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1234567890.123456")]
    pub(super) total_supply: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1234567890.123456")]
    pub(super) circulating_supply: Option<&'a str>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = agora::Chain)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chain<'a> {
    /// CAIP-2.
    #[schema(example = "eip155:1")]
    pub(super) chain_id: &'a str,
    #[schema(example = "Ethereum")]
    pub(super) network: &'a str,
    #[schema(example = "1234567890.123456")]
    pub(super) total_supply: &'a str,
    #[schema(example = "1234567890.123456")]
    pub(super) circulating_supply: &'a str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = agora::Failure)]
pub(super) struct Failure<'a> {
    pub(super) code: &'static str,
    pub(super) message: &'a str,
    #[schema(example = "https://docs.agora.finance/api/errors")]
    pub(super) docs_url: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) context: Option<Context>,
}

impl<'a> Failure<'a> {
    pub(super) const fn new(code: &'static str, message: &'a str, context: Option<Context>) -> Self {
        Self { code, message, docs_url: "https://docs.agora.finance/api/errors", context }
    }
}

/// What more there is to say of a refusal.
#[derive(Serialize, ToSchema)]
#[schema(as = agora::Context)]
#[serde(untagged)]
pub(super) enum Context {
    /// At 401.
    Reason {
        /// Why nobody was recognised.
        #[schema(schema_with = reason)]
        reason: &'static str,
    },
    /// Where the body or a parameter is to blame.
    Issues {
        /// All that is wrong.
        issues: Vec<Issue>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = agora::Issue)]
pub(super) struct Issue {
    #[schema(example = "limit")]
    pub(super) field: &'static str,
    #[schema(example = "must be 1 to 200")]
    pub(super) message: String,
}

impl Issue {
    pub(super) fn of(field: &'static str, message: impl fmt::Display) -> Self {
        Self { field, message: message.to_string() }
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.message)
    }
}

fn reason() -> Schema {
    one_of([
        "missing_header",
        "invalid_token",
        "token_expired",
        "token_revoked",
        "unknown_tenant",
        "missing_claim",
    ])
}

fn account_kind() -> Schema {
    one_of(["organization", "agent"])
}

fn account_status() -> Schema {
    one_of(["active", "suspended", "archived"])
}
