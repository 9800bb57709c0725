//! Who acts under an account: the account itself and its agents, in one list.

use std::cmp::Reverse;
use std::sync::Arc;

use uuid::Uuid;

use super::{Account, AccountStore};
use crate::agents::{Agent, AgentCursor, AgentStatus, AgentStore};
use crate::ids::AgentId;
use crate::principal::Principal;
use crate::store::StoreError;
use crate::time::Instant;

/// One of those who act under an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The account.
    Account(Account),
    /// One of its agents, which is active.
    Agent(Agent),
}

/// The place in the list behind which a page begins: the last of the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityCursor {
    /// When that one was made.
    pub created_at: Instant,
    /// That one's id, whatever it is of: two of one moment are ordered by it.
    pub id: Uuid,
}

/// Why there is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListIdentitiesError {
    /// The account was erased a moment ago.
    #[error("the account is gone")]
    AccountGone,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Identity {
    /// Its place in the list.
    pub const fn place(&self) -> IdentityCursor {
        match self {
            Self::Account(account) => {
                IdentityCursor { created_at: account.created_at, id: account.id.as_uuid() }
            }
            Self::Agent(agent) => IdentityCursor { created_at: agent.created_at, id: agent.id.as_uuid() },
        }
    }

    fn is_behind(&self, after: Option<IdentityCursor>) -> bool {
        let place = |cursor: IdentityCursor| (cursor.created_at, cursor.id);
        after.is_none_or(|last| place(self.place()) < place(last))
    }
}

/// Lists who acts under an account.
#[derive(Clone)]
pub struct IdentityService {
    pub(crate) accounts: Arc<dyn AccountStore>,
    pub(crate) agents: Arc<dyn AgentStore>,
}

impl IdentityService {
    /// At most `limit` of those whom the principal reaches, newest first, those of one moment by their ids, the greatest
    /// first; beginning behind `after`.
    ///
    /// These are the account and its active agents of the principal's environment. Whoever is limited to an agent
    /// reaches that one alone.
    pub async fn page(
        &self,
        principal: &Principal,
        after: Option<IdentityCursor>,
        limit: u16,
    ) -> Result<Vec<Identity>, ListIdentitiesError> {
        let mut page = match principal.agent {
            Some(id) => self.agent(principal, id).await?,
            None => self.all(principal, after, limit).await?,
        };
        page.retain(|identity| identity.is_behind(after));
        page.sort_by_key(|identity| {
            let IdentityCursor { created_at, id } = identity.place();
            Reverse((created_at, id))
        });
        page.truncate(limit.into());
        Ok(page)
    }

    async fn agent(&self, principal: &Principal, id: AgentId) -> Result<Vec<Identity>, StoreError> {
        let found = self.agents.find(principal.scope(), id).await?;
        let active = found.filter(|agent| agent.status == AgentStatus::Active);
        Ok(active.map(Identity::Agent).into_iter().collect())
    }

    /// As many agents as can be on the page, and the account, which is among them by its own place: a clock may have been
    /// set back between the two.
    async fn all(
        &self,
        principal: &Principal,
        after: Option<IdentityCursor>,
        limit: u16,
    ) -> Result<Vec<Identity>, ListIdentitiesError> {
        let account = self.accounts.find(principal.account).await?.ok_or(ListIdentitiesError::AccountGone)?;
        let after = after
            .map(|IdentityCursor { created_at, id }| AgentCursor { created_at, id: AgentId::from_uuid(id) });
        let agents = self.agents.newest(principal.scope(), after, limit).await?;
        Ok(agents.into_iter().map(Identity::Agent).chain([Identity::Account(account)]).collect())
    }
}
