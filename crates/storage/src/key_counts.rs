//! How many good account-level keys an account has: a number on its row, which whoever changes it has locked.
//!
//! It may be too high and is never too low: keys end by themselves, and the release before does not count. So whoever
//! meets the limit counts anew before it is believed.

use diesel::prelude::*;

use crate::connection::AnyConnection;
use crate::schema::{accounts, api_keys};
use crate::types::{StoredId, StoredInstant};

/// Takes room for one more key of an account that is locked, if at most `most` are good at that moment then. `false` if
/// there is none.
pub(crate) fn take(
    connection: &mut AnyConnection,
    account: StoredId,
    most: u32,
    at: StoredInstant,
) -> QueryResult<bool> {
    let has_room = accounts::active_keys.lt(i64::from(most));
    let raised = diesel::update(accounts::table.filter(accounts::id.eq(account).and(has_room)))
        .set(accounts::active_keys.eq(accounts::active_keys + 1))
        .execute(connection)?;
    if raised == 1 {
        return Ok(true);
    }
    let good = counted(connection, account, at)?;
    if good >= i64::from(most) {
        return Ok(false);
    }
    diesel::update(accounts::table.find(account))
        .set(accounts::active_keys.eq(good + 1))
        .execute(connection)?;
    Ok(true)
}

/// How many there are at that moment: counted, whatever the number on the row says.
pub(crate) fn counted(
    connection: &mut AnyConnection,
    account: StoredId,
    at: StoredInstant,
) -> QueryResult<i64> {
    let is_level = api_keys::account_id.eq(account).and(api_keys::agent_id.is_null());
    let is_active = api_keys::revoked_at.is_null().and(api_keys::superseded_at.is_null());
    let is_current = api_keys::expires_at.is_null().or(api_keys::expires_at.gt(at));
    api_keys::table.filter(is_level.and(is_active).and(is_current)).count().get_result(connection)
}

/// Says that this key, which is good, was ended: one less, if it is one that counts. Its account is locked.
///
/// A key that ends by itself gives nothing back: its end may have passed for whoever counted last, and then it was not
/// in the number any more.
pub(crate) fn ended(connection: &mut AnyConnection, account: StoredId, key: StoredId) -> QueryResult<()> {
    let is_level = api_keys::agent_id.is_null().and(api_keys::superseded_at.is_null());
    let counted = api_keys::id.eq(key).and(is_level).and(api_keys::expires_at.is_null());
    let was_counted = diesel::dsl::exists(api_keys::table.filter(counted));
    let is_it = accounts::id.eq(account).and(accounts::active_keys.gt(0));
    diesel::update(accounts::table.filter(is_it.and(was_counted)))
        .set(accounts::active_keys.eq(accounts::active_keys - 1))
        .execute(connection)?;
    Ok(())
}

/// Every key of an account that is locked has ended.
pub(crate) fn none_left(connection: &mut AnyConnection, account: StoredId) -> QueryResult<()> {
    diesel::update(accounts::table.find(account)).set(accounts::active_keys.eq(0)).execute(connection)?;
    Ok(())
}
