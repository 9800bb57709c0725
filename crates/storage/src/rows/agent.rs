//! Rows of `agents`.

use diesel::prelude::*;
use keyward_domain::accounts::{Epoch, StartingBalance};
use keyward_domain::agents::{Agent, AgentName, AgentStanding, AgentStatus};
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
}

impl From<&Agent> for AgentRow {
    fn from(agent: &Agent) -> Self {
        let (status, status_since) = match agent.status {
            AgentStatus::Active => ("active", None),
            AgentStatus::Archived { since } => ("archived", Some(since.into())),
        };
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
        }
    }
}

impl TryFrom<AgentRow> for Agent {
    type Error = Corrupt;

    fn try_from(row: AgentRow) -> Result<Self, Corrupt> {
        Ok(Self {
            id: row.id.into(),
            account: row.account_id.into(),
            name: AgentName::parse(&row.name).map_err(|_| unreadable("agents.name"))?,
            environment: parsed("agents.environment", &row.environment)?,
            status: status(&row.status, row.status_since)?,
            epoch: Epoch::new(counted("agents.epoch", row.epoch)?),
            starting_balance: StartingBalance::parse(&row.starting_balance)
                .map_err(|_| unreadable("agents.starting_balance"))?,
            created_at: row.created_at.into(),
        })
    }
}

/// What a credential check reads of an agent.
#[derive(Queryable, Selectable)]
#[diesel(table_name = agents)]
pub(crate) struct AgentStandingRow {
    id: StoredId,
    account_id: StoredId,
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
        Ok(Self { id: row.id.into(), account: row.account_id.into(), standing })
    }
}

fn status(status: &str, since: Option<StoredInstant>) -> Result<AgentStatus, Corrupt> {
    match (status, since.map(Instant::from)) {
        ("active", None) => Ok(AgentStatus::Active),
        ("archived", Some(since)) => Ok(AgentStatus::Archived { since }),
        _ => Err(unreadable("agents.status")),
    }
}
