//! Ports: keeps what waits to be mailed, and wakes whoever mails it.

use async_trait::async_trait;

use super::OutboxEntry;
use crate::audit::AuditEvent;
use crate::ids::{AccountId, MailId};
use crate::store::StoreError;
use crate::time::Instant;

/// How much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxDepth {
    /// How many mails.
    pub count: u64,
    /// When the oldest of them was asked for.
    pub oldest: Option<Instant>,
}

/// That the owner of an address is told of somebody who tried to register with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressNotice {
    /// The owner.
    pub account: AccountId,
    /// The mail that tells.
    pub mail: MailId,
    /// Now.
    pub at: Instant,
    /// Another notice since then is enough.
    pub unless_since: Instant,
}

/// Port: keeps what waits to be mailed. The rules of [`crate::store`] hold.
///
/// Asking for a mail and taking it up leave no event: the outbox is how the server does its work, and what was asked
/// for may name people who never had to do with it. What comes of it is in the trail: a token that is issued, a notice
/// that is given, a mail that is given up.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Puts an entry in.
    async fn enqueue(&self, entry: OutboxEntry) -> Result<(), StoreError>;

    /// Takes up at most `limit` entries that are due, those first that have been due longest, and moves them to `until`.
    /// Of any number of callers at the same time, on any number of servers, each entry is one's: the others pass it
    /// over and do not wait. One that cannot be read is moved as well and passed over: it holds up no other.
    async fn claim(&self, now: Instant, until: Instant, limit: u16) -> Result<Vec<OutboxEntry>, StoreError>;

    /// The mail is sent, or there is nobody to send it to: the entry goes. `false` if it is gone already.
    async fn done(&self, id: MailId) -> Result<bool, StoreError>;

    /// The mail failed: the entry is due again at `due_at`, with one more attempt. `false`, and nothing is written, if
    /// the entry is gone or somebody else has taken it up since it was claimed so.
    async fn postpone(&self, claimed: &OutboxEntry, due_at: Instant) -> Result<bool, StoreError>;

    /// The mail is given up: the entry goes. `false`, and nothing is written, if it is gone already.
    async fn abandon(&self, id: MailId, event: AuditEvent) -> Result<bool, StoreError>;

    /// Notes that an account's owner is given a notice. `false`, and nothing is written, if there is no such account or
    /// another mail has told them since `unless_since`. The same mail again, because it failed, is `true`.
    async fn note_address_in_use(&self, notice: AddressNotice, event: AuditEvent)
    -> Result<bool, StoreError>;

    /// How much waits, whether it is due or not.
    async fn depth(&self) -> Result<OutboxDepth, StoreError>;
}

/// Port: wakes whoever sends mail in this process, so that a mail need not wait until somebody looks.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait MailBell: Send + Sync {
    /// There is something new. Returns at once.
    fn ring(&self);
}
