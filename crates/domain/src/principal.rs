//! Who makes this request.

use crate::accounts::{Epoch, Plan};
use crate::environment::Environment;
use crate::ids::{AccountId, AgentId, KeyId, SessionId, TokenId};
use crate::keys::Generation;
use crate::scope::{MissingScope, Scope, Scopes};
use crate::store::StoreError;
use crate::time::Instant;

/// Who makes this request: the result of authentication. It lives as long as the request and is never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal {
    /// The owner in whose name everything happens.
    pub account: AccountId,
    /// The one agent that this request is limited to; `None` acts for the whole account.
    pub agent: Option<AgentId>,
    /// What was shown to prove it.
    pub credential: Credential,
    /// The world this request happens in.
    pub environment: Environment,
    /// What the account has booked.
    pub plan: Plan,
    /// What of the account's rights it has.
    pub scopes: Scopes,
    /// The account's epoch when it was recognised: what it asks to be issued is issued in no other.
    pub epoch: Epoch,
}

/// Whose things a request reaches: an account's, in one of the two worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The account.
    pub account: AccountId,
    /// The world.
    pub environment: Environment,
}

/// The principal is limited to an agent, and asks for what only the whole account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("limited to an agent")]
pub struct LimitedToAgent;

impl Principal {
    /// Whose things it reaches, whether it is limited to an agent or not.
    pub const fn scope(&self) -> Owner {
        Owner { account: self.account, environment: self.environment }
    }

    /// Whose things it may manage: the account's, unless it is limited to an agent.
    pub const fn owner(&self) -> Result<Owner, LimitedToAgent> {
        match self.agent {
            None => Ok(self.scope()),
            Some(_) => Err(LimitedToAgent),
        }
    }

    /// What to say when its account turns out to be in another epoch by now. Its token or session has ended. A key may
    /// have, or not: the client is told to ask again, and then it shows.
    pub(crate) fn outdated<E: From<StoreError>>(&self, ended: E) -> E {
        match self.credential {
            Credential::Token { .. } | Credential::Session { .. } => ended,
            Credential::Key { .. } => StoreError::Busy.into(),
        }
    }

    /// Whether it has this right.
    pub const fn may(&self, scope: Scope) -> Result<(), MissingScope> {
        if self.scopes.allows(scope) { Ok(()) } else { Err(MissingScope(scope)) }
    }
}

/// What a request was authenticated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// An API key, shown as such.
    Key {
        /// The key.
        id: KeyId,
        /// Its generation: what it is exchanged for ends with that.
        generation: Generation,
        /// When it was issued.
        issued_at: Instant,
    },
    /// An access token.
    Token {
        /// The token's `jti`.
        id: TokenId,
        /// The key that it was exchanged for, unless a password was.
        key: Option<KeyId>,
        /// When it was issued.
        issued_at: Instant,
        /// When it ends.
        expires_at: Instant,
    },
    /// A browser's session, in which somebody has logged in.
    Session {
        /// The session.
        id: SessionId,
        /// When it began.
        began_at: Instant,
    },
}

impl Credential {
    /// The API key behind this credential, if there is one.
    pub const fn key(&self) -> Option<KeyId> {
        match *self {
            Self::Key { id, .. } => Some(id),
            Self::Token { key, .. } => key,
            Self::Session { .. } => None,
        }
    }
}
