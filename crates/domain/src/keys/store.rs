//! Port: keeps keys.

use async_trait::async_trait;

use super::{ApiKey, KeyHandle, RevocationReason};
use crate::accounts::AccountStanding;
use crate::agents::AgentStanding;
use crate::audit::AuditEvent;
use crate::ids::KeyId;
use crate::store::StoreError;
use crate::time::Instant;

/// A key with all that decides whether it is good, read in one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCredential {
    /// The key.
    pub key: ApiKey,
    /// Its account.
    pub account: AccountStanding,
    /// The agent it is bound to, if any.
    pub agent: Option<AgentStanding>,
}

/// Port: keeps keys. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// The key of this handle, whatever its state, with its account and agent as of the same moment.
    async fn find_credential(&self, handle: KeyHandle) -> Result<Option<KeyCredential>, StoreError>;

    /// Revokes a key that is active. `false`, and nothing is written, if it is unknown or revoked already: of
    /// any number of revocations at the same time exactly one is `true`.
    async fn revoke(
        &self,
        id: KeyId,
        at: Instant,
        reason: RevocationReason,
        event: AuditEvent,
    ) -> Result<bool, StoreError>;
}
