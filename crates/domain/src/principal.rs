//! Who makes this request.

use crate::environment::Environment;
use crate::ids::{AccountId, AgentId, KeyId, TokenId};
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
}

/// What a request was authenticated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// An API key, shown as such.
    Key {
        /// The key.
        id: KeyId,
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
}

impl Credential {
    /// The API key behind this credential, if there is one.
    pub const fn key(&self) -> Option<KeyId> {
        match *self {
            Self::Key { id, .. } => Some(id),
            Self::Token { key, .. } => key,
        }
    }
}
