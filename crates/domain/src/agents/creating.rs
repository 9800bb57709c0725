//! Use cases of agents: making them, from nothing or from another.

use super::{
    Agent, AgentAttributes, AgentName, AgentService, CreateAgentRefused, ManageAgentError, NewAgent,
};
use crate::accounts::StartingBalance;
use crate::audit::Action;
use crate::idempotency::Answered;
use crate::ids::AgentId;
use crate::keys::{IssuedKey, KeyPrefix};
use crate::principal::{Owner, Principal};
use crate::request::RequestContext;
use crate::scope::Scopes;
use crate::store::StoreError;

/// What making an agent needs to know.
#[derive(Debug, Clone)]
pub struct CreateAgent {
    /// What people will call it.
    pub name: AgentName,
    /// The balance it begins with.
    pub starting_balance: StartingBalance,
    /// What else is said of it.
    pub attributes: AgentAttributes,
    /// What its key begins with.
    pub key_prefix: KeyPrefix,
}

/// What copying an agent needs to know.
#[derive(Debug, Clone)]
pub struct CloneAgent {
    /// The agent to copy.
    pub original: AgentId,
    /// What people will call the copy; else it is named after the original.
    pub name: Option<AgentName>,
    /// What its key begins with.
    pub key_prefix: KeyPrefix,
}

/// A new agent with its key, which is shown once.
#[derive(Debug)]
pub struct CreatedAgent {
    /// The agent.
    pub agent: Agent,
    /// Its key.
    pub key: IssuedKey,
}

impl AgentService {
    /// Makes an agent with its first key.
    ///
    /// Security: that key has no more rights than whoever makes it.
    pub async fn create(
        &self,
        principal: &Principal,
        command: CreateAgent,
        context: &RequestContext,
    ) -> Result<Answered<CreatedAgent>, ManageAgentError> {
        let owner = principal.owner()?;
        for _ in 0..Self::DRAWS {
            if let Some(before) = self.idempotency.recall(principal, context).await? {
                return Ok(before);
            }
            let created = self.draft(owner, principal.scopes, &command);
            let (agent, now) = (created.agent.clone(), created.agent.created_at);
            let event = self.event(now, Action::AgentCreated, owner.account, agent.id, context);
            let idempotency = self.idempotency.record(principal, &created, now, context);
            match self
                .agents
                .create(
                    NewAgent { agent, key: created.key.key.clone(), asker: principal.stamp(), idempotency },
                    event,
                )
                .await
            {
                Ok(()) => return Ok(context.answered(created, now)),
                Err(CreateAgentRefused::Store(error)) => return Err(error.into()),
                Err(CreateAgentRefused::OwnerGone | CreateAgentRefused::Outdated) => {
                    return Err(ManageAgentError::Ended);
                }
                Err(CreateAgentRefused::HandleTaken | CreateAgentRefused::Repeated) => {}
            }
        }
        Err(StoreError::Corrupt("fresh key handles keep turning out to be in use".to_owned()).into())
    }

    /// Makes an agent like another one, archived or not, with a key of its own. Colour and picture are not copied:
    /// two agents should not look alike.
    pub async fn copy(
        &self,
        principal: &Principal,
        command: CloneAgent,
        context: &RequestContext,
    ) -> Result<Answered<CreatedAgent>, ManageAgentError> {
        principal.owner()?;
        // Before the original is looked at: it may be gone by the time that the request is repeated.
        if let Some(before) = self.idempotency.recall(principal, context).await? {
            return Ok(before);
        }
        let original = self.find(principal, command.original).await?.agent;
        let command = CreateAgent {
            name: command.name.unwrap_or_else(|| original.name.copied()),
            starting_balance: original.starting_balance,
            attributes: AgentAttributes { color: None, avatar_url: None, ..original.attributes },
            key_prefix: command.key_prefix,
        };
        self.create(principal, command, context).await
    }

    fn draft(&self, owner: Owner, scopes: Scopes, command: &CreateAgent) -> CreatedAgent {
        let now = self.clock.now();
        let agent = Agent::made(
            AgentId::generate(now, &*self.entropy),
            owner,
            command.name.clone(),
            command.starting_balance,
            command.attributes.clone(),
            now,
        );
        let Owner { account, environment } = owner;
        let mut key = self.issuer.for_agent(now, &command.key_prefix, account, agent.id, environment);
        key.key.scopes = scopes;
        CreatedAgent { agent, key }
    }
}
