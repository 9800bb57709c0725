//! Throw-away mailboxes at one domain.

use keyward_domain::accounts::{DisposableDomains, EmailAddress};

/// Knows one domain of throw-away mailboxes.
#[derive(Debug, Clone, Copy)]
pub struct FakeDisposableDomains;

impl FakeDisposableDomains {
    /// That domain.
    pub const DOMAIN: &'static str = "throwaway.example";
}

impl DisposableDomains for FakeDisposableDomains {
    fn has_mailbox(&self, address: &EmailAddress) -> bool {
        address.domain() == Self::DOMAIN
    }
}
