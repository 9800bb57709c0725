//! TruCore's JSON, as the vendor documents it. Members that are not here are ignored and set nothing.

mod keys;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

pub(super) use self::keys::*;
use crate::extract::SecretText;
use crate::openapi::one_of;

#[derive(Deserialize, ToSchema)]
#[schema(as = trucore::Signup)]
pub(super) struct Signup {
    #[schema(format = Email, example = "you@example.com")]
    pub(super) email: String,
    /// The commonest ones, and the account's own address, are refused.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    pub(super) password: SecretText,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = trucore::Login)]
pub(super) struct Login {
    #[schema(format = Email, example = "you@example.com")]
    pub(super) email: String,
    #[schema(value_type = String, format = Password, min_length = 1)]
    pub(super) password: SecretText,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = trucore::MailedToken)]
pub(super) struct MailedToken {
    #[schema(value_type = String, format = Password)]
    pub(super) token: SecretText,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = trucore::RequestReset)]
pub(super) struct RequestReset {
    #[schema(value_type = String, format = Email, example = "you@example.com")]
    pub(super) email: SecretText,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = trucore::ConfirmReset)]
pub(super) struct ConfirmReset {
    #[schema(value_type = String, format = Password)]
    pub(super) token: SecretText,
    /// The commonest ones, and the account's own address, are refused.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    pub(super) new_password: SecretText,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::Health)]
pub(super) struct Health {
    pub(super) healthy: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::SignedUp)]
pub(super) struct SignedUp<'a> {
    #[schema(required, example = "eyJ…")]
    pub(super) token: Option<&'a str>,
    #[schema(pattern = "^cust_[0-9a-f]{12}$", example = "cust_a1b2c3d4e5f6")]
    pub(super) tenant_id: String,
    #[schema(example = "atf_live_…")]
    pub(super) api_key: &'a str,
    pub(super) email_verified: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::LoggedIn)]
pub(super) struct LoggedIn<'a> {
    #[schema(example = "eyJ…")]
    pub(super) token: &'a str,
    #[schema(pattern = "^cust_[0-9a-f]{12}$", example = "cust_a1b2c3d4e5f6")]
    pub(super) tenant_id: String,
    pub(super) email_verified: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::Dashboard)]
pub(super) struct Dashboard<'a> {
    #[schema(pattern = "^usr_[0-9a-f]{32}$", example = "usr_0199a1b2c3d47e5f8a6b7c8d9e0f1a2b")]
    pub(super) user_id: String,
    /// Null where the account has none.
    #[schema(required, example = "you@example.com")]
    pub(super) email: Option<&'a str>,
    pub(super) email_verified: bool,
    #[schema(pattern = "^cust_[0-9a-f]{12}$", example = "cust_a1b2c3d4e5f6")]
    pub(super) tenant_id: String,
    pub(super) tenant: Tenant,
    pub(super) api_keys: Vec<DashboardKey<'a>>,
    /// Always 0: receipts are the platform's, and Keyward counts none.
    pub(super) receipt_count: u32,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::Tenant)]
pub(super) struct Tenant {
    #[schema(schema_with = plan)]
    pub(super) plan_tier: &'static str,
    #[schema(schema_with = tenant_status)]
    pub(super) status: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::DashboardKey)]
pub(super) struct DashboardKey<'a> {
    #[schema(pattern = "^key_[0-9a-f]{32}$", example = "key_0199a1b2c3d47e5f8a6b7c8d9e0f1a2b")]
    pub(super) key_id: String,
    pub(super) label: &'a str,
    #[schema(schema_with = key_status)]
    pub(super) status: &'static str,
    #[schema(format = DateTime)]
    pub(super) created_at: String,
}

/// What was done.
#[derive(Serialize, ToSchema)]
#[schema(as = trucore::Status)]
pub(super) struct Status {
    #[schema(schema_with = deed)]
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) message: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::Verification)]
pub(super) struct Verification<'a> {
    /// Null where the account has none.
    #[schema(required, example = "you@example.com")]
    pub(super) email: Option<&'a str>,
    pub(super) email_verified: bool,
    /// Seconds since 1970.
    #[schema(required, example = 1_774_051_200)]
    pub(super) email_verified_at: Option<i64>,
    /// Whether a mail is on its way or its link can still be followed.
    pub(super) verification_pending: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::Validity)]
pub(super) struct Validity {
    pub(super) valid: bool,
    /// The code that the token would be refused with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, schema_with = reason)]
    pub(super) reason: Option<&'static str>,
}

/// The refusal stands there twice: the vendor's clients look for it in either place.
#[derive(Serialize, ToSchema)]
#[schema(as = trucore::Failure)]
pub(super) struct Failure<'a> {
    pub(super) error: FailureBody<'a>,
    pub(super) detail: Detail<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = trucore::Detail)]
pub(super) struct Detail<'a> {
    pub(super) error: FailureBody<'a>,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = trucore::FailureBody)]
pub(super) struct FailureBody<'a> {
    pub(super) code: &'static str,
    pub(super) message: &'a str,
    /// How long to wait, where there were too many requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) retry_after_seconds: Option<u64>,
}

impl<'a> From<FailureBody<'a>> for Failure<'a> {
    fn from(error: FailureBody<'a>) -> Self {
        Self { error, detail: Detail { error } }
    }
}

fn deed() -> Schema {
    one_of(["sent", "reset", "verified"])
}

fn reason() -> Schema {
    one_of(["reset_token_invalid", "reset_token_expired"])
}

fn plan() -> Schema {
    one_of(["free", "pro", "enterprise"])
}

fn tenant_status() -> Schema {
    one_of(["active", "suspended", "archived"])
}
