//! Throw-away mailboxes: anybody gets one for the asking, and it is gone tomorrow.

use super::EmailAddress;

/// Whether a surface takes throw-away addresses: its vendor's document decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisposablePolicy {
    /// They are refused.
    Refuse,
    /// They are as good as others: the document has no answer that refuses them.
    Allow,
}

/// Port: knows the domains of throw-away mailboxes.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait DisposableDomains: Send + Sync {
    /// Whether the mailbox lies at such a domain, or at one below it.
    ///
    /// Needs nothing that could be away: whoever cannot read a list refuses to start, and none is ever empty for want
    /// of its file.
    fn has_mailbox(&self, address: &EmailAddress) -> bool;
}
