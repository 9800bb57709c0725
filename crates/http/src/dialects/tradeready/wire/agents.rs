//! The JSON of agents.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

use super::Decimal;
use crate::openapi::one_of;

#[derive(Deserialize, ToSchema)]
#[schema(as = tradeready::CreateAgent)]
pub(in super::super) struct CreateAgent {
    /// 1 to 100 characters, surrounding white space not counted, and something to see.
    #[schema(pattern = r"^\s*[^\x00-\x1f\x7f-\x9f]{1,100}\s*$", example = "Momentum")]
    pub(in super::super) display_name: Option<String>,
    /// What one page of the vendor's calls it; the other one wins.
    #[schema(example = json!(null))]
    pub(in super::super) name: Option<String>,
    pub(in super::super) starting_balance: Option<Decimal>,
    /// Up to 100 characters; an empty text clears it.
    #[schema(example = "model-1")]
    pub(in super::super) llm_model: Option<String>,
    /// Up to 100 characters; an empty text clears it.
    #[schema(example = "framework-1")]
    pub(in super::super) framework: Option<String>,
    /// Texts of 1 to 64 characters.
    #[schema(max_items = 50, example = json!(["momentum"]))]
    pub(in super::super) strategy_tags: Option<Vec<String>>,
    pub(in super::super) risk_profile: Option<RiskProfileChanges>,
    /// `#RRGGBB`; without it the agent's id picks one.
    #[schema(pattern = r"^\s*#[0-9A-Fa-f]{6}\s*$", example = "#2563eb")]
    pub(in super::super) color: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = tradeready::UpdateAgent)]
pub(in super::super) struct UpdateAgent {
    /// 1 to 100 characters, surrounding white space not counted, and something to see.
    #[schema(pattern = r"^\s*[^\x00-\x1f\x7f-\x9f]{1,100}\s*$", example = "Momentum")]
    pub(in super::super) display_name: Option<String>,
    /// Up to 100 characters; an empty text clears it.
    #[schema(example = "model-1")]
    pub(in super::super) llm_model: Option<String>,
    /// Up to 100 characters; an empty text clears it.
    #[schema(example = "framework-1")]
    pub(in super::super) framework: Option<String>,
    /// Texts of 1 to 64 characters.
    #[schema(max_items = 50, example = json!(["momentum"]))]
    pub(in super::super) strategy_tags: Option<Vec<String>>,
    pub(in super::super) risk_profile: Option<RiskProfileChanges>,
    /// `#RRGGBB`; without it the agent's id picks one.
    #[schema(pattern = r"^\s*#[0-9A-Fa-f]{6}\s*$", example = "#2563eb")]
    pub(in super::super) color: Option<String>,
    /// An `http` or `https` URL of up to 2048 characters; an empty text clears it, and so does the picture that was
    /// drawn for the agent.
    #[schema(example = "https://example.com/picture.png")]
    pub(in super::super) avatar_url: Option<String>,
}

#[derive(Deserialize, Default, ToSchema)]
#[schema(as = tradeready::RiskProfileChanges)]
pub(in super::super) struct RiskProfileChanges {
    #[schema(minimum = 1, maximum = 100, example = 25)]
    pub(in super::super) max_position_size_pct: Option<i64>,
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub(in super::super) daily_loss_limit_pct: Option<i64>,
    #[schema(minimum = 1, maximum = 2147483647, example = 50)]
    pub(in super::super) max_open_orders: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = tradeready::SetRiskProfile)]
pub(in super::super) struct SetRiskProfile {
    #[schema(minimum = 1, maximum = 100, example = 25)]
    pub(in super::super) max_position_size_pct: i64,
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub(in super::super) daily_loss_limit_pct: i64,
    #[schema(minimum = 1, maximum = 2147483647, example = 50)]
    pub(in super::super) max_open_orders: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::CreatedAgent)]
pub(in super::super) struct CreatedAgent<'a> {
    #[schema(format = "uuid")]
    pub(in super::super) agent_id: String,
    #[schema(example = "ak_live_…")]
    pub(in super::super) api_key: &'a str,
    pub(in super::super) display_name: &'a str,
    #[schema(example = "10000.00")]
    pub(in super::super) starting_balance: String,
    pub(in super::super) message: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::RegeneratedKey)]
pub(in super::super) struct RegeneratedKey<'a> {
    #[schema(format = "uuid")]
    pub(in super::super) agent_id: String,
    #[schema(example = "ak_live_…")]
    pub(in super::super) api_key: &'a str,
    pub(in super::super) message: &'static str,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::Agents)]
pub(in super::super) struct Agents<'a> {
    pub(in super::super) agents: Vec<Agent<'a>>,
    /// How many this page has; the overview does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(in super::super) total: Option<usize>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = tradeready::Agent)]
pub(in super::super) struct Agent<'a> {
    #[schema(format = "uuid")]
    pub(in super::super) id: String,
    #[schema(format = "uuid")]
    pub(in super::super) account_id: String,
    pub(in super::super) display_name: &'a str,
    /// The key's first characters.
    #[schema(required, example = "ak_live_9xQ2...")]
    pub(in super::super) api_key_preview: Option<String>,
    #[schema(example = "10000.00")]
    pub(in super::super) starting_balance: String,
    #[schema(required, example = "model-1")]
    pub(in super::super) llm_model: Option<&'a str>,
    #[schema(required, example = "framework-1")]
    pub(in super::super) framework: Option<&'a str>,
    #[schema(example = json!(["momentum"]))]
    pub(in super::super) strategy_tags: &'a [String],
    pub(in super::super) risk_profile: super::RiskProfile,
    /// Where none was given: a drawing, as a `data:` URL.
    #[schema(example = "https://example.com/picture.png")]
    pub(in super::super) avatar_url: String,
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$", example = "#2563eb")]
    pub(in super::super) color: String,
    #[schema(schema_with = status)]
    pub(in super::super) status: &'static str,
    #[schema(format = DateTime)]
    pub(in super::super) created_at: String,
    #[schema(format = DateTime)]
    pub(in super::super) updated_at: String,
}

fn status() -> Schema {
    one_of(["active", "archived"])
}
