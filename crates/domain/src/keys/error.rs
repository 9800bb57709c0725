//! What can go wrong with keys.

use crate::accounts::AccountInactive;
use crate::idempotency::IdempotencyError;
use crate::principal::LimitedToAgent;
use crate::store::StoreError;

/// Why a key does not authenticate a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticateKeyError {
    /// It is malformed, unknown, or its secret is wrong: one answer for all.
    #[error("no such key")]
    UnknownKey,
    /// It was a good key once. Said only to those who know its secret.
    #[error("the key is revoked")]
    KeyRevoked,
    /// It has ended by itself. Said only to those who know its secret.
    #[error("the key has expired")]
    KeyExpired,
    /// Its agent has ended. Said only to those who know its secret.
    #[error("the key's agent is archived")]
    AgentArchived,
    /// Its account may not act. Said only to those who know its secret.
    #[error(transparent)]
    Account(#[from] AccountInactive),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a key was not revoked. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevokeKeyError {
    /// No key has this id.
    #[error("no such key")]
    UnknownKey,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account's own key was not looked at, issued or changed. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManageKeyError {
    /// An agent manages no keys, not even its own.
    #[error(transparent)]
    LimitedToAgent(#[from] LimitedToAgent),
    /// The key is unknown, of another account or of another environment: one answer for all of them, so that nobody
    /// learns which ids exist.
    #[error("no such key")]
    UnknownKey,
    /// The account has as many keys as its plan allows.
    #[error("the plan allows {most} active keys")]
    LimitReached {
        /// As many.
        most: u32,
    },
    /// The account's address must be verified first.
    #[error("the account's e-mail address is not verified")]
    AddressNotVerified,
    /// The key was revoked, rotated or has expired, and only an active one is rotated; or another request was faster.
    #[error("the key is not active")]
    NotActive,
    /// Whoever asks is narrowed to scopes, and asks for a key with more.
    #[error("a key cannot have more scopes than whoever issues it")]
    ScopeNotHeld,
    /// The key would be over before it was issued.
    #[error("the key would have expired already")]
    AlreadyOver,
    /// What let the request in has ended while it asked: its key, token or session, or the whole account.
    #[error("what let the request in has ended")]
    Ended,
    /// The request is a repetition that cannot be answered.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
