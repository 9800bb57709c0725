//! What is imported, on either database: a batch is one transaction.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::accounts::{EmailAddress, PasswordHash};
use keyward_domain::ids::AccountId;
use keyward_domain::imports::{ImportRefused, ImportStore, ImportedAccount, ImportedKey};
use keyward_domain::keys::{KeyHandle, KeyState};
use keyward_domain::store::StoreError;

use crate::Store;
use crate::audit::append;
use crate::connection::AnyConnection;
use crate::error::{Abort, EMAIL, HANDLE, TENANT};
use crate::native::is_not_archived;
use crate::rows::{AccountRow, KeyRow};
use crate::schema::{accounts, api_keys};
use crate::types::StoredId;

#[async_trait]
impl ImportStore for Store {
    async fn holders(
        &self,
        addresses: Vec<EmailAddress>,
    ) -> Result<Vec<(EmailAddress, AccountId)>, StoreError> {
        self.db
            .read(move |connection| {
                let canonical = addresses.iter().map(EmailAddress::canonical);
                let found: Vec<(Option<String>, StoredId)> = accounts::table
                    .filter(accounts::email_canonical.eq_any(canonical).and(is_not_archived()))
                    .select((accounts::email_canonical, accounts::id))
                    .load(connection)?;
                let found: HashMap<String, StoredId> =
                    found.into_iter().filter_map(|(address, id)| Some((address?, id))).collect();
                let holder = |address: &EmailAddress| {
                    Some((address.clone(), AccountId::from(*found.get(address.canonical())?)))
                };
                Ok(addresses.iter().filter_map(holder).collect())
            })
            .await
    }

    async fn accounts_in_use(&self, ids: Vec<AccountId>) -> Result<Vec<AccountId>, StoreError> {
        self.db
            .read(move |connection| {
                let ids = ids.iter().copied().map(StoredId::from);
                let found: Vec<StoredId> = accounts::table
                    .filter(accounts::id.eq_any(ids).and(is_not_archived()))
                    .select(accounts::id)
                    .load(connection)?;
                Ok(found.into_iter().map(AccountId::from).collect())
            })
            .await
    }

    async fn handles_in_use(&self, handles: Vec<KeyHandle>) -> Result<Vec<KeyHandle>, StoreError> {
        self.db
            .read(move |connection| {
                let texts = handles.iter().map(KeyHandle::as_str);
                let found: Vec<String> = api_keys::table
                    .filter(api_keys::handle.eq_any(texts))
                    .select(api_keys::handle)
                    .load(connection)?;
                let found: HashSet<String> = found.into_iter().collect();
                Ok(handles.iter().copied().filter(|handle| found.contains(handle.as_str())).collect())
            })
            .await
    }

    async fn import_accounts(&self, accounts: Vec<ImportedAccount>) -> Result<(), ImportRefused> {
        self.db
            .write(move |connection| {
                accounts.iter().try_for_each(|imported| import_account(connection, imported))
            })
            .await
    }

    async fn import_keys(&self, keys: Vec<ImportedKey>) -> Result<(), ImportRefused> {
        self.db
            .write(move |connection| keys.iter().try_for_each(|imported| import_key(connection, imported)))
            .await
    }
}

fn import_key(connection: &mut AnyConnection, imported: &ImportedKey) -> Result<(), Abort<ImportRefused>> {
    let account = StoredId::from(imported.key.account);
    let counts = i64::from(imported.key.state == KeyState::Active);
    // The key's account, in its place: none that is gone gets one, and it counts what it has.
    let raised = diesel::update(accounts::table.find(account))
        .set(accounts::active_keys.eq(accounts::active_keys + counts))
        .execute(connection)?;
    if raised != 1 {
        return Err(Abort::Refused(ImportRefused::Overtaken));
    }
    diesel::insert_into(api_keys::table)
        .values(KeyRow::from(&imported.key))
        .execute(connection)
        .map_err(HANDLE.means(ImportRefused::Overtaken))?;
    append(connection, &imported.event)
}

fn import_account(
    connection: &mut AnyConnection,
    imported: &ImportedAccount,
) -> Result<(), Abort<ImportRefused>> {
    let password = imported.password.as_ref().map(PasswordHash::expose);
    let account = AccountRow::from(&imported.account);
    diesel::insert_into(accounts::table)
        .values((account, accounts::password_hash.eq(password), accounts::active_keys.eq(0)))
        .execute(connection)
        .map_err(|error| match TENANT.is_violated(&error) {
            true => Abort::Refused(ImportRefused::Overtaken),
            false => EMAIL.means(ImportRefused::Overtaken)(error),
        })?;
    append(connection, &imported.event)
}
