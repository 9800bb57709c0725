//! The JSON of imports.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

use super::MOST;
use crate::extract::{Line, SecretText};

#[derive(Deserialize, ToSchema)]
#[schema(as = admin::ImportUsers)]
pub(super) struct ImportUsers {
    /// Says what would come of it, and writes nothing.
    #[serde(default)]
    pub(super) dry_run: bool,
    #[schema(schema_with = lines)]
    pub(super) users: Vec<Line<ForeignUser>>,
}

/// A user as a line of an export has it. The second names are those of Better Auth's exports.
#[derive(Deserialize)]
pub(super) struct ForeignUser {
    pub(super) email: String,
    #[serde(alias = "emailVerified")]
    pub(super) email_verified: Option<bool>,
    #[serde(alias = "name")]
    pub(super) display_name: Option<String>,
    #[serde(alias = "passwordHash")]
    pub(super) password_hash: Option<SecretText>,
    pub(super) plan: Option<String>,
    #[serde(alias = "createdAt")]
    pub(super) created_at: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = admin::ImportKeys)]
pub(super) struct ImportKeys {
    /// Says what would come of it, and writes nothing.
    #[serde(default)]
    pub(super) dry_run: bool,
    #[schema(schema_with = lines)]
    pub(super) keys: Vec<Line<ForeignKeyLine>>,
}

/// A key as a line of an export has it. The second names are those of Better Auth's exports.
#[derive(Deserialize)]
pub(super) struct ForeignKeyLine {
    pub(super) account: Option<String>,
    pub(super) email: Option<String>,
    #[serde(alias = "key")]
    pub(super) hash: ForeignHash,
    pub(super) name: Option<String>,
    /// The key's first characters.
    pub(super) start: Option<String>,
    pub(super) scopes: Option<Vec<String>>,
    #[serde(alias = "expiresAt")]
    pub(super) expires_at: Option<String>,
    pub(super) enabled: Option<bool>,
}

/// The SHA-256 of a key's text: as text, or as Unkey has it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum ForeignHash {
    Text(SecretText),
    Named { value: SecretText, variant: String },
}

/// What came of a batch.
#[derive(Serialize, Default, ToSchema)]
#[schema(as = admin::ImportReport)]
pub(super) struct Report {
    /// How many were taken over, or would have been.
    pub(super) imported: usize,
    /// How many were there already.
    pub(super) present: usize,
    /// Those that cannot be taken over, by their place in the batch.
    pub(super) refused: Vec<RefusedLine>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = admin::RefusedLine)]
pub(super) struct RefusedLine {
    /// Its place in the batch, from 0.
    pub(super) index: usize,
    /// What is wrong with it, by the name of its member.
    pub(super) reason: String,
}

/// Anything at all, since a line that is wrong is refused by itself.
fn lines() -> Schema {
    let schema = json!({"type": "array", "items": {}, "maxItems": MOST});
    serde_json::from_value(schema).unwrap_or_default()
}
