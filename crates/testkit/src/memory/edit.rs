//! Changes that no port makes yet, or never will: a test arranges with them what it needs.

use keyward_domain::accounts::{Account, PasswordHash};
use keyward_domain::agents::Agent;
use keyward_domain::ids::{AccountId, AgentId, KeyId};
use keyward_domain::keys::ApiKey;
use keyward_domain::mail::OutboxEntry;

use super::MemoryStore;

impl MemoryStore {
    /// Changes an account behind the ports' back.
    pub fn edit_account(&self, id: AccountId, edit: impl FnOnce(&mut Account)) {
        edit(&mut self.lock().state.accounts.get_mut(&id).expect("no such account").account);
    }

    /// Puts another password in place of an account's.
    pub fn set_password(&self, id: AccountId, password: Option<PasswordHash>) {
        self.lock().state.accounts.get_mut(&id).expect("no such account").password = password;
    }

    /// Changes an agent behind the ports' back.
    pub fn edit_agent(&self, id: AgentId, edit: impl FnOnce(&mut Agent)) {
        edit(self.lock().state.agents.get_mut(&id).expect("no such agent"));
    }

    /// Changes a key behind the ports' back.
    pub fn edit_key(&self, id: KeyId, edit: impl FnOnce(&mut ApiKey)) {
        edit(self.lock().state.keys.get_mut(&id).expect("no such key"));
    }

    /// Adds an agent, with no audit event.
    pub fn add_agent(&self, agent: Agent) {
        self.lock().state.agents.insert(agent.id, agent);
    }

    /// Adds a key, with no audit event.
    pub fn add_key(&self, key: ApiKey) {
        self.lock().state.keys.insert(key.id, key);
    }

    /// What waits to be mailed, in the order in which it was asked for.
    pub fn outbox(&self) -> Vec<OutboxEntry> {
        self.lock().state.outbox.values().cloned().collect()
    }

    /// Loses an account and everything that is its, as no port ever does.
    pub fn lose_account(&self, id: AccountId) {
        let mut inner = self.lock();
        inner.state.accounts.remove(&id);
        inner.state.delete_belongings(id);
    }
}
