//! What is known of a credential.

use std::sync::Arc;

use crate::accounts::AccountStanding;
use crate::agents::AgentStanding;
use crate::environment::Environment;
use crate::ids::{AccountId, AgentId, KeyId, TokenId};
use crate::keys::{ApiKey, Generation, KeyState};
use crate::scope::Scopes;
use crate::time::Instant;

/// An agent as far as a check asks about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentRecord {
    /// Names it.
    pub id: AgentId,
    /// Whose it is.
    pub account: AccountId,
    /// The world it lives in.
    pub environment: Environment,
    /// How it stands.
    pub standing: AgentStanding,
}

/// An account as far as a check asks about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountRecord {
    /// Names it.
    pub id: AccountId,
    /// How it stands.
    pub standing: AccountStanding,
}

/// A key with all that decides whether it is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCredential {
    /// The key.
    pub key: Arc<ApiKey>,
    /// Its account.
    pub account: AccountStanding,
    /// The agent it is bound to, if any.
    pub agent: Option<AgentStanding>,
}

impl KeyCredential {
    /// Puts a key together with its owners. `None` if one of them is gone, and the key with it.
    pub fn of(
        key: Arc<ApiKey>,
        account: Option<AccountStanding>,
        agent: Option<AgentRecord>,
    ) -> Option<Self> {
        let agent = match key.binding.agent() {
            None => None,
            Some(id) => Some(own_agent(agent, key.account, id)?),
        };
        Some(Self { account: account?, agent, key })
    }
}

/// Whom a token names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenSubject {
    /// The token.
    pub token: TokenId,
    /// Its account.
    pub account: AccountId,
    /// Its agent, if any.
    pub agent: Option<AgentId>,
    /// Its key, if any.
    pub key: Option<KeyId>,
}

/// How they stand. `None` for what the token does not name and for what no longer exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenStanding {
    /// Whether the token itself was ended before its time.
    pub is_revoked: bool,
    /// The account.
    pub account: Option<AccountStanding>,
    /// The agent.
    pub agent: Option<AgentStanding>,
    /// The key.
    pub key: Option<KeyStanding>,
}

/// What a token's check needs to know of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyStanding {
    /// What was done to it.
    pub state: KeyState,
    /// From when on it is good no longer, if it ends by itself.
    pub expires_at: Option<Instant>,
    /// What of its owner's rights it has, and every token with it.
    pub scopes: Scopes,
    /// The current generation of its tokens.
    pub generation: Generation,
}

impl TokenStanding {
    /// Puts together how a token's subject stands.
    ///
    /// Security: an agent or key of another account counts as one that does not exist.
    pub fn of(
        subject: TokenSubject,
        is_revoked: bool,
        account: Option<AccountStanding>,
        agent: Option<AgentRecord>,
        key: Option<&ApiKey>,
    ) -> Self {
        let key = key.filter(|key| key.account == subject.account && Some(key.id) == subject.key);
        Self {
            is_revoked,
            account,
            agent: subject.agent.and_then(|id| own_agent(agent, subject.account, id)),
            key: key.map(|key| KeyStanding {
                state: key.state,
                expires_at: key.expires_at,
                scopes: key.scopes,
                generation: key.generation,
            }),
        }
    }
}

fn own_agent(agent: Option<AgentRecord>, account: AccountId, id: AgentId) -> Option<AgentStanding> {
    agent.filter(|agent| agent.account == account && agent.id == id).map(|agent| agent.standing)
}
