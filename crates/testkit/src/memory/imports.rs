//! Imports in memory.

use std::collections::HashSet;

use async_trait::async_trait;
use keyward_domain::accounts::{AccountStatus, EmailAddress};
use keyward_domain::ids::AccountId;
use keyward_domain::imports::{ImportRefused, ImportStore, ImportedAccount, ImportedKey};
use keyward_domain::keys::KeyHandle;
use keyward_domain::store::StoreError;

use super::MemoryStore;
use super::state::{AccountRow, State};

#[async_trait]
impl ImportStore for MemoryStore {
    async fn holders(
        &self,
        addresses: Vec<EmailAddress>,
    ) -> Result<Vec<(EmailAddress, AccountId)>, StoreError> {
        self.step("ImportStore::holders", |state| {
            let holder = |address: EmailAddress| {
                let id = state.account_by_email(&address)?.account.id;
                Some((address, id))
            };
            Ok(addresses.into_iter().filter_map(holder).collect())
        })
    }

    async fn accounts_in_use(&self, ids: Vec<AccountId>) -> Result<Vec<AccountId>, StoreError> {
        self.step("ImportStore::accounts_in_use", |state| {
            let is_in_use = |id: &AccountId| {
                let account = state.accounts.get(id);
                account.is_some_and(|row| !matches!(row.account.status, AccountStatus::Archived { .. }))
            };
            Ok(ids.into_iter().filter(is_in_use).collect())
        })
    }

    async fn handles_in_use(&self, handles: Vec<KeyHandle>) -> Result<Vec<KeyHandle>, StoreError> {
        self.step("ImportStore::handles_in_use", |state| {
            Ok(handles.into_iter().filter(|&handle| state.key_by_handle(handle).is_some()).collect())
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

    async fn import_keys(&self, keys: Vec<ImportedKey>) -> Result<(), ImportRefused> {
        self.step("ImportStore::import_keys", |state| {
            let mut handles = HashSet::new();
            for ImportedKey { key, .. } in &keys {
                let is_new = handles.insert(key.handle) && state.key_by_handle(key.handle).is_none();
                if !is_new || !state.accounts.contains_key(&key.account) {
                    return Err(ImportRefused::Overtaken);
                }
            }
            for ImportedKey { key, event } in keys {
                state.keys.insert(key.id, key);
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
