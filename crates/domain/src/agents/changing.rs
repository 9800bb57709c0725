//! Use cases of agents: changing, resetting, archiving and deleting them.

use super::{
    Agent, AgentChanges, AgentProfile, AgentService, AgentStatus, AvatarChoice, AvatarUrl, ManageAgentError,
    RiskProfile, UpdateAgent,
};
use crate::audit::Action;
use crate::ids::AgentId;
use crate::principal::Principal;
use crate::request::RequestContext;
use crate::revocations::Subject;

impl AgentService {
    /// Changes what the command names and nothing else; a command that names nothing writes nothing.
    pub async fn update(
        &self,
        principal: &Principal,
        id: AgentId,
        command: UpdateAgent,
        context: &RequestContext,
    ) -> Result<AgentProfile, ManageAgentError> {
        let profile = self.find_active(principal, id).await?;
        let avatar_url = command.avatar.map(|choice| avatar_of(&profile.agent, choice)).transpose()?;
        let changes = AgentChanges { avatar_url, ..command.changes };
        if changes == AgentChanges::default() {
            return Ok(profile);
        }
        self.write(principal, id, changes, Action::AgentUpdated, context).await
    }

    /// Puts another risk profile in place of the agent's.
    pub async fn set_risk_profile(
        &self,
        principal: &Principal,
        id: AgentId,
        risk_profile: RiskProfile,
        context: &RequestContext,
    ) -> Result<AgentProfile, ManageAgentError> {
        let changes = AgentChanges { risk_profile: risk_profile.into(), ..AgentChanges::default() };
        self.find_active(principal, id).await?;
        self.write(principal, id, changes, Action::AgentUpdated, context).await
    }

    /// Tells the platform behind, by the audit trail and the agent's moment of change, that the agent begins again
    /// from its starting balance. Keyward keeps no other balance, so nothing else changes.
    pub async fn reset(
        &self,
        principal: &Principal,
        id: AgentId,
        context: &RequestContext,
    ) -> Result<AgentProfile, ManageAgentError> {
        self.find_active(principal, id).await?;
        self.write(principal, id, AgentChanges::default(), Action::AgentReset, context).await
    }

    /// Archives an agent, for good: its keys and tokens are no good from the next request on. Archiving it again
    /// changes nothing and is no error.
    pub async fn archive(
        &self,
        principal: &Principal,
        id: AgentId,
        context: &RequestContext,
    ) -> Result<AgentProfile, ManageAgentError> {
        let owner = principal.owner()?;
        let profile = self.find(principal, id).await?;
        if let AgentStatus::Archived { .. } = profile.agent.status {
            self.credentials.forget(Subject::Agent(id));
            return Ok(profile);
        }
        let now = self.clock.now();
        let event = self.event(now, Action::AgentArchived, owner.account, id, context);
        // `false`: another request archived or deleted it just now. What it is then, the look tells.
        if !self.agents.archive(owner, id, now, event).await? {
            self.credentials.forget(Subject::Agent(id));
        }
        self.find(principal, id).await
    }

    /// Deletes an agent with its keys. Its id stays in the audit trail and names nothing any more.
    pub async fn delete(
        &self,
        principal: &Principal,
        id: AgentId,
        context: &RequestContext,
    ) -> Result<(), ManageAgentError> {
        let owner = principal.owner()?;
        let event = self.event(self.clock.now(), Action::AgentDeleted, owner.account, id, context);
        if self.agents.delete(owner, id, event).await? {
            return Ok(());
        }
        self.credentials.forget(Subject::Agent(id));
        Err(ManageAgentError::UnknownAgent)
    }

    async fn write(
        &self,
        principal: &Principal,
        id: AgentId,
        changes: AgentChanges,
        action: Action,
        context: &RequestContext,
    ) -> Result<AgentProfile, ManageAgentError> {
        let owner = principal.owner()?;
        let now = self.clock.now();
        let event = self.event(now, action, owner.account, id, context);
        if self.agents.update(owner, id, changes, now, event).await? {
            self.find(principal, id).await
        } else {
            // It was active when it was looked at, so somebody archived or deleted it in between.
            self.find(principal, id).await.and(Err(ManageAgentError::Archived))
        }
    }
}

/// The picture of its own that the choice means for this agent.
fn avatar_of(agent: &Agent, choice: AvatarChoice) -> Result<Option<AvatarUrl>, ManageAgentError> {
    match choice {
        AvatarChoice::None => Ok(None),
        AvatarChoice::Url(url) => Ok(Some(url)),
        AvatarChoice::Drawn(shown) if shown == agent.drawn_avatar() => Ok(None),
        AvatarChoice::Drawn(_) => Err(ManageAgentError::ForeignAvatar),
    }
}
