//! Port: keeps agents.

use async_trait::async_trait;

use super::Agent;
use crate::ids::{AccountId, AgentId};
use crate::store::StoreError;

/// Port: keeps agents. The rules of [`crate::store`] hold.
///
/// Security: every look-up names the account, so that no caller can forget to compare owners.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AgentStore: Send + Sync {
    /// The agent of this id, if it is `account`'s.
    async fn find(&self, account: AccountId, id: AgentId) -> Result<Option<Agent>, StoreError>;
}
