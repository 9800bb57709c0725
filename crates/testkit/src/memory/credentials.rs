//! What the checks of credentials read, from memory.

use async_trait::async_trait;
use keyward_domain::credentials::{AccountRecord, AgentRecord, CredentialSource, Found, Wanted};
use keyward_domain::ids::{AccountId, AgentId};
use keyward_domain::store::StoreError;

use super::MemoryStore;
use super::state::State;

#[async_trait]
impl CredentialSource for MemoryStore {
    async fn read(&self, wanted: Wanted) -> Result<Found, StoreError> {
        self.step("CredentialSource::read", |state| {
            let mut found = Found::default();
            for key in wanted.handles.iter().filter_map(|&handle| state.key_by_handle(handle)) {
                found.keys.push(key.clone());
                found.accounts.extend(account(state, key.account));
                found.agents.extend(key.binding.agent().and_then(|id| agent(state, id)));
            }
            found.keys.extend(wanted.keys.iter().filter_map(|id| state.keys.get(id)).cloned());
            found.agents.extend(wanted.agents.iter().filter_map(|&id| agent(state, id)));
            found.accounts.extend(wanted.accounts.iter().filter_map(|&id| account(state, id)));
            let revoked = wanted.tokens.iter().filter(|id| state.revoked_tokens.contains_key(id));
            found.revoked_tokens.extend(revoked);
            Ok(found)
        })
    }
}

fn account(state: &State, id: AccountId) -> Option<AccountRecord> {
    state.account_standing(id).map(|standing| AccountRecord { id, standing })
}

fn agent(state: &State, id: AgentId) -> Option<AgentRecord> {
    let (account, environment) = state.agents.get(&id).map(|agent| (agent.account, agent.environment))?;
    state.agent_standing(account, id).map(|standing| AgentRecord { id, account, environment, standing })
}
