//! Port: reads what is not remembered, much at a time.

use async_trait::async_trait;

use super::{AccountRecord, AgentRecord};
use crate::ids::{AccountId, AgentId, KeyId, TokenId};
use crate::keys::{ApiKey, KeyHandle};
use crate::store::StoreError;

/// What is to be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Keys by what is shown of them, each with its account and agent.
    pub handles: Vec<KeyHandle>,
    /// Keys by id.
    pub keys: Vec<KeyId>,
    /// Agents.
    pub agents: Vec<AgentId>,
    /// Accounts.
    pub accounts: Vec<AccountId>,
    /// Tokens, whether they were ended before their time.
    pub tokens: Vec<TokenId>,
}

/// What was found, in no order: what is not here does not exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The keys that were asked for by handle or id.
    pub keys: Vec<ApiKey>,
    /// The agents that were asked for, and those that the keys by handle are bound to.
    pub agents: Vec<AgentRecord>,
    /// The accounts that were asked for, and those of the keys by handle.
    pub accounts: Vec<AccountRecord>,
    /// Those of the tokens that were ended.
    pub revoked_tokens: Vec<TokenId>,
}

/// Port: reads what the check of credentials needs. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait CredentialSource: Send + Sync {
    /// Reads all that is wanted, whatever its state. Each row is as of some moment during the call; two rows may be of
    /// different moments.
    async fn read(&self, wanted: Wanted) -> Result<Found, StoreError>;
}
