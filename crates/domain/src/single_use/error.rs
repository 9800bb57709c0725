//! What can go wrong with a mailed link.

use super::SingleUseTokenRefused;
use crate::accounts::{PasswordError, WeakPassword};
use crate::store::StoreError;

/// Why an address was not verified. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyAddressError {
    /// The token is not taken.
    #[error(transparent)]
    Token(#[from] SingleUseTokenRefused),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a password was not reset. Nothing was written, and a token that was good still is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResetPasswordError {
    /// The token is not taken.
    #[error(transparent)]
    Token(#[from] SingleUseTokenRefused),
    /// The password may not be chosen.
    #[error("the new password {0}")]
    Weak(#[from] WeakPassword),
    /// The password could not be hashed in time.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
