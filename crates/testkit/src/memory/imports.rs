//! Imports in memory.

use std::collections::HashSet;

use async_trait::async_trait;
use keyward_domain::accounts::EmailAddress;
use keyward_domain::imports::{ImportRefused, ImportStore, ImportedAccount};
use keyward_domain::store::StoreError;

use super::MemoryStore;
use super::state::{AccountRow, State};

#[async_trait]
impl ImportStore for MemoryStore {
    async fn addresses_in_use(&self, addresses: Vec<EmailAddress>) -> Result<Vec<EmailAddress>, StoreError> {
        self.step("ImportStore::addresses_in_use", |state| {
            Ok(addresses.into_iter().filter(|address| state.account_by_email(address).is_some()).collect())
        })
    }

    async fn import_accounts(&self, accounts: Vec<ImportedAccount>) -> Result<(), ImportRefused> {
        self.step("ImportStore::import_accounts", |state| {
            check(state, &accounts)?;
            for ImportedAccount { account, password, event } in accounts {
                state.accounts.insert(account.id, AccountRow { account, password });
                state.audit.push(event);
            }
            Ok(())
        })
    }
}

/// Whether all of the accounts can be written.
fn check(state: &State, accounts: &[ImportedAccount]) -> Result<(), ImportRefused> {
    let mut addresses = HashSet::new();
    for ImportedAccount { account, .. } in accounts {
        let Some(email) = &account.email else { continue };
        let is_new = addresses.insert(email.address.canonical());
        if !is_new || state.account_by_email(&email.address).is_some() {
            return Err(ImportRefused::Overtaken);
        }
    }
    Ok(())
}
