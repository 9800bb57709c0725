//! Port: keeps keys.

use async_trait::async_trait;

use super::{ApiKey, KeyCursor, KeySummary, KeysThat, RevocationReason};
use crate::audit::AuditEvent;
use crate::idempotency::IdempotencyRecord;
use crate::ids::{AccountId, KeyId};
use crate::principal::{CredentialStamp, Owner};
use crate::store::StoreError;
use crate::time::Instant;

/// A new account-level key.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The key.
    pub key: ApiKey,
    /// How many good ones its account may have, this one included.
    pub most: u32,
    /// What let the request in.
    pub asker: CredentialStamp,
    /// What its request is known again by.
    pub idempotency: Option<IdempotencyRecord>,
}

/// Why a key was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateKeyRefused {
    /// The account has as many as it may have.
    #[error("the account has as many keys as it may have")]
    LimitReached,
    /// The key's handle is in use: draw another.
    #[error("the key's handle is in use")]
    HandleTaken,
    /// The account was erased a moment ago.
    #[error("the account is gone")]
    OwnerGone,
    /// What let the request in has ended since: its key, or its token or session with the account's epoch or with the
    /// key it was exchanged for.
    #[error("what let the request in has ended")]
    Outdated,
    /// The same request was answered a moment ago.
    #[error("the request was answered already")]
    Repeated,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A new key in place of an old one.
#[derive(Debug, Clone)]
pub struct KeyRotation {
    /// The key to replace.
    pub from: KeyId,
    /// The new key; account, environment and binding are the old one's.
    pub key: ApiKey,
    /// When.
    pub at: Instant,
    /// Until when the old key stays good, unless it ends before; `None` ends it at once.
    pub good_until: Option<Instant>,
    /// What let the request in.
    pub asker: CredentialStamp,
    /// What its request is known again by.
    pub idempotency: Option<IdempotencyRecord>,
}

impl KeyRotation {
    /// Whose keys they are.
    pub const fn owner(&self) -> Owner {
        Owner { account: self.key.account, environment: self.key.environment }
    }
}

/// Why a key was not rotated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RotateKeyRefused {
    /// It is not active any more, or gone.
    #[error("the key is not active")]
    NotActive,
    /// The new key's handle is in use: draw another.
    #[error("the key's handle is in use")]
    HandleTaken,
    /// What let the request in has ended since: its key, or its token or session with the account's epoch or with the
    /// key it was exchanged for.
    #[error("what let the request in has ended")]
    Outdated,
    /// The same request was answered a moment ago.
    #[error("the request was answered already")]
    Repeated,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Port: keeps keys. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// Writes down when keys were last used: each moment counts unless a later one is stored. Keys that are gone are
    /// passed over.
    ///
    /// No deed of anybody's, and one for every check: it takes no event.
    async fn record_use(&self, used: Vec<(KeyId, Instant)>) -> Result<(), StoreError>;

    /// The key of this id, whatever its state.
    async fn find(&self, id: KeyId) -> Result<Option<KeySummary>, StoreError>;

    /// At most `limit` keys, newest first, those of one moment by their ids, the greatest first; of one account,
    /// those of its agents too, or of all; beginning behind `after`.
    async fn page(
        &self,
        account: Option<AccountId>,
        after: Option<KeyCursor>,
        limit: u16,
    ) -> Result<Vec<KeySummary>, StoreError>;

    /// Revokes a key that was not revoked. `false`, and nothing is written, if it is unknown or revoked already: of
    /// any number of revocations at the same time exactly one is `true`.
    async fn revoke(
        &self,
        id: KeyId,
        at: Instant,
        reason: RevocationReason,
        event: AuditEvent,
    ) -> Result<bool, StoreError>;

    /// The key of this id, whatever its state, if it is `owner`'s or one of its agents'.
    async fn find_of(&self, owner: Owner, id: KeyId) -> Result<Option<KeySummary>, StoreError>;

    /// At most `limit` of those of `owner`'s keys, those of its agents too, newest first as [`page`](Self::page) has
    /// them, beginning behind `after`.
    async fn page_of(
        &self,
        owner: Owner,
        which: KeysThat,
        after: Option<KeyCursor>,
        limit: u16,
    ) -> Result<Vec<KeySummary>, StoreError>;

    /// How many keys an account has of those that [`create`](Self::create) counts at this moment.
    async fn count(&self, account: AccountId, at: Instant) -> Result<u32, StoreError>;

    /// Writes an account-level key, if its account then has no more than `most` that are good: neither revoked, nor
    /// rotated, nor expired by the moment at which the new one was issued. Keys that are bound to agents do not count.
    ///
    /// Of any number of creations at the same time only so many succeed. The idempotency record is written first: of
    /// any number of the same request exactly one succeeds, the others are `Repeated`.
    async fn create(&self, new: NewKey, event: AuditEvent) -> Result<(), CreateKeyRefused>;

    /// Ends the old key, or lets it end at `good_until`, and writes the new one. The old one must be active and not
    /// expired by then. Its own end stays where it comes first. It ends for good, with all that was minted from it: it
    /// is logged among what has ended, also if it is good for a while yet, so that every server learns of its new end.
    ///
    /// Of any number of rotations of one key at the same time exactly one succeeds. The idempotency record is written
    /// first, as for [`create`](Self::create).
    async fn rotate(&self, rotation: KeyRotation, event: AuditEvent) -> Result<(), RotateKeyRefused>;

    /// Revokes a key of `owner`'s or of its agents that was not revoked, because its owner asked for it. `false`, and
    /// nothing is written, if there is none such: of any number of revocations at the same time exactly one is `true`.
    async fn revoke_of(
        &self,
        owner: Owner,
        id: KeyId,
        at: Instant,
        event: AuditEvent,
    ) -> Result<bool, StoreError>;
}
