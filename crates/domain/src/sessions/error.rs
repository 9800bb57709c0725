//! What can go wrong with sessions.

use crate::accounts::{AccountInactive, CheckPasswordError};
use crate::store::StoreError;

/// Why no session was begun. Nothing was written but what the guard of the identity counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BeginSessionError {
    /// The password lets nobody in.
    #[error(transparent)]
    Password(#[from] CheckPasswordError),
    /// The account has changed since the password was looked at: it was suspended, ended, or all of its sessions were.
    #[error("the account has changed meanwhile")]
    Overtaken,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a session's text lets nobody in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionRefused {
    /// There is no such session, or it has ended: somebody logged out, did not come for a while, its time is over, or
    /// its account is gone or has ended all of its sessions. One answer for all.
    #[error("the session has ended")]
    Ended,
    /// Its account is suspended. After a resume the same session works again, until its time is over.
    #[error("the account is suspended")]
    AccountSuspended,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AccountInactive> for SessionRefused {
    fn from(inactive: AccountInactive) -> Self {
        match inactive {
            AccountInactive::Suspended => Self::AccountSuspended,
            AccountInactive::Archived => Self::Ended,
        }
    }
}
