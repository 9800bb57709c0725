//! Port: keeps what is imported.

use async_trait::async_trait;

use crate::accounts::{Account, EmailAddress, PasswordHash};
use crate::audit::AuditEvent;
use crate::ids::AccountId;
use crate::keys::{ApiKey, KeyHandle};
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

/// A key to be written, with the event of its import.
#[derive(Debug, Clone)]
pub struct ImportedKey {
    /// The key.
    pub key: ApiKey,
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
    /// Those of the addresses that an account has which is not archived, each with that account, in no order.
    async fn holders(
        &self,
        addresses: Vec<EmailAddress>,
    ) -> Result<Vec<(EmailAddress, AccountId)>, StoreError>;

    /// Those of the accounts that are there and not archived, in no order.
    async fn accounts_in_use(&self, ids: Vec<AccountId>) -> Result<Vec<AccountId>, StoreError>;

    /// Those of the handles that a key has, whatever its state, in no order.
    async fn handles_in_use(&self, handles: Vec<KeyHandle>) -> Result<Vec<KeyHandle>, StoreError>;

    /// Writes all of the accounts, or nothing: [`Overtaken`](ImportRefused::Overtaken) if one has an address that is in
    /// use.
    async fn import_accounts(&self, accounts: Vec<ImportedAccount>) -> Result<(), ImportRefused>;

    /// Writes all of the keys, or nothing: [`Overtaken`](ImportRefused::Overtaken) if one has a handle that is in use, or
    /// an account that is gone. Those that are active count among their account's, whatever its limit.
    async fn import_keys(&self, keys: Vec<ImportedKey>) -> Result<(), ImportRefused>;
}
