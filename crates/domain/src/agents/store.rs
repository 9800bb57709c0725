//! Port: keeps agents.

use async_trait::async_trait;

use super::{Agent, AgentChanges, AgentPage};
use crate::audit::AuditEvent;
use crate::idempotency::IdempotencyRecord;
use crate::ids::{AgentId, KeyId};
use crate::keys::ApiKey;
use crate::principal::{CredentialStamp, Owner};
use crate::store::StoreError;
use crate::time::Instant;

/// An agent as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentProfile {
    /// The agent.
    pub agent: Agent,
    /// Its newest key, an active one before any that is revoked.
    pub key: Option<ApiKey>,
}

/// The place in the list of agents behind which a page begins: the last agent of the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentCursor {
    /// When that agent was made.
    pub created_at: Instant,
    /// That agent's id: two agents of one moment are ordered by it.
    pub id: AgentId,
}

/// A new agent with its first key.
#[derive(Debug, Clone)]
pub struct NewAgent {
    /// The agent.
    pub agent: Agent,
    /// Its key.
    pub key: ApiKey,
    /// What let the request in.
    pub asker: CredentialStamp,
    /// What its request is known again by.
    pub idempotency: Option<IdempotencyRecord>,
}

/// A new key in place of an agent's old one.
#[derive(Debug, Clone)]
pub struct KeyReplacement {
    /// The agent that the key is bound to; its account and environment are the key's.
    pub agent: AgentId,
    /// The active key that the caller saw; `None` if it saw none.
    pub seen: Option<KeyId>,
    /// The new key.
    pub key: ApiKey,
    /// When.
    pub at: Instant,
    /// What let the request in.
    pub asker: CredentialStamp,
    /// What its request is known again by.
    pub idempotency: Option<IdempotencyRecord>,
}

impl KeyReplacement {
    /// Whose agent it is.
    pub const fn owner(&self) -> Owner {
        Owner { account: self.key.account, environment: self.key.environment }
    }
}

/// Why an agent was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateAgentRefused {
    /// The key's handle is in use: draw another.
    #[error("the key's handle is in use")]
    HandleTaken,
    /// The account was erased a moment ago.
    #[error("the account is gone")]
    OwnerGone,
    /// What let the request in has ended since: its key, or its token or session with the account's epoch or with the
    /// key it was exchanged for.
    #[error("what let the request in has ended")]
    Outdated,
    /// The same request was answered a moment ago.
    #[error("the request was answered already")]
    Repeated,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a key was not replaced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplaceKeyRefused {
    /// The agent is no longer as the caller saw it: another key is active, or the agent has ended or is gone.
    #[error("the agent is not as it was seen")]
    Overtaken,
    /// The new key's handle is in use: draw another.
    #[error("the key's handle is in use")]
    HandleTaken,
    /// What let the request in has ended since: its key, or its token or session with the account's epoch or with the
    /// key it was exchanged for.
    #[error("what let the request in has ended")]
    Outdated,
    /// The same request was answered a moment ago.
    #[error("the request was answered already")]
    Repeated,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Port: keeps agents. The rules of [`crate::store`] hold.
///
/// Security: every method names the owner, so that no caller can forget to compare accounts and environments.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AgentStore: Send + Sync {
    /// The agent of this id, if it is `owner`'s.
    async fn find(&self, owner: Owner, id: AgentId) -> Result<Option<Agent>, StoreError>;

    /// The same with its newest key, read in one moment.
    async fn find_profile(&self, owner: Owner, id: AgentId) -> Result<Option<AgentProfile>, StoreError>;

    /// A page of `owner`'s agents, oldest first (by moment, then by id), each with its newest key.
    async fn list(&self, owner: Owner, page: AgentPage) -> Result<Vec<AgentProfile>, StoreError>;

    /// At most `limit` of `owner`'s active agents, newest first, those of one moment by their ids, the greatest first;
    /// beginning behind `after`.
    async fn newest(
        &self,
        owner: Owner,
        after: Option<AgentCursor>,
        limit: u16,
    ) -> Result<Vec<Agent>, StoreError>;

    /// Writes an agent with its first key, or nothing. The idempotency record is written first: of any number of the same
    /// request exactly one succeeds, the others are `Repeated`.
    async fn create(&self, new: NewAgent, event: AuditEvent) -> Result<(), CreateAgentRefused>;

    /// Makes the changes, and no other, to an agent that is active; `at` is when it last changed. `false`, and
    /// nothing is written, if `owner` has no such active agent.
    async fn update(
        &self,
        owner: Owner,
        id: AgentId,
        changes: AgentChanges,
        at: Instant,
        event: AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Archives an agent that is active; its keys and tokens end. `false`, and nothing is written, if `owner` has
    /// no such active agent: of any number of calls at the same time exactly one is `true`.
    async fn archive(
        &self,
        owner: Owner,
        id: AgentId,
        at: Instant,
        event: AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Deletes an agent, archived or not, with all of its keys; its id stays in the audit trail. `false`, and
    /// nothing is written, if `owner` has no such agent: of any number of calls at the same time exactly one is
    /// `true`.
    async fn delete(&self, owner: Owner, id: AgentId, event: AuditEvent) -> Result<bool, StoreError>;

    /// Revokes the key that the caller saw, and any other active key of the agent, and writes the new one.
    ///
    /// Of any number of replacements of one seen key at the same time exactly one succeeds, and the agent has
    /// exactly one active key afterwards. The idempotency record is written first, as for [`create`](Self::create).
    async fn replace_key(
        &self,
        replacement: KeyReplacement,
        event: AuditEvent,
    ) -> Result<(), ReplaceKeyRefused>;
}
