//! Use cases of agents: looking at them, and limiting a request to one.

use std::sync::Arc;

use super::{Agent, AgentPage, AgentProfile, AgentStatus, AgentStore, ManageAgentError, SelectAgentError};
use crate::audit::{Action, Actor, AuditEvent, AuditTrail, Deed, Target};
use crate::credentials::Credentials;
use crate::entropy::Entropy;
use crate::idempotency::IdempotencyService;
use crate::ids::{AccountId, AgentId};
use crate::keys::KeyIssuer;
use crate::principal::Principal;
use crate::request::RequestContext;
use crate::store::StoreError;
use crate::time::{Clock, Instant};

/// Use cases of agents.
///
/// Those that make or change agents are the account's alone: a principal that is limited to an agent may not.
#[derive(Clone)]
pub struct AgentService {
    pub(crate) agents: Arc<dyn AgentStore>,
    pub(crate) credentials: Arc<dyn Credentials>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) issuer: KeyIssuer,
    pub(crate) trail: AuditTrail,
    pub(crate) idempotency: IdempotencyService,
}

impl AgentService {
    /// How often a key's handle that turns out to be taken is drawn again, as in
    /// [`AccountService`](crate::accounts::AccountService).
    pub(super) const DRAWS: usize = 3;

    /// Limits an account-level principal to one of its own agents, named as in an `X-Agent-Id` header.
    ///
    /// A principal that is limited to an agent already must name that one.
    pub async fn select(&self, principal: Principal, agent_id: &str) -> Result<Principal, SelectAgentError> {
        let id: AgentId = agent_id.trim().parse().map_err(|_| SelectAgentError::NotYours)?;
        if principal.agent.is_some_and(|own| own != id) {
            return Err(SelectAgentError::NotYours);
        }
        let found = match self.credentials.recall_agent(id) {
            Some(remembered) => Some(remembered),
            None => self.credentials.find_agent(id).await?,
        };
        let scope = principal.scope();
        let own = found
            .filter(|agent| agent.account == scope.account && agent.environment == scope.environment)
            .ok_or(SelectAgentError::NotYours)?;
        match own.standing.status {
            AgentStatus::Active => Ok(Principal { agent: Some(id), ..principal }),
            AgentStatus::Archived { .. } => Err(SelectAgentError::NotYours),
        }
    }

    /// The agent that the principal is limited to, if it is limited to one.
    pub async fn in_scope(&self, principal: &Principal) -> Result<Option<Agent>, StoreError> {
        match principal.agent {
            Some(id) => self.agents.find(principal.scope(), id).await,
            None => Ok(None),
        }
    }

    /// One of the account's agents, archived or not.
    pub async fn find(&self, principal: &Principal, id: AgentId) -> Result<AgentProfile, ManageAgentError> {
        let owner = principal.owner()?;
        self.agents.find_profile(owner, id).await?.ok_or(ManageAgentError::UnknownAgent)
    }

    /// A page of the account's agents, oldest first.
    pub async fn list(
        &self,
        principal: &Principal,
        page: AgentPage,
    ) -> Result<Vec<AgentProfile>, ManageAgentError> {
        Ok(self.agents.list(principal.owner()?, page).await?)
    }

    /// An agent that is still active, before it is changed.
    pub(super) async fn find_active(
        &self,
        principal: &Principal,
        id: AgentId,
    ) -> Result<AgentProfile, ManageAgentError> {
        let profile = self.find(principal, id).await?;
        match profile.agent.status {
            AgentStatus::Active => Ok(profile),
            AgentStatus::Archived { .. } => Err(ManageAgentError::Archived),
        }
    }

    pub(super) fn event(
        &self,
        now: Instant,
        action: Action,
        account: AccountId,
        id: AgentId,
        context: &RequestContext,
    ) -> AuditEvent {
        let (actor, target) = (Actor::Account(account), Target::Agent(id));
        let deed = Deed { actor: &actor, action, target: &target, account: Some(account) };
        self.trail.event(now, deed, Some(context))
    }
}
