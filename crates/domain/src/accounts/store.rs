//! Port: keeps accounts.

use async_trait::async_trait;

use super::{Account, AccountStatus, DisplayName, EmailAddress, Epoch, PasswordHash, Plan};
use crate::agents::Agent;
use crate::audit::AuditEvent;
use crate::idempotency::IdempotencyRecord;
use crate::ids::{AccountId, KeyId};
use crate::keys::ApiKey;
use crate::mail::OutboxEntry;
use crate::store::StoreError;
use crate::time::Instant;

/// Everything that registering an account writes, in one step.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The account.
    pub account: Account,
    /// Its password, if it has one.
    pub password: Option<PasswordHash>,
    /// Its first account-level key.
    pub key: ApiKey,
    /// Its first agent with that agent's key, if the dialect gives one.
    pub agent: Option<(Agent, ApiKey)>,
    /// The mail that asks its owner to verify the address, if it has one.
    pub mail: Option<OutboxEntry>,
    /// What its request is known again by.
    pub idempotency: Option<IdempotencyRecord>,
}

/// Why a registration was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationRefused {
    /// An account that is not archived has this e-mail address.
    #[error("the e-mail address belongs to another account")]
    EmailTaken,
    /// One of the keys' handles is in use, or the account's tenant is: draw again.
    #[error("a key's handle is in use")]
    HandleTaken,
    /// The same request was answered a moment ago.
    #[error("the request was answered already")]
    Repeated,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An account with the password that logs in to it.
#[derive(Debug, Clone)]
pub struct AccountLogin {
    /// The account.
    pub account: Account,
    /// Its password; `None` when nobody can log in with one.
    pub password: Option<PasswordHash>,
}

/// A login with a password that has succeeded, to be written down.
#[derive(Debug, Clone)]
pub struct PasswordLogin {
    /// Whose login.
    pub account: AccountId,
    /// A fresh hash in place of an outdated one.
    pub rehash: Option<Rehash>,
}

/// The same password, hashed anew.
#[derive(Debug, Clone)]
pub struct Rehash {
    /// The outdated hash: written over only while it is still the stored one.
    pub from: PasswordHash,
    /// The fresh hash.
    pub to: PasswordHash,
}

/// A password in place of another one.
#[derive(Debug, Clone)]
pub struct NewPasswordHash {
    /// The hash that must still be the stored one.
    pub from: PasswordHash,
    /// The hash of the new password.
    pub to: PasswordHash,
}

/// The place in the list of accounts behind which a page begins: the last account of the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountCursor {
    /// When that account was registered.
    pub created_at: Instant,
    /// That account's id: two accounts of one moment are ordered by it.
    pub id: AccountId,
}

/// Port: keeps accounts. The rules of [`crate::store`] hold.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Writes a whole registration, or nothing.
    ///
    /// Of two registrations with one canonical e-mail address at the same time, exactly one succeeds. Of
    /// any number of the same request exactly one succeeds too; the others are `Repeated`, unless they are `EmailTaken`.
    async fn register(
        &self,
        registration: Registration,
        event: AuditEvent,
    ) -> Result<(), RegistrationRefused>;

    /// The account of this id, whatever its status.
    async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError>;

    /// The account, not archived, of this canonical address, with its password.
    async fn find_login(&self, email: &EmailAddress) -> Result<Option<AccountLogin>, StoreError>;

    /// The oldest account of this display name that is active and has an e-mail address.
    async fn find_named(&self, name: &DisplayName) -> Result<Option<Account>, StoreError>;

    /// The account of this id, whatever its status, with its password.
    async fn find_with_password(&self, id: AccountId) -> Result<Option<AccountLogin>, StoreError>;

    /// Stored passwords, at least one of each scheme and cost that there is.
    async fn password_examples(&self) -> Result<Vec<PasswordHash>, StoreError>;

    /// The account with one of its keys: `key` if it is the account's own (an agent's counts), else the oldest
    /// account-level key that is good at `now` and has no successor.
    async fn find_with_key(
        &self,
        id: AccountId,
        key: Option<KeyId>,
        now: Instant,
    ) -> Result<Option<(Account, Option<ApiKey>)>, StoreError>;

    /// Writes down a login. A rehash whose `from` is no longer stored is dropped; the event is kept.
    async fn record_login(&self, login: PasswordLogin, event: AuditEvent) -> Result<(), StoreError>;

    /// Moves the account from this epoch to the next, which ends all of its tokens, and puts another password in place
    /// if one is given. `false`, and nothing is written, if the epoch or the password is another by now: of any number
    /// at the same time exactly one is `true`.
    async fn begin_epoch(
        &self,
        id: AccountId,
        from: Epoch,
        password: Option<NewPasswordHash>,
        event: AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Changes the status from `from` to `to`, if it is still `from` (by kind, not by moment) and the epoch is
    /// still `epoch`. `false` and nothing written otherwise.
    async fn change_status(
        &self,
        id: AccountId,
        epoch: Epoch,
        from: AccountStatus,
        to: AccountStatus,
        event: AuditEvent,
    ) -> Result<bool, StoreError>;

    /// At most `limit` accounts, newest first, those of one moment by their ids, the greatest first; those of one
    /// canonical e-mail address, archived ones too, or all; beginning behind `after`.
    async fn page(
        &self,
        email: Option<EmailAddress>,
        after: Option<AccountCursor>,
        limit: u16,
    ) -> Result<Vec<Account>, StoreError>;

    /// Changes the plan from `from` to `to`, if it is still `from`, and logs the account among what has ended, so that
    /// every server limits by the new plan. `false` and nothing written otherwise.
    async fn set_plan(
        &self,
        id: AccountId,
        from: Plan,
        to: Plan,
        event: AuditEvent,
    ) -> Result<bool, StoreError>;

    /// Deletes an account with its keys, agents, mails, single-use tokens and what was answered to its requests, whatever
    /// its status; the audit trail stays as it is. `false`, and nothing is written, if there is no such account: of any
    /// number of erasures at the same time exactly one is `true`.
    async fn erase(&self, id: AccountId, event: AuditEvent) -> Result<bool, StoreError>;
}
