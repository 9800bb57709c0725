//! Who makes this request.

use crate::accounts::{Epoch, Plan};
use crate::environment::Environment;
use crate::ids::{AccountId, AgentId, KeyId, SessionId, TokenId};
use crate::keys::Generation;
use crate::scope::{MissingScope, Scope, Scopes};
use crate::time::Instant;
use crate::tokens::KeyStamp;

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
    /// The account's epoch when it was recognised.
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

    /// What its credential is compared by once more, before anything is issued to it.
    pub const fn stamp(&self) -> CredentialStamp {
        match self.credential {
            Credential::Key { id, generation, .. } => CredentialStamp::Key(KeyStamp { id, generation }),
            Credential::Token { key, .. } => CredentialStamp::InEpoch { epoch: self.epoch, key },
            Credential::Session { .. } => CredentialStamp::InEpoch { epoch: self.epoch, key: None },
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
        key: Option<KeyStamp>,
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
            Self::Token { key: Some(key), .. } => Some(key.id),
            Self::Token { key: None, .. } | Self::Session { .. } => None,
        }
    }
}

/// What a credential is compared by once more, under its account's lock, before anything is issued to it: what outlives
/// the request is issued to nobody whom something has put out since the request was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialStamp {
    /// An API key: good while the key is, whatever the account's epoch.
    Key(KeyStamp),
    /// A token or a session: good in this epoch of its account, and while the key is that it was exchanged for, if any.
    InEpoch {
        /// The account's epoch.
        epoch: Epoch,
        /// The key.
        key: Option<KeyStamp>,
    },
}

impl CredentialStamp {
    /// The epoch that its account must be in, if it must.
    pub const fn epoch(self) -> Option<Epoch> {
        match self {
            Self::Key(_) => None,
            Self::InEpoch { epoch, .. } => Some(epoch),
        }
    }

    /// The key that must be good, if one must.
    pub const fn key(self) -> Option<KeyStamp> {
        match self {
            Self::Key(key) => Some(key),
            Self::InEpoch { key, .. } => key,
        }
    }
}
