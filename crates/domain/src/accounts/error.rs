//! What can go wrong with accounts: one variant for each thing that a caller treats differently.

use crate::idempotency::IdempotencyError;
use crate::limits::{AdmitError, Limited};
use crate::store::StoreError;
use crate::tokens::NoSigningKey;

/// Why an account may not act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountInactive {
    /// An admin has stopped it for now.
    #[error("the account is suspended")]
    Suspended,
    /// It has ended.
    #[error("the account is archived")]
    Archived,
}

/// An archived account has no further states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account is archived")]
pub struct AccountIsArchived;

/// Why an account was not registered. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterAccountError {
    /// An account that is not archived has this e-mail address.
    #[error("the e-mail address belongs to another account")]
    EmailTaken,
    /// The e-mail address is a throw-away one, and the surface takes none.
    #[error("the e-mail address is a throw-away one")]
    DisposableEmail,
    /// The password could not be hashed in time.
    #[error(transparent)]
    Password(#[from] super::PasswordError),
    /// No key can sign the token that goes with the answer.
    #[error(transparent)]
    Signing(#[from] NoSigningKey),
    /// The request is a repetition that cannot be answered.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a password was not changed. Nothing was written but what the guard of the identity counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangePasswordError {
    /// There were too many failures.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// The account has no password, or this is not it: one answer for both.
    #[error("the present password is wrong")]
    Mismatch,
    /// No account has this id, or it may not act.
    #[error("the account may not act")]
    Inactive,
    /// Passwords could not be compared or hashed in time.
    #[error(transparent)]
    Password(#[from] super::PasswordError),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AdmitError> for ChangePasswordError {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::Limited(limited) => Self::Limited(limited),
            AdmitError::Store(error) => Self::Store(error),
        }
    }
}

/// Why an admin's deed on an account was not done. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdministerAccountError {
    /// No account has this id.
    #[error("no such account")]
    UnknownAccount,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an account's status was not changed. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeStatusError {
    /// No account has this id.
    #[error("no such account")]
    UnknownAccount,
    /// It has ended and has no further states.
    #[error(transparent)]
    Archived(#[from] AccountIsArchived),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
