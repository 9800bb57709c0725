//! The JSON of agents.

use serde::{Deserialize, Serialize};

use super::Decimal;

#[derive(Deserialize)]
pub(in super::super) struct CreateAgent {
    pub(in super::super) display_name: Option<String>,
    /// What one page of the vendor's calls it; the other one wins.
    pub(in super::super) name: Option<String>,
    pub(in super::super) starting_balance: Option<Decimal>,
    pub(in super::super) llm_model: Option<String>,
    pub(in super::super) framework: Option<String>,
    pub(in super::super) strategy_tags: Option<Vec<String>>,
    pub(in super::super) risk_profile: Option<RiskProfileChanges>,
    pub(in super::super) color: Option<String>,
}

#[derive(Deserialize)]
pub(in super::super) struct UpdateAgent {
    pub(in super::super) display_name: Option<String>,
    pub(in super::super) llm_model: Option<String>,
    pub(in super::super) framework: Option<String>,
    pub(in super::super) strategy_tags: Option<Vec<String>>,
    pub(in super::super) risk_profile: Option<RiskProfileChanges>,
    pub(in super::super) color: Option<String>,
    pub(in super::super) avatar_url: Option<String>,
}

#[derive(Deserialize, Default)]
pub(in super::super) struct RiskProfileChanges {
    pub(in super::super) max_position_size_pct: Option<i64>,
    pub(in super::super) daily_loss_limit_pct: Option<i64>,
    pub(in super::super) max_open_orders: Option<i64>,
}

#[derive(Deserialize)]
pub(in super::super) struct SetRiskProfile {
    pub(in super::super) max_position_size_pct: i64,
    pub(in super::super) daily_loss_limit_pct: i64,
    pub(in super::super) max_open_orders: i64,
}

#[derive(Serialize)]
pub(in super::super) struct CreatedAgent<'a> {
    pub(in super::super) agent_id: String,
    pub(in super::super) api_key: &'a str,
    pub(in super::super) display_name: &'a str,
    pub(in super::super) starting_balance: String,
    pub(in super::super) message: &'static str,
}

#[derive(Serialize)]
pub(in super::super) struct RegeneratedKey<'a> {
    pub(in super::super) agent_id: String,
    pub(in super::super) api_key: &'a str,
    pub(in super::super) message: &'static str,
}

#[derive(Serialize)]
pub(in super::super) struct Agents<'a> {
    pub(in super::super) agents: Vec<Agent<'a>>,
    /// How many this page has; the overview does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) total: Option<usize>,
}

#[derive(Serialize)]
pub(in super::super) struct Agent<'a> {
    pub(in super::super) id: String,
    pub(in super::super) account_id: String,
    pub(in super::super) display_name: &'a str,
    pub(in super::super) api_key_preview: Option<String>,
    pub(in super::super) starting_balance: String,
    pub(in super::super) llm_model: Option<&'a str>,
    pub(in super::super) framework: Option<&'a str>,
    pub(in super::super) strategy_tags: &'a [String],
    pub(in super::super) risk_profile: super::RiskProfile,
    pub(in super::super) avatar_url: String,
    pub(in super::super) color: String,
    pub(in super::super) status: &'static str,
    pub(in super::super) created_at: String,
    pub(in super::super) updated_at: String,
}
