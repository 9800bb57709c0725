//! TradeReady's JSON, as the vendor documents it. Members that are not here are ignored and set nothing.

mod agents;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

pub(super) use self::agents::*;
use crate::extract::SecretText;
use crate::openapi::one_of;

#[derive(Deserialize, ToSchema)]
#[schema(as = tradeready::Register)]
pub(super) struct Register {
    /// 1 to 64 characters, surrounding white space not counted, and something to see.
    #[schema(pattern = r"^\s*[^\x00-\x1f\x7f-\x9f]{1,64}\s*$", example = "AlphaBot")]
    pub(super) display_name: String,
    /// Needed for logging in with a password.
    #[schema(format = Email, example = "alpha@example.com")]
    pub(super) email: Option<String>,
    pub(super) starting_balance: Option<Decimal>,
    /// Needed for logging in with a password. The commonest ones, and the account's own name and address, are refused.
    #[schema(value_type = Option<String>, format = Password, min_length = 8, max_length = 128)]
    pub(super) password: Option<SecretText>,
}

/// A decimal as it was written, which the vendor's clients do as text or as a number. A number is taken as its
/// digits stand: no parser has made a binary fraction of it.
pub(super) enum Decimal {
    Text(String),
    Number(String),
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match raw.get().as_bytes().first() {
            Some(b'"') => serde_json::from_str(raw.get()).map(Self::Text).map_err(D::Error::custom),
            Some(b'-' | b'0'..=b'9') => Ok(Self::Number(raw.get().to_owned())),
            Some(_) | None => Err(D::Error::custom("neither text nor a number")),
        }
    }
}

impl PartialSchema for Decimal {
    fn schema() -> RefOr<Schema> {
        let text = "Above 0 and up to 1000000000, as text or as a number; it is kept digit for digit.";
        ObjectBuilder::new()
            .schema_type(SchemaType::Array(vec![Type::String, Type::Number]))
            .description(Some(text))
            .pattern(Some(r"^\s*[0-9]+(\.[0-9]+)?\s*$"))
            .exclusive_minimum(Some(0))
            .maximum(Some(1_000_000_000))
            .examples(["10000.00"])
            .build()
            .into()
    }
}

impl ToSchema for Decimal {
    fn name() -> std::borrow::Cow<'static, str> {
        "tradeready.Decimal".into()
    }
}

#[derive(Deserialize, ToSchema)]
#[schema(as = tradeready::Login)]
pub(super) struct Login {
    #[schema(value_type = String, format = Password, min_length = 1, example = "ak_live_…")]
    pub(super) api_key: SecretText,
    #[schema(value_type = String, format = Password, min_length = 1, example = "sk_live_…")]
    pub(super) api_secret: SecretText,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = tradeready::UserLogin)]
pub(super) struct UserLogin {
    #[schema(format = Email, example = "alpha@example.com")]
    pub(super) email: String,
    #[schema(value_type = String, format = Password, min_length = 1)]
    pub(super) password: SecretText,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::Registered)]
pub(super) struct Registered<'a> {
    #[schema(format = "uuid")]
    pub(super) account_id: String,
    #[schema(example = "ak_live_…")]
    pub(super) api_key: &'a str,
    #[schema(required, example = "sk_live_…")]
    pub(super) api_secret: Option<&'a str>,
    pub(super) display_name: &'a str,
    #[schema(example = "10000.00")]
    pub(super) starting_balance: String,
    #[schema(required, format = "uuid")]
    pub(super) agent_id: Option<String>,
    #[schema(required, example = "ak_live_…")]
    pub(super) agent_api_key: Option<&'a str>,
    pub(super) message: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::Token)]
pub(super) struct Token<'a> {
    #[schema(example = "eyJ…")]
    pub(super) token: &'a str,
    #[schema(format = DateTime)]
    pub(super) expires_at: String,
    #[schema(schema_with = token_type)]
    pub(super) token_type: &'static str,
    /// Seconds.
    #[schema(example = 3600)]
    pub(super) expires_in: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::AccountInfo)]
pub(super) struct AccountInfo<'a> {
    #[schema(format = "uuid")]
    pub(super) account_id: String,
    /// The key's first characters; null where the account has none of this kind.
    #[schema(required, example = "ak_live_9xQ2...")]
    pub(super) api_key: Option<String>,
    pub(super) display_name: &'a str,
    #[schema(schema_with = account_status)]
    pub(super) status: &'static str,
    #[schema(example = "10000.00")]
    pub(super) starting_balance: String,
    pub(super) current_session: CurrentSession,
    pub(super) risk_profile: RiskProfile,
    #[schema(format = DateTime)]
    pub(super) created_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::CurrentSession)]
pub(super) struct CurrentSession {
    #[schema(format = "uuid")]
    pub(super) session_id: String,
    #[schema(format = DateTime)]
    pub(super) started_at: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::RiskProfile)]
pub(super) struct RiskProfile {
    #[schema(minimum = 1, maximum = 100, example = 25)]
    pub(super) max_position_size_pct: u32,
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub(super) daily_loss_limit_pct: u32,
    #[schema(minimum = 1, maximum = 2147483647, example = 50)]
    pub(super) max_open_orders: u32,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::Failure)]
pub(super) struct Failure<'a> {
    pub(super) error: FailureBody<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::FailureBody)]
pub(super) struct FailureBody<'a> {
    pub(super) code: &'static str,
    pub(super) message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) details: Option<Details<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::Details)]
pub(super) struct Details<'a> {
    /// The member of the body, or the parameter, that is to blame.
    pub(super) field: &'a str,
}

fn token_type() -> Schema {
    one_of(["Bearer"])
}

fn account_status() -> Schema {
    one_of(["active", "suspended", "closed"])
}
