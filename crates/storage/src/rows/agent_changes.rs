//! Changes of `agents`: the columns that an account may change, and no other.

use diesel::prelude::*;
use keyward_domain::agents::{AgentChanges, AgentLabel, AvatarUrl};
use keyward_domain::time::Instant;

use super::agent::tags_column;
use crate::schema::agents;
use crate::types::StoredInstant;

/// What changes; `None` leaves the column, `Some(None)` makes it NULL.
#[derive(AsChangeset)]
#[diesel(table_name = agents)]
pub(crate) struct AgentChangesRow {
    name: Option<String>,
    llm_model: Option<Option<String>>,
    framework: Option<Option<String>>,
    strategy_tags: Option<String>,
    max_position_size_pct: Option<i64>,
    daily_loss_limit_pct: Option<i64>,
    max_open_orders: Option<i64>,
    color: Option<String>,
    avatar_url: Option<Option<String>>,
    updated_at: StoredInstant,
}

impl AgentChangesRow {
    pub(crate) fn new(changes: &AgentChanges, at: Instant) -> Self {
        let label = |change: &Option<Option<AgentLabel>>| {
            change.as_ref().map(|label| label.as_ref().map(ToString::to_string))
        };
        let avatar = |url: &Option<AvatarUrl>| url.as_ref().map(|url| url.as_str().to_owned());
        let risk = &changes.risk_profile;
        Self {
            name: changes.name.as_ref().map(ToString::to_string),
            llm_model: label(&changes.llm_model),
            framework: label(&changes.framework),
            strategy_tags: changes.strategy_tags.as_ref().map(tags_column),
            max_position_size_pct: risk.max_position_size.map(|percent| percent.number().into()),
            daily_loss_limit_pct: risk.daily_loss_limit.map(|percent| percent.number().into()),
            max_open_orders: risk.max_open_orders.map(|limit| limit.number().into()),
            color: changes.color.map(|color| color.to_string()),
            avatar_url: changes.avatar_url.as_ref().map(avatar),
            updated_at: at.into(),
        }
    }
}
