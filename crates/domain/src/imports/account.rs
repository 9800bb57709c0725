//! An account of another system.

use crate::accounts::{DisplayName, EmailAddress, PasswordHash, Plan};
use crate::time::Instant;

/// An account as another system's export has it. It comes without keys: those are imported by themselves.
#[derive(Debug, Clone)]
pub struct ForeignAccount {
    /// Where its owner can be reached, and what tells it from others.
    pub email: EmailAddress,
    /// Whether the other system had the address verified.
    pub email_verified: bool,
    /// What people will call it.
    pub display_name: DisplayName,
    /// The other system's hash of its password; without one its owner resets it first.
    pub password: Option<PasswordHash>,
    /// What it has booked.
    pub plan: Plan,
    /// When the other system registered it; without a moment it is as old as its import.
    pub created_at: Option<Instant>,
}

/// Whether an import writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// It does.
    Write,
    /// It only says what it would do.
    DryRun,
}

/// What came of one line of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported<R> {
    /// It was written, or would have been.
    New,
    /// It is there already, by an earlier import or by itself; nothing of it was changed.
    Present,
    /// It cannot be taken over.
    Refused(R),
}

/// Why an account of another system is not taken over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForeignAccountRefused {
    /// Its password's hash could never be compared with, or costs more than is paid for one.
    #[error("password_hash is {0}")]
    UnusablePassword(&'static str),
    /// It was registered later than now.
    #[error("created_at lies in the future")]
    FromTheFuture,
}
