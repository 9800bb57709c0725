//! Use cases of agents: a new key in place of the old one.

use super::{AgentService, KeyReplacement, ManageAgentError, ReplaceKeyRefused};
use crate::audit::Action;
use crate::idempotency::Answered;
use crate::ids::AgentId;
use crate::keys::{IssuedKey, KeyPrefix};
use crate::principal::{Owner, Principal};
use crate::request::RequestContext;
use crate::scope::Scopes;
use crate::store::StoreError;

impl AgentService {
    /// Ends the agent's key, with every token that was minted from it, and issues another.
    ///
    /// Of several requests that saw the same key exactly one gets a new one; the others are overtaken, so that
    /// nobody holds a key that was dead before it was shown.
    ///
    /// Security: the new key has the old one's rights, as far as whoever asks has them.
    pub async fn regenerate_key(
        &self,
        principal: &Principal,
        id: AgentId,
        prefix: &KeyPrefix,
        context: &RequestContext,
    ) -> Result<Answered<IssuedKey>, ManageAgentError> {
        let Owner { account, environment } = principal.owner()?;
        for _ in 0..Self::DRAWS {
            if let Some(before) = self.idempotency.recall(principal, context).await? {
                return Ok(before);
            }
            let profile = self.find_active(principal, id).await?;
            let scopes = profile.key.as_ref().map_or(Scopes::ALL, |key| key.scopes).and(principal.scopes);
            let seen = profile.key.filter(|key| key.state.is_standing()).map(|key| key.id);
            let now = self.clock.now();
            let mut issued = self.issuer.for_agent(now, prefix, account, id, environment);
            issued.key.scopes = scopes;
            let event = self.event(now, Action::AgentKeyRegenerated, account, id, context);
            let idempotency = self.idempotency.record(principal, &issued, now, context);
            let key = issued.key.clone();
            let replacement =
                KeyReplacement { agent: id, seen, key, at: now, asker: principal.stamp(), idempotency };
            match self.agents.replace_key(replacement, event).await {
                Ok(()) => return Ok(context.answered(issued, now)),
                Err(ReplaceKeyRefused::Overtaken) => return Err(ManageAgentError::Overtaken),
                Err(ReplaceKeyRefused::Outdated) => return Err(ManageAgentError::Ended),
                Err(ReplaceKeyRefused::Store(error)) => return Err(error.into()),
                Err(ReplaceKeyRefused::HandleTaken | ReplaceKeyRefused::Repeated) => {}
            }
        }
        Err(StoreError::Corrupt("fresh key handles keep turning out to be in use".to_owned()).into())
    }
}
