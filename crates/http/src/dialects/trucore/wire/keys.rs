//! The JSON of keys.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

use crate::openapi::one_of;

#[derive(Deserialize, Default, ToSchema)]
#[schema(as = trucore::CreateKey)]
pub(in super::super) struct CreateKey {
    /// Up to 64 characters.
    #[schema(pattern = r"^\s*[^\x00-\x1f\x7f-\x9f]{0,64}\s*$", example = "production-bot-v2")]
    pub(in super::super) label: Option<String>,
    /// What the key is narrowed to: `atf:probe`, `atf:simulate`, `atf:verify`, `atf:explain`, `atf:mcp`. None at all are
    /// all rights of the account.
    #[schema(example = json!(["atf:verify"]))]
    pub(in super::super) scopes: Option<Vec<String>>,
    /// `api`, `bot` or `mcp`. A key for `mcp` that is narrowed has the scope `atf:mcp`, named or not.
    #[schema(pattern = "^(api|bot|mcp)$", example = "bot")]
    pub(in super::super) purpose: Option<String>,
    /// Seconds after which the key ends by itself.
    #[schema(minimum = 1, maximum = 315360000, example = 86400)]
    pub(in super::super) expires_in: Option<u64>,
}

#[derive(Deserialize, Default, ToSchema)]
#[schema(as = trucore::RotateKey)]
pub(in super::super) struct RotateKey {
    /// For how many seconds the old key stays good beside the new one.
    #[schema(minimum = 0, maximum = 86400, example = 300)]
    pub(in super::super) grace_seconds: Option<u64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::IssuedKey)]
pub(in super::super) struct IssuedKey<'a> {
    #[schema(pattern = "^key_[0-9a-f]{32}$", example = "key_0199a1b2c3d47e5f8a6b7c8d9e0f1a2b")]
    pub(in super::super) key_id: String,
    #[schema(pattern = "^cust_[0-9a-f]{12}$", example = "cust_a1b2c3d4e5f6")]
    pub(in super::super) tenant_id: String,
    pub(in super::super) label: &'a str,
    #[schema(schema_with = key_status)]
    pub(in super::super) status: &'static str,
    #[schema(example = "atf_live_…")]
    pub(in super::super) secret: &'a str,
    /// The same as `secret`: what the vendor's portal reads.
    #[schema(example = "atf_live_…")]
    pub(in super::super) raw_secret: &'a str,
    /// The key's first characters.
    #[schema(example = "atf_live_9xQ2...")]
    pub(in super::super) preview: String,
    /// Empty for all rights.
    pub(in super::super) scopes: Vec<&'static str>,
    #[schema(required, example = "bot")]
    pub(in super::super) purpose: Option<&'static str>,
    #[schema(format = DateTime)]
    pub(in super::super) created_at: String,
    #[schema(required, format = DateTime)]
    pub(in super::super) last_used_at: Option<String>,
    #[schema(required, format = DateTime)]
    pub(in super::super) expires_at: Option<String>,
    /// The key in whose place this one was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, pattern = "^key_[0-9a-f]{32}$")]
    pub(in super::super) rotated_from: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::Keys)]
pub(in super::super) struct Keys<'a> {
    /// Newest first.
    pub(in super::super) keys: Vec<Key<'a>>,
    pub(in super::super) count: usize,
    #[schema(schema_with = super::plan)]
    pub(in super::super) plan_tier: &'static str,
    /// What a key may be narrowed to.
    pub(in super::super) allowed_scopes: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::Key)]
pub(in super::super) struct Key<'a> {
    #[schema(pattern = "^key_[0-9a-f]{32}$", example = "key_0199a1b2c3d47e5f8a6b7c8d9e0f1a2b")]
    pub(in super::super) key_id: String,
    #[schema(pattern = "^cust_[0-9a-f]{12}$", example = "cust_a1b2c3d4e5f6")]
    pub(in super::super) tenant_id: String,
    pub(in super::super) label: &'a str,
    #[schema(schema_with = key_status)]
    pub(in super::super) status: &'static str,
    /// The key's first characters.
    #[schema(example = "atf_live_9xQ2...")]
    pub(in super::super) preview: String,
    /// Empty for all rights.
    pub(in super::super) scopes: Vec<&'static str>,
    #[schema(required, example = "bot")]
    pub(in super::super) purpose: Option<&'static str>,
    #[schema(format = DateTime)]
    pub(in super::super) created_at: String,
    #[schema(required, format = DateTime)]
    pub(in super::super) last_used_at: Option<String>,
    #[schema(required, format = DateTime)]
    pub(in super::super) expires_at: Option<String>,
    #[schema(required, format = DateTime)]
    pub(in super::super) revoked_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::Whoami)]
pub(in super::super) struct Whoami<'a> {
    #[schema(pattern = "^cust_[0-9a-f]{12}$", example = "cust_a1b2c3d4e5f6")]
    pub(in super::super) tenant_id: String,
    #[schema(pattern = "^key_[0-9a-f]{32}$", example = "key_0199a1b2c3d47e5f8a6b7c8d9e0f1a2b")]
    pub(in super::super) key_id: String,
    pub(in super::super) label: &'a str,
    #[schema(schema_with = key_status)]
    pub(in super::super) status: &'static str,
    /// Empty for all rights.
    pub(in super::super) scopes: Vec<&'static str>,
    #[schema(schema_with = environment)]
    pub(in super::super) environment: &'static str,
}

pub(super) fn key_status() -> Schema {
    one_of(["active", "superseded", "expired", "revoked"])
}

fn environment() -> Schema {
    one_of(["live", "sandbox"])
}
