//! Port: keeps what is imported.

use async_trait::async_trait;

use crate::accounts::{Account, EmailAddress, PasswordHash};
use crate::audit::AuditEvent;
use crate::store::StoreError;

/// An account to be written, with the event of its import.
#[derive(Debug, Clone)]
pub struct ImportedAccount {
    /// The account.
    pub account: Account,
    /// Its password, if it has one.
    pub password: Option<PasswordHash>,
    /// What the trail says of it.
    pub event: AuditEvent,
}

/// Why a batch was not written. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefused {
    /// Something of it is in use by now, or was drawn twice: look again and draw again.
    #[error("something of the batch is in use by now")]
    Overtaken,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Port: keeps what is imported. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ImportStore: Send + Sync {
    /// Those of the addresses that an account has which is not archived, in no order.
    async fn addresses_in_use(&self, addresses: Vec<EmailAddress>) -> Result<Vec<EmailAddress>, StoreError>;

    /// Writes all of the accounts, or nothing: [`Overtaken`](ImportRefused::Overtaken) if one has an address that is in
    /// use.
    async fn import_accounts(&self, accounts: Vec<ImportedAccount>) -> Result<(), ImportRefused>;
}
