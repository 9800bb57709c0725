//! Rows of `agents`.

use diesel::prelude::*;
use keyward_domain::accounts::{Epoch, StartingBalance};
use keyward_domain::agents::{
    Agent, AgentAttributes, AgentLabel, AgentName, AgentStanding, AgentStatus, AvatarUrl, Color, OrderLimit,
    Percent, RiskProfile, StrategyTags,
};
use keyward_domain::credentials::AgentRecord;
use keyward_domain::time::Instant;

use super::{counted, parsed, unreadable};
use crate::error::Corrupt;
use crate::schema::agents;
use crate::types::{StoredId, StoredInstant};

/// An agent.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = agents, treat_none_as_default_value = false)]
pub(crate) struct AgentRow {
    id: StoredId,
    account_id: StoredId,
    name: String,
    environment: String,
    status: String,
    status_since: Option<StoredInstant>,
    epoch: i64,
    starting_balance: String,
    created_at: StoredInstant,
    llm_model: Option<String>,
    framework: Option<String>,
    strategy_tags: Option<String>,
    max_position_size_pct: Option<i64>,
    daily_loss_limit_pct: Option<i64>,
    max_open_orders: Option<i64>,
    color: Option<String>,
    avatar_url: Option<String>,
    updated_at: Option<StoredInstant>,
}

impl From<&Agent> for AgentRow {
    fn from(agent: &Agent) -> Self {
        let (status, status_since) = match agent.status {
            AgentStatus::Active => ("active", None),
            AgentStatus::Archived { since } => ("archived", Some(since.into())),
        };
        let attributes = &agent.attributes;
        let risk = &attributes.risk_profile;
        Self {
            id: agent.id.into(),
            account_id: agent.account.into(),
            name: agent.name.as_str().to_owned(),
            environment: agent.environment.as_str().to_owned(),
            status: status.to_owned(),
            status_since,
            epoch: agent.epoch.number().into(),
            starting_balance: agent.starting_balance.to_string(),
            created_at: agent.created_at.into(),
            llm_model: attributes.llm_model.as_ref().map(ToString::to_string),
            framework: attributes.framework.as_ref().map(ToString::to_string),
            strategy_tags: Some(tags_column(&attributes.strategy_tags)),
            max_position_size_pct: Some(risk.max_position_size.number().into()),
            daily_loss_limit_pct: Some(risk.daily_loss_limit.number().into()),
            max_open_orders: Some(risk.max_open_orders.number().into()),
            color: attributes.color.map(|color| color.to_string()),
            avatar_url: attributes.avatar_url.as_ref().map(|url| url.as_str().to_owned()),
            updated_at: Some(agent.updated_at.into()),
        }
    }
}

impl TryFrom<AgentRow> for Agent {
    type Error = Corrupt;

    fn try_from(row: AgentRow) -> Result<Self, Corrupt> {
        let attributes = attributes(&row)?;
        Ok(Self {
            id: row.id.into(),
            account: row.account_id.into(),
            name: AgentName::parse(&row.name).map_err(|_| unreadable("agents.name"))?,
            environment: parsed("agents.environment", &row.environment)?,
            status: status(&row.status, row.status_since)?,
            epoch: Epoch::new(counted("agents.epoch", row.epoch)?),
            starting_balance: StartingBalance::parse(&row.starting_balance)
                .map_err(|_| unreadable("agents.starting_balance"))?,
            attributes,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.unwrap_or(row.created_at).into(),
        })
    }
}

/// What NULL stands for, the migration says.
fn attributes(row: &AgentRow) -> Result<AgentAttributes, Corrupt> {
    let label = |column: &str, text: &Option<String>| {
        text.as_deref().map(AgentLabel::parse).transpose().map_err(|_| unreadable(column))
    };
    Ok(AgentAttributes {
        llm_model: label("agents.llm_model", &row.llm_model)?,
        framework: label("agents.framework", &row.framework)?,
        strategy_tags: row.strategy_tags.as_deref().map(tags).transpose()?.unwrap_or_default(),
        risk_profile: risk_profile(row)?,
        color: row.color.as_deref().map(Color::parse).transpose().map_err(|_| unreadable("agents.color"))?,
        avatar_url: row
            .avatar_url
            .as_deref()
            .map(AvatarUrl::parse)
            .transpose()
            .map_err(|_| unreadable("agents.avatar_url"))?,
    })
}

fn risk_profile(row: &AgentRow) -> Result<RiskProfile, Corrupt> {
    let percent = |column: &str, number: Option<i64>, default| match number {
        Some(number) => Percent::new(number).map_err(|_| unreadable(column)),
        None => Ok(default),
    };
    let default = RiskProfile::default();
    let (size, loss) = (row.max_position_size_pct, row.daily_loss_limit_pct);
    Ok(RiskProfile {
        max_position_size: percent("agents.max_position_size_pct", size, default.max_position_size)?,
        daily_loss_limit: percent("agents.daily_loss_limit_pct", loss, default.daily_loss_limit)?,
        max_open_orders: match row.max_open_orders {
            Some(number) => OrderLimit::new(number).map_err(|_| unreadable("agents.max_open_orders"))?,
            None => default.max_open_orders,
        },
    })
}

fn tags(json: &str) -> Result<StrategyTags, Corrupt> {
    let tags: Vec<String> = serde_json::from_str(json).map_err(|_| unreadable("agents.strategy_tags"))?;
    StrategyTags::parse(tags.iter().map(String::as_str)).map_err(|_| unreadable("agents.strategy_tags"))
}

/// Tags as a JSON array of text.
pub(super) fn tags_column(tags: &StrategyTags) -> String {
    serde_json::Value::from(tags.as_slice()).to_string()
}

/// What a credential check reads of an agent.
#[derive(Queryable, Selectable)]
#[diesel(table_name = agents)]
pub(crate) struct AgentStandingRow {
    id: StoredId,
    account_id: StoredId,
    environment: String,
    status: String,
    status_since: Option<StoredInstant>,
    epoch: i64,
}

impl TryFrom<AgentStandingRow> for AgentRecord {
    type Error = Corrupt;

    fn try_from(row: AgentStandingRow) -> Result<Self, Corrupt> {
        let standing = AgentStanding {
            status: status(&row.status, row.status_since)?,
            epoch: Epoch::new(counted("agents.epoch", row.epoch)?),
        };
        let environment = parsed("agents.environment", &row.environment)?;
        Ok(Self { id: row.id.into(), account: row.account_id.into(), environment, standing })
    }
}

fn status(status: &str, since: Option<StoredInstant>) -> Result<AgentStatus, Corrupt> {
    match (status, since.map(Instant::from)) {
        ("active", None) => Ok(AgentStatus::Active),
        ("archived", Some(since)) => Ok(AgentStatus::Archived { since }),
        _ => Err(unreadable("agents.status")),
    }
}
