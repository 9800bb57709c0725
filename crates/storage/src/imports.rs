//! What is imported, on either database: a batch is one transaction.

use std::collections::HashSet;

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::accounts::{EmailAddress, PasswordHash};
use keyward_domain::imports::{ImportRefused, ImportStore, ImportedAccount};
use keyward_domain::store::StoreError;

use crate::Store;
use crate::audit::append;
use crate::connection::AnyConnection;
use crate::error::{Abort, EMAIL, TENANT};
use crate::native::is_not_archived;
use crate::rows::AccountRow;
use crate::schema::accounts;

#[async_trait]
impl ImportStore for Store {
    async fn addresses_in_use(&self, addresses: Vec<EmailAddress>) -> Result<Vec<EmailAddress>, StoreError> {
        self.db
            .read(move |connection| {
                let canonical = addresses.iter().map(EmailAddress::canonical);
                let found: Vec<Option<String>> = accounts::table
                    .filter(accounts::email_canonical.eq_any(canonical).and(is_not_archived()))
                    .select(accounts::email_canonical)
                    .load(connection)?;
                let found: HashSet<String> = found.into_iter().flatten().collect();
                let is_in_use = |address: &&EmailAddress| found.contains(address.canonical());
                Ok(addresses.iter().filter(is_in_use).cloned().collect())
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
