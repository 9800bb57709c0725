//! TradeReady's JSON, as the vendor documents it. Members that are not here are ignored and set nothing.

mod agents;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

pub(super) use self::agents::*;
use crate::extract::SecretText;

#[derive(Deserialize)]
pub(super) struct Register {
    pub(super) display_name: String,
    pub(super) email: Option<String>,
    pub(super) starting_balance: Option<Decimal>,
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

#[derive(Deserialize)]
pub(super) struct Login {
    pub(super) api_key: SecretText,
    pub(super) api_secret: SecretText,
}

#[derive(Deserialize)]
pub(super) struct UserLogin {
    pub(super) email: String,
    pub(super) password: SecretText,
}

#[derive(Serialize)]
pub(super) struct Registered<'a> {
    pub(super) account_id: String,
    pub(super) api_key: &'a str,
    pub(super) api_secret: Option<&'a str>,
    pub(super) display_name: &'a str,
    pub(super) starting_balance: String,
    pub(super) agent_id: Option<String>,
    pub(super) agent_api_key: Option<&'a str>,
    pub(super) message: &'static str,
}

#[derive(Serialize)]
pub(super) struct Token<'a> {
    pub(super) token: &'a str,
    pub(super) expires_at: String,
    pub(super) token_type: &'static str,
    pub(super) expires_in: u64,
}

#[derive(Serialize)]
pub(super) struct AccountInfo<'a> {
    pub(super) account_id: String,
    pub(super) api_key: Option<String>,
    pub(super) display_name: &'a str,
    pub(super) status: &'static str,
    pub(super) starting_balance: String,
    pub(super) current_session: CurrentSession,
    pub(super) risk_profile: RiskProfile,
    pub(super) created_at: String,
}

#[derive(Serialize)]
pub(super) struct CurrentSession {
    pub(super) session_id: String,
    pub(super) started_at: String,
}

#[derive(Serialize)]
pub(super) struct RiskProfile {
    pub(super) max_position_size_pct: u32,
    pub(super) daily_loss_limit_pct: u32,
    pub(super) max_open_orders: u32,
}

#[derive(Serialize)]
pub(super) struct Failure<'a> {
    pub(super) error: FailureBody<'a>,
}

#[derive(Serialize)]
pub(super) struct FailureBody<'a> {
    pub(super) code: &'static str,
    pub(super) message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) details: Option<Details<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Details<'a> {
    Field { field: &'a str },
    Limit { limit: u32, window_seconds: u64, retry_after_seconds: u64 },
}
