//! A key of another system.

use crate::accounts::EmailAddress;
use crate::ids::AccountId;
use crate::keys::KeyLabel;
use crate::scope::Scopes;
use crate::secret::Digest;
use crate::store::StoreError;
use crate::time::Instant;

/// Whose a key is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyOwner {
    /// The account of this id.
    Account(AccountId),
    /// The account, not archived, of this address.
    Address(EmailAddress),
}

/// A key as another system's export has it: never its text.
#[derive(Debug, Clone)]
pub struct ForeignKeyRecord {
    /// Whose it is.
    pub owner: KeyOwner,
    /// SHA-256 of its text.
    pub sha256: Digest,
    /// What its owner calls it.
    pub label: KeyLabel,
    /// What of its owner's rights it has.
    pub scopes: Scopes,
    /// From when on it is good no longer, if it ends by itself.
    pub expires_at: Option<Instant>,
    /// Whether it is good. One that is not stays refused, and cannot be imported again as a good one.
    pub enabled: bool,
}

/// Why a key of another system is not taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForeignKeyRefused {
    /// No account that is not archived has this id or address.
    #[error("there is no such account")]
    NoAccount,
}

/// Why keys are not imported. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportKeysError {
    /// Whoever runs the server does not accept keys of other systems: they would be refused when they are shown.
    #[error("keys of other systems are not accepted")]
    NotAccepted,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
