//! Use cases of agents.

use std::sync::Arc;

use super::{AgentStatus, AgentStore, SelectAgentError};
use crate::ids::AgentId;
use crate::principal::Principal;

/// Use cases of agents.
#[derive(Clone)]
pub struct AgentService {
    agents: Arc<dyn AgentStore>,
}

impl AgentService {
    /// A service over this store.
    pub fn new(agents: Arc<dyn AgentStore>) -> Self {
        Self { agents }
    }

    /// Limits an account-level principal to one of its own agents, named as in an `X-Agent-Id` header.
    ///
    /// A principal that is limited to an agent already must name that one.
    pub async fn select(&self, principal: Principal, agent_id: &str) -> Result<Principal, SelectAgentError> {
        let id: AgentId = agent_id.trim().parse().map_err(|_| SelectAgentError::NotYours)?;
        if principal.agent.is_some_and(|own| own != id) {
            return Err(SelectAgentError::NotYours);
        }
        let agent = self.agents.find(principal.account, id).await?.ok_or(SelectAgentError::NotYours)?;
        let is_active = agent.status == AgentStatus::Active;
        if is_active && agent.environment == principal.environment {
            Ok(Principal { agent: Some(id), ..principal })
        } else {
            Err(SelectAgentError::NotYours)
        }
    }
}
