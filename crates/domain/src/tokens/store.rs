//! Port: whether what a token is stamped by still stands.

use async_trait::async_trait;

use crate::accounts::AccountStanding;
use crate::agents::AgentStanding;
use crate::ids::{AccountId, AgentId, KeyId};
use crate::keys::{Generation, KeyState};
use crate::store::StoreError;

/// Whom to ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenSubject {
    /// The token's account.
    pub account: AccountId,
    /// Its agent, if any.
    pub agent: Option<AgentId>,
    /// Its key, if any.
    pub key: Option<KeyId>,
}

/// How they stand, read in one moment. `None` for what the token does not name and for what no longer exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenStanding {
    /// The account.
    pub account: Option<AccountStanding>,
    /// The agent.
    pub agent: Option<AgentStanding>,
    /// The key.
    pub key: Option<KeyStanding>,
}

/// What a token check needs to know of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyStanding {
    /// Whether it is good.
    pub state: KeyState,
    /// The current generation of its tokens.
    pub generation: Generation,
}

/// Port: how a token's subject stands. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait TokenStandings: Send + Sync {
    /// How account, agent and key stand. An agent or key of another account counts as one that does not exist.
    async fn standing(&self, subject: TokenSubject) -> Result<TokenStanding, StoreError>;
}
