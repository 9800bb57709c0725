//! All that a store shows, to say that nothing of it was changed.

use keyward_domain::accounts::Account;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::AccountId;
use keyward_domain::keys::KeySummary;
use keyward_domain::revocations::{Revocation, RevocationNumber};

use super::Stores;

/// All that a store shows of accounts and keys, with the trail and what has ended.
#[derive(Debug, PartialEq)]
pub(super) struct Frame {
    accounts: Vec<Account>,
    keys: Vec<KeySummary>,
    events: Vec<AuditEvent>,
    ended: Vec<Revocation>,
}

impl Frame {
    /// As it is now.
    pub(super) async fn of(stores: &Stores) -> Self {
        Self {
            accounts: stores.accounts.page(None, None, 1_000).await.unwrap(),
            keys: stores.keys.page(None, None, 1_000).await.unwrap(),
            events: stores.trail(None).await,
            ended: stores.revocations.after(RevocationNumber::NONE, 1_000).await.unwrap(),
        }
    }

    /// The same without what is this account's.
    pub(super) fn beside(mut self, account: AccountId) -> Self {
        self.accounts.retain(|other| other.id != account);
        self.keys.retain(|key| key.account != account);
        self.events.retain(|event| event.account != Some(account));
        self.ended.clear();
        self
    }
}
