//! Rows of `accounts`.

use diesel::prelude::*;
use keyward_domain::accounts::{
    Account, AccountEmail, AccountStanding, AccountStatus, DisplayName, EmailAddress, Epoch, Plan,
    StartingBalance,
};
use keyward_domain::credentials::AccountRecord;
use keyward_domain::time::Instant;

use super::{counted, parsed, unreadable};
use crate::error::Corrupt;
use crate::schema::accounts;
use crate::types::{StoredId, StoredInstant};

/// An account without its password: only a login reads that.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub(crate) struct AccountRow {
    id: StoredId,
    display_name: String,
    email: Option<String>,
    email_canonical: Option<String>,
    email_verified_at: Option<StoredInstant>,
    status: String,
    status_since: Option<StoredInstant>,
    epoch: i64,
    starting_balance: String,
    created_at: StoredInstant,
    plan: Option<String>,
}

impl From<&Account> for AccountRow {
    fn from(account: &Account) -> Self {
        let (status, status_since) = status_columns(account.status);
        let email = account.email.as_ref();
        Self {
            id: account.id.into(),
            display_name: account.display_name.as_str().to_owned(),
            email: email.map(|email| email.address.as_typed().to_owned()),
            email_canonical: email.map(|email| email.address.canonical().to_owned()),
            email_verified_at: email.and_then(|email| email.verified_at).map(Into::into),
            status: status.to_owned(),
            status_since,
            epoch: account.epoch.number().into(),
            starting_balance: account.starting_balance.to_string(),
            created_at: account.created_at.into(),
            plan: plan_column(account.plan).map(ToOwned::to_owned),
        }
    }
}

impl TryFrom<AccountRow> for Account {
    type Error = Corrupt;

    fn try_from(row: AccountRow) -> Result<Self, Corrupt> {
        let email = match (row.email, row.email_canonical) {
            (Some(typed), Some(canonical)) => Some(AccountEmail {
                address: EmailAddress::from_stored(typed, canonical),
                verified_at: row.email_verified_at.map(Into::into),
            }),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(unreadable("accounts.email")),
        };
        Ok(Self {
            id: row.id.into(),
            display_name: DisplayName::parse(&row.display_name)
                .map_err(|_| unreadable("accounts.display_name"))?,
            email,
            status: status(&row.status, row.status_since)?,
            epoch: Epoch::new(counted("accounts.epoch", row.epoch)?),
            starting_balance: StartingBalance::parse(&row.starting_balance)
                .map_err(|_| unreadable("accounts.starting_balance"))?,
            plan: plan(row.plan.as_deref())?,
            created_at: row.created_at.into(),
        })
    }
}

/// What a credential check reads of an account.
#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub(crate) struct AccountStandingRow {
    id: StoredId,
    status: String,
    status_since: Option<StoredInstant>,
    epoch: i64,
    plan: Option<String>,
}

impl TryFrom<AccountStandingRow> for AccountRecord {
    type Error = Corrupt;

    fn try_from(row: AccountStandingRow) -> Result<Self, Corrupt> {
        let standing = AccountStanding {
            status: status(&row.status, row.status_since)?,
            epoch: Epoch::new(counted("accounts.epoch", row.epoch)?),
            plan: plan(row.plan.as_deref())?,
        };
        Ok(Self { id: row.id.into(), standing })
    }
}

/// A status as its two columns.
pub(crate) fn status_columns(status: AccountStatus) -> (&'static str, Option<StoredInstant>) {
    match status {
        AccountStatus::Active => ("active", None),
        AccountStatus::Suspended { since } => ("suspended", Some(since.into())),
        AccountStatus::Archived { since } => ("archived", Some(since.into())),
    }
}

/// A plan as its column: the free one is NULL, as it is for accounts that are older than plans.
pub(crate) const fn plan_column(plan: Plan) -> Option<&'static str> {
    match plan {
        Plan::Free => None,
        Plan::Pro | Plan::Enterprise => Some(plan.as_str()),
    }
}

fn plan(column: Option<&str>) -> Result<Plan, Corrupt> {
    column.map_or(Ok(Plan::Free), |plan| parsed("accounts.plan", plan))
}

fn status(status: &str, since: Option<StoredInstant>) -> Result<AccountStatus, Corrupt> {
    match (status, since.map(Instant::from)) {
        ("active", None) => Ok(AccountStatus::Active),
        ("suspended", Some(since)) => Ok(AccountStatus::Suspended { since }),
        ("archived", Some(since)) => Ok(AccountStatus::Archived { since }),
        _ => Err(unreadable("accounts.status")),
    }
}
