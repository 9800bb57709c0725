//! The account: its type, its states and their transitions.

use super::{AccountInactive, AccountIsArchived, DisplayName, EmailAddress, Plan, StartingBalance};
use crate::ids::AccountId;
use crate::time::Instant;

/// Counts the times at which all of an account's (or agent's) tokens and sessions were ended at once. A token
/// carries the epoch it was issued in and is good only while that is the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Epoch(u32);

impl Epoch {
    /// The epoch of something new.
    pub const FIRST: Self = Self(1);

    /// Takes a number read from a column or a claim.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number, for a column or a claim.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The epoch that follows: everything that was issued in this one has ended.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A durable owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Names the account; never changes.
    pub id: AccountId,
    /// What people call it.
    pub display_name: DisplayName,
    /// Where its owner can be reached.
    pub email: Option<AccountEmail>,
    /// Whether it may act.
    pub status: AccountStatus,
    /// The current epoch of its tokens.
    pub epoch: Epoch,
    /// An attribute for the platform behind: Keyward keeps it and moves no money.
    pub starting_balance: StartingBalance,
    /// What it has booked.
    pub plan: Plan,
    /// When it was registered.
    pub created_at: Instant,
}

impl Account {
    /// An account that was registered now: nobody has shown that the address is theirs.
    pub fn registered(
        id: AccountId,
        display_name: DisplayName,
        email: Option<EmailAddress>,
        starting_balance: StartingBalance,
        now: Instant,
    ) -> Self {
        Self {
            id,
            display_name,
            email: email.map(|address| AccountEmail { address, verified_at: None }),
            status: AccountStatus::Active,
            epoch: Epoch::FIRST,
            starting_balance,
            plan: Plan::Free,
            created_at: now,
        }
    }

    /// Whether somebody has shown that the account's address is theirs.
    pub fn is_verified(&self) -> bool {
        self.email.as_ref().is_some_and(|email| email.verified_at.is_some())
    }
}

/// An account's e-mail address and whether its owner has shown that it is theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountEmail {
    /// The address.
    pub address: EmailAddress,
    /// When the owner followed a link that was mailed there.
    pub verified_at: Option<Instant>,
}

/// Whether an account may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// It may.
    Active,
    /// An admin has stopped it for now. After a resume the same keys and tokens work again.
    Suspended {
        /// When.
        since: Instant,
    },
    /// It has ended, for good; its e-mail address is free again.
    Archived {
        /// When.
        since: Instant,
    },
}

impl AccountStatus {
    /// Suspends. Suspending again keeps the first moment.
    pub const fn suspend(self, now: Instant) -> Result<Self, AccountIsArchived> {
        match self {
            Self::Active => Ok(Self::Suspended { since: now }),
            Self::Suspended { .. } => Ok(self),
            Self::Archived { .. } => Err(AccountIsArchived),
        }
    }

    /// Lifts a suspension, if there is one.
    pub const fn resume(self) -> Result<Self, AccountIsArchived> {
        match self {
            Self::Active | Self::Suspended { .. } => Ok(Self::Active),
            Self::Archived { .. } => Err(AccountIsArchived),
        }
    }

    /// Archives. Archiving again keeps the first moment.
    #[must_use]
    pub const fn archive(self, now: Instant) -> Self {
        match self {
            Self::Active | Self::Suspended { .. } => Self::Archived { since: now },
            Self::Archived { .. } => self,
        }
    }

    /// `Ok` for an account that may act, else why not.
    pub const fn may_act(self) -> Result<(), AccountInactive> {
        match self {
            Self::Active => Ok(()),
            Self::Suspended { .. } => Err(AccountInactive::Suspended),
            Self::Archived { .. } => Err(AccountInactive::Archived),
        }
    }
}

/// What a credential check needs to know of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountStanding {
    /// Whether it may act.
    pub status: AccountStatus,
    /// The current epoch of its tokens.
    pub epoch: Epoch,
    /// What it has booked.
    pub plan: Plan,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_micros(seconds * 1_000_000).unwrap()
    }

    #[test]
    fn a_suspension_can_be_repeated_and_lifted() {
        let suspended = AccountStatus::Active.suspend(at(1)).unwrap();
        assert_eq!(suspended.suspend(at(2)), Ok(AccountStatus::Suspended { since: at(1) }));
        assert_eq!(suspended.may_act(), Err(AccountInactive::Suspended));
        assert_eq!(suspended.resume(), Ok(AccountStatus::Active));
        assert_eq!(AccountStatus::Active.resume(), Ok(AccountStatus::Active));
    }

    #[test]
    fn an_archived_account_never_comes_back() {
        let archived = AccountStatus::Active.archive(at(1));
        assert_eq!(archived.archive(at(2)), archived);
        assert_eq!(archived.suspend(at(2)), Err(AccountIsArchived));
        assert_eq!(archived.resume(), Err(AccountIsArchived));
        assert_eq!(archived.may_act(), Err(AccountInactive::Archived));
    }
}
