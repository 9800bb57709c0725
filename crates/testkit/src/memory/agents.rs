//! Agents in memory.

use async_trait::async_trait;
use keyward_domain::agents::{
    Agent, AgentChanges, AgentCursor, AgentPage, AgentProfile, AgentStatus, AgentStore, CreateAgentRefused,
    KeyReplacement, NewAgent, ReplaceKeyRefused,
};
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::{AgentId, KeyId};
use keyward_domain::keys::{ApiKey, KeyState, RevocationReason};
use keyward_domain::principal::Owner;
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::MemoryStore;
use super::state::State;

#[async_trait]
impl AgentStore for MemoryStore {
    async fn find(&self, owner: Owner, id: AgentId) -> Result<Option<Agent>, StoreError> {
        self.step("AgentStore::find", |state| Ok(state.owned_agent(owner, id).cloned()))
    }

    async fn find_profile(&self, owner: Owner, id: AgentId) -> Result<Option<AgentProfile>, StoreError> {
        self.step("AgentStore::find_profile", |state| {
            Ok(state.owned_agent(owner, id).map(|agent| profile(state, agent)))
        })
    }

    async fn list(&self, owner: Owner, page: AgentPage) -> Result<Vec<AgentProfile>, StoreError> {
        self.step("AgentStore::list", |state| {
            let is_shown = |agent: &&Agent| {
                agent.owner() == owner && (page.include_archived() || agent.status == AgentStatus::Active)
            };
            let mut agents: Vec<_> = state.agents.values().filter(is_shown).collect();
            agents.sort_by_key(|agent| (agent.created_at, agent.id));
            let behind = agents.into_iter().skip(page.offset() as usize);
            Ok(behind.take(page.limit().into()).map(|agent| profile(state, agent)).collect())
        })
    }

    async fn newest(
        &self,
        owner: Owner,
        after: Option<AgentCursor>,
        limit: u16,
    ) -> Result<Vec<Agent>, StoreError> {
        self.step("AgentStore::newest", |state| {
            let is_shown = |agent: &&Agent| {
                let is_behind =
                    after.is_none_or(|last| (agent.created_at, agent.id) < (last.created_at, last.id));
                agent.owner() == owner && agent.status == AgentStatus::Active && is_behind
            };
            let mut page: Vec<_> = state.agents.values().filter(is_shown).cloned().collect();
            page.sort_by_key(|agent| std::cmp::Reverse((agent.created_at, agent.id)));
            page.truncate(limit.into());
            Ok(page)
        })
    }

    async fn create(&self, new: NewAgent, event: AuditEvent) -> Result<(), CreateAgentRefused> {
        self.step("AgentStore::create", |state| {
            let NewAgent { agent, key, asker, idempotency } = new;
            if state.is_answered(idempotency.as_ref()) {
                return Err(CreateAgentRefused::Repeated);
            }
            if !state.accounts.contains_key(&agent.account) {
                return Err(CreateAgentRefused::OwnerGone);
            }
            if !state.is_let_in(agent.account, asker, key.created_at) {
                return Err(CreateAgentRefused::Outdated);
            }
            if state.key_by_handle(key.handle).is_some() {
                return Err(CreateAgentRefused::HandleTaken);
            }
            state.answered(idempotency);
            state.agents.insert(agent.id, agent);
            state.keys.insert(key.id, key);
            state.audit.push(event);
            Ok(())
        })
    }

    async fn update(
        &self,
        owner: Owner,
        id: AgentId,
        changes: AgentChanges,
        at: Instant,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.step("AgentStore::update", |state| {
            let Some(agent) = active(state, owner, id) else {
                return Ok(false);
            };
            apply(agent, changes);
            agent.updated_at = at;
            state.audit.push(event);
            Ok(true)
        })
    }

    async fn archive(
        &self,
        owner: Owner,
        id: AgentId,
        at: Instant,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.end("AgentStore::archive", |state| {
            let Some(agent) = active(state, owner, id) else {
                return Ok((false, Vec::new()));
            };
            agent.status = AgentStatus::Archived { since: at };
            agent.updated_at = at;
            state.audit.push(event);
            Ok((true, vec![Subject::Agent(id)]))
        })
    }

    async fn delete(&self, owner: Owner, id: AgentId, event: AuditEvent) -> Result<bool, StoreError> {
        self.end("AgentStore::delete", |state| {
            if state.owned_agent(owner, id).is_none() {
                return Ok((false, Vec::new()));
            }
            let own = state.keys.values().filter(|key| key.binding.agent() == Some(id));
            let keys = own.map(|key| Subject::Key(key.id));
            let ended = std::iter::once(Subject::Agent(id)).chain(keys).collect();
            state.agents.remove(&id);
            state.keys.retain(|_, key| key.binding.agent() != Some(id));
            state.audit.push(event);
            Ok((true, ended))
        })
    }

    async fn replace_key(
        &self,
        replacement: KeyReplacement,
        event: AuditEvent,
    ) -> Result<(), ReplaceKeyRefused> {
        self.end("AgentStore::replace_key", |state| {
            if state.is_answered(replacement.idempotency.as_ref()) {
                return Err(ReplaceKeyRefused::Repeated);
            }
            let KeyReplacement { agent: id, seen, ref key, at, asker, ref idempotency } = replacement;
            if !state.accounts.contains_key(&key.account) {
                return Err(ReplaceKeyRefused::Overtaken);
            }
            if !state.is_let_in(key.account, asker, at) {
                return Err(ReplaceKeyRefused::Outdated);
            }
            let active_keys: Vec<KeyId> = active_keys_of(state, id).map(|key| key.id).collect();
            let is_as_seen = match seen {
                Some(seen) => active_keys.contains(&seen),
                None => active_keys.is_empty(),
            };
            let is_taken = state.key_by_handle(key.handle).is_some();
            let agent = active(state, replacement.owner(), id).filter(|_| is_as_seen);
            let agent = agent.ok_or(ReplaceKeyRefused::Overtaken)?;
            if is_taken {
                return Err(ReplaceKeyRefused::HandleTaken);
            }
            agent.updated_at = at;
            for key in state.keys.values_mut().filter(|key| active_keys.contains(&key.id)) {
                key.state = KeyState::Revoked { at, reason: RevocationReason::Requested };
            }
            state.keys.insert(key.id, key.clone());
            state.answered(idempotency.clone());
            state.audit.push(event);
            Ok(((), active_keys.into_iter().map(Subject::Key).collect()))
        })
    }
}

pub(super) fn active(state: &mut State, owner: Owner, id: AgentId) -> Option<&mut Agent> {
    let is_it = |agent: &&mut Agent| agent.owner() == owner && agent.status == AgentStatus::Active;
    state.agents.get_mut(&id).filter(is_it)
}

fn active_keys_of(state: &State, id: AgentId) -> impl Iterator<Item = &ApiKey> {
    let is_its_own = move |key: &&ApiKey| key.binding.agent() == Some(id);
    state.keys.values().filter(is_its_own).filter(|key| key.state.is_standing())
}

/// The agent with its newest key, an active one before any that is revoked.
fn profile(state: &State, agent: &Agent) -> AgentProfile {
    let own = state.keys.values().filter(|key| key.binding.agent() == Some(agent.id));
    let newest = own.max_by_key(|key| (key.state.is_standing(), key.created_at, key.id));
    AgentProfile { agent: agent.clone(), key: newest.cloned() }
}

fn apply(agent: &mut Agent, changes: AgentChanges) {
    let AgentChanges { name, llm_model, framework, strategy_tags, risk_profile, color, avatar_url } = changes;
    let attributes = &mut agent.attributes;
    set(&mut agent.name, name);
    set(&mut attributes.llm_model, llm_model);
    set(&mut attributes.framework, framework);
    set(&mut attributes.strategy_tags, strategy_tags);
    attributes.risk_profile = risk_profile.applied_to(attributes.risk_profile);
    set(&mut attributes.color, color.map(Some));
    set(&mut attributes.avatar_url, avatar_url);
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
