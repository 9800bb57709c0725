//! Port: keeps single-use tokens, and does what they are good for.

use std::num::NonZeroU32;

use async_trait::async_trait;

use super::{SingleUsePurpose, SingleUseToken, SingleUseTokenRefused};
use crate::accounts::{Account, PasswordHash};
use crate::audit::AuditEvent;
use crate::ids::AccountId;
use crate::secret::Digest;
use crate::store::StoreError;
use crate::time::Instant;

/// What came of using a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redemption {
    /// It is used, and what it is good for is done.
    Redeemed,
    /// It is not taken, and nothing was written.
    Refused(SingleUseTokenRefused),
    /// It is good, but the address was verified since it was looked at: nothing was written, look again.
    Overtaken,
}

/// What came of issuing a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuance {
    /// It is written.
    Issued,
    /// The account was issued enough of the kind lately. Nothing was written: the newest one stays good.
    Enough,
    /// The account is no longer what the token is bound to. Nothing was written.
    Overtaken,
}

/// How many tokens of a purpose an account is issued in some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IssueLimit {
    /// So many are enough.
    pub most: NonZeroU32,
    /// From when on they count.
    pub since: Instant,
}

/// A password in the place of a forgotten one.
#[derive(Debug, Clone)]
pub struct PasswordReset {
    /// The token's digest.
    pub token: Digest,
    /// What the token must be good for.
    pub purpose: SingleUsePurpose,
    /// The hash of the new password.
    pub password: PasswordHash,
    /// Whether the account's address was verified when it was looked at. It must still be so: this decides what ends,
    /// and what the event says.
    pub was_verified: bool,
}

/// What lets somebody act for an account at some moment, but for access tokens, of which nothing is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holdings {
    /// How many keys of the account and of its agents are good.
    pub keys: u64,
    /// How many sessions stand.
    pub sessions: u64,
}

/// Port: keeps single-use tokens. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SingleUseTokenStore: Send + Sync {
    /// Writes a new token. Those of the same account and purpose that could still be used go: a newer mail ends an older
    /// one. Under a limit those events of the account count that say the same as this one, since every token has one and
    /// few tokens are kept. Of any number of issues at the same time no more succeed than the limit lets.
    async fn issue(
        &self,
        token: SingleUseToken,
        limit: Option<IssueLimit>,
        event: AuditEvent,
    ) -> Result<Issuance, StoreError>;

    /// The token of this digest, used and expired ones too, with its account.
    async fn find(&self, digest: Digest) -> Result<Option<(SingleUseToken, Account)>, StoreError>;

    /// Whether an account may still be waiting for a link that verifies its address, or may follow one: such a mail of its
    /// waits in the outbox, or a token of this purpose is unused and good by now.
    async fn is_verification_pending(&self, account: AccountId, now: Instant) -> Result<bool, StoreError>;

    /// What lets somebody act for this account now, where a session that was not used since `idle_since` is over. Nothing,
    /// if there is no such account.
    async fn holdings(
        &self,
        account: AccountId,
        now: Instant,
        idle_since: Instant,
    ) -> Result<Holdings, StoreError>;

    /// Uses a token and marks its account's address as verified; an address that was verified before keeps its moment.
    /// Of any number of uses at the same time exactly one is `Redeemed`.
    async fn verify_address(
        &self,
        token: Digest,
        now: Instant,
        event: AuditEvent,
    ) -> Result<Redemption, StoreError>;

    /// Uses a token and puts another password in place. All of the account's tokens and sessions end with it, as with a
    /// new epoch, and its address is verified. If it was not before, every key of the account and of its agents is
    /// revoked too. Of any number of uses at the same time exactly one is `Redeemed`.
    async fn reset_password(
        &self,
        reset: PasswordReset,
        now: Instant,
        event: AuditEvent,
    ) -> Result<Redemption, StoreError>;

    /// Deletes the tokens, used or not, that have expired by then. That is upkeep, and no deed that a trail is about.
    async fn forget(&self, expired_by: Instant) -> Result<(), StoreError>;
}
