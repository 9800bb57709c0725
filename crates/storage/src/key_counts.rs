//! How many good account-level keys an account has: a number on its row.
//!
//! Counting rows would race. The number is raised by one statement that names the limit, and everybody who changes it
//! holds the account's row. It may be too high: keys end by themselves, and the release before counts nothing. So
//! whoever meets the limit counts anew, under the row's lock, before it is believed.

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::native::lock_account;
use crate::schema::{accounts, api_keys};
use crate::types::{StoredId, StoredInstant};

/// Whether there is room for one more key.
pub(crate) enum Room {
    /// There was, and it is taken.
    Taken,
    /// There is none.
    None,
    /// The account is gone.
    AccountGone,
}

/// Takes room for one more key, if at most `most` are good at that moment then.
pub(crate) fn take(
    connection: &mut AnyConnection,
    account: StoredId,
    most: u32,
    at: StoredInstant,
) -> QueryResult<Room> {
    let has_room = accounts::active_keys.lt(i64::from(most));
    let raised = diesel::update(accounts::table.filter(accounts::id.eq(account).and(has_room)))
        .set(accounts::active_keys.eq(accounts::active_keys + 1))
        .execute(connection)?;
    if raised == 1 {
        return Ok(Room::Taken);
    }
    if !lock_account(connection, account)? {
        return Ok(Room::AccountGone);
    }
    let is_level = api_keys::account_id.eq(account).and(api_keys::agent_id.is_null());
    let is_active = api_keys::revoked_at.is_null().and(api_keys::superseded_at.is_null());
    let is_current = api_keys::expires_at.is_null().or(api_keys::expires_at.gt(at));
    let good: i64 =
        api_keys::table.filter(is_level.and(is_active).and(is_current)).count().get_result(connection)?;
    if good >= i64::from(most) {
        return Ok(Room::None);
    }
    diesel::update(accounts::table.find(account))
        .set(accounts::active_keys.eq(good + 1))
        .execute(connection)?;
    Ok(Room::Taken)
}

/// One key that counted has ended.
pub(crate) fn give_back(connection: &mut AnyConnection, account: StoredId) -> QueryResult<()> {
    let is_counted = accounts::active_keys.gt(0);
    diesel::update(accounts::table.filter(accounts::id.eq(account).and(is_counted)))
        .set(accounts::active_keys.eq(accounts::active_keys - 1))
        .execute(connection)?;
    Ok(())
}

/// Every key has ended.
pub(crate) fn none_left(connection: &mut AnyConnection, account: StoredId) -> QueryResult<()> {
    diesel::update(accounts::table.find(account)).set(accounts::active_keys.eq(0)).execute(connection)?;
    Ok(())
}
