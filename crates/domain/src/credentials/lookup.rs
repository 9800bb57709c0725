//! Port: how credentials stand, from memory where that may be trusted.

use async_trait::async_trait;

use super::{AgentRecord, KeyCredential, TokenStanding, TokenSubject};
use crate::ids::{AgentId, KeyId};
use crate::keys::{KeyHandle, KeyStore};
use crate::revocations::Subject;
use crate::store::StoreError;
use crate::time::Instant;

/// Port: how credentials stand. What it answers is never older than the last revocation that was answered to anybody
/// in this process before the question was asked.
///
/// Each question comes twice: `recall_…` is a plain function that looks into memory and nowhere else, `find_…` reads what
/// is not there. The first is all that a warm check does.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The key of this handle with its owners, if all of it is remembered and may be trusted. `None` says nothing.
    fn recall_key(&self, handle: KeyHandle) -> Option<KeyCredential>;

    /// The key of this handle with its owners, whatever its state; `None` if there is no such key.
    async fn find_key(&self, handle: KeyHandle) -> Result<Option<KeyCredential>, StoreError>;

    /// How a token's subject stands, if all of it is remembered and may be trusted. `None` says nothing.
    fn recall_standing(&self, subject: TokenSubject) -> Option<TokenStanding>;

    /// How a token's subject stands.
    async fn find_standing(&self, subject: TokenSubject) -> Result<TokenStanding, StoreError>;

    /// The agent of this id, if it is remembered and may be trusted. `None` says nothing.
    fn recall_agent(&self, id: AgentId) -> Option<AgentRecord>;

    /// The agent of this id, whosever it is; `None` if there is none.
    async fn find_agent(&self, id: AgentId) -> Result<Option<AgentRecord>, StoreError>;

    /// Forgets what is remembered of this subject, so that it is read anew.
    ///
    /// Security: whoever answers that something has ended already says that checks from now on will see it. The deed that
    /// ended it may not have been told here yet: it was made a moment ago, or by another server.
    fn forget(&self, subject: Subject);

    /// Writes down, some time, that this key was used now. Neither waits nor fails.
    fn key_used(&self, key: KeyId);

    /// Waits until this server is known to have heard of everything that the others did before this was called.
    async fn up_to_date(&self) -> Result<(), StoreError>;
}

/// Port: what a memory of credentials does now and then.
#[async_trait]
pub trait CredentialUpkeep: Send + Sync {
    /// Writes down when keys were last used since this was last called. What cannot be written waits for the next time.
    async fn write_down_use(&self, keys: &dyn KeyStore) -> Result<(), StoreError>;

    /// Forgets those ended tokens that are over anyway.
    fn forget_expired_tokens(&self, now: Instant);
}
