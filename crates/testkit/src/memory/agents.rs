//! Agents in memory.

use async_trait::async_trait;
use keyward_domain::agents::{Agent, AgentStore};
use keyward_domain::ids::{AccountId, AgentId};
use keyward_domain::store::StoreError;

use super::MemoryStore;

#[async_trait]
impl AgentStore for MemoryStore {
    async fn find(&self, account: AccountId, id: AgentId) -> Result<Option<Agent>, StoreError> {
        self.step("AgentStore::find", |state| Ok(state.agent_of(account, id).cloned()))
    }
}
