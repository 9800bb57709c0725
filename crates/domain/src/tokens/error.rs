//! What can go wrong with tokens.

use super::NoSigningKey;
use crate::accounts::{AccountInactive, CheckPasswordError, PasswordError};
use crate::limits::Limited;
use crate::store::StoreError;

/// Why a token's own text is no good. The order is the order of the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRejected {
    /// It is no token of ours: malformed, forged, or of another purpose.
    #[error("the token is invalid")]
    Invalid,
    /// It names a signing key that this server does not know: a deleted one, a stranger's, or one of ours that it has
    /// not heard of yet. Every surface answers as if it were [`Invalid`](Self::Invalid).
    #[error("the token names an unknown signing key")]
    UnknownSigningKey,
    /// It was one, and its time is over.
    #[error("the token has expired")]
    Expired,
    /// It is signed by us, but lacks a claim that we always write.
    #[error("the token lacks a claim")]
    MissingClaim,
}

/// Why a token does not authenticate a request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticateTokenError {
    /// Its text is no good.
    #[error(transparent)]
    Rejected(#[from] TokenRejected),
    /// What it was issued for has been revoked or has ended since.
    #[error("the token is revoked")]
    Revoked,
    /// Its account does not exist, or has ended.
    #[error("the token's account is gone")]
    UnknownAccount,
    /// Its account is suspended.
    #[error("the token's account is suspended")]
    AccountSuspended,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a key was not exchanged for a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeKeyError {
    /// The key is malformed, unknown, revoked, or its secret part is wrong.
    #[error("no such key")]
    UnknownKey,
    /// The key is good but logs in to no account: an agent's, or one without a second secret.
    #[error("the key logs in to no account")]
    KeyCannotLogIn,
    /// The second secret is wrong.
    #[error("the second secret is wrong")]
    WrongSecret,
    /// The account may not act. Said only to those who know both secrets.
    #[error(transparent)]
    Account(#[from] AccountInactive),
    /// The server cannot sign with the dialect's algorithm.
    #[error(transparent)]
    Signing(#[from] NoSigningKey),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why whoever makes a request was given no token for its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssueTokenError {
    /// The request shows no key.
    #[error("no key was shown")]
    NotAKey,
    /// The key is bound to an agent, and tokens are given for whole accounts.
    #[error("the key is limited to an agent")]
    LimitedToAgent,
    /// The server cannot sign with the dialect's algorithm.
    #[error(transparent)]
    Signing(#[from] NoSigningKey),
}

/// Why nobody was logged in with a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordLoginError {
    /// There were too many failures. Said of unknown addresses as well.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// No account has this address, or the password is wrong, or there is none: one answer for all.
    #[error("the address or the password is wrong")]
    Mismatch,
    /// The account may not act. Said only to those who know its password.
    #[error(transparent)]
    Account(#[from] AccountInactive),
    /// The password could not be compared.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The server cannot sign with the dialect's algorithm.
    #[error(transparent)]
    Signing(#[from] NoSigningKey),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CheckPasswordError> for PasswordLoginError {
    fn from(error: CheckPasswordError) -> Self {
        match error {
            CheckPasswordError::Limited(limited) => Self::Limited(limited),
            CheckPasswordError::Mismatch => Self::Mismatch,
            CheckPasswordError::Account(inactive) => Self::Account(inactive),
            CheckPasswordError::Password(error) => Self::Password(error),
            CheckPasswordError::Store(error) => Self::Store(error),
        }
    }
}
