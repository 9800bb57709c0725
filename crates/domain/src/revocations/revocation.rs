//! The revocation: what has ended, under a number.

use crate::ids::{AccountId, AgentId, KeyId, TokenId};
use crate::time::Instant;

/// What must be read anew before it is trusted again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// An account's status or epoch is another.
    Account(AccountId),
    /// An agent's status or epoch is another, or it is gone.
    Agent(AgentId),
    /// A key is revoked, has another generation, or is gone.
    Key(KeyId),
    /// One token was ended before its time.
    Token(RevokedToken),
    /// The keys that sign tokens are others.
    SigningKeys,
}

/// A token that was ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RevokedToken {
    /// Names it (`jti`).
    pub id: TokenId,
    /// When it would have ended by itself: until then it must be remembered.
    pub expires_at: Instant,
}

/// A revocation's place in the log. Numbers become visible in their order: whoever has read up to one has read all
/// that are smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct RevocationNumber(i64);

impl RevocationNumber {
    /// Before the first revocation.
    pub const NONE: Self = Self(0);

    /// Takes a number read from a column.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The number, for a column.
    pub const fn get(self) -> i64 {
        self.0
    }
}

/// One thing that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    /// Its place in the log.
    pub number: RevocationNumber,
    /// What has ended.
    pub subject: Subject,
}
