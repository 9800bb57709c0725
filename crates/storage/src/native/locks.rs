//! Rows that nobody else may touch until the transaction ends. SQLite has one writer, so that looking is enough.

use diesel::prelude::*;
use keyward_domain::principal::CredentialStamp;
use keyward_domain::time::Instant;

use crate::connection::AnyConnection;
use crate::rows::OutboxRow;
use crate::schema::{accounts, api_keys, outbox};
use crate::types::{StoredId, StoredInstant};

/// Whether the account exists; from now on until the transaction ends nobody else can change it, delete it, or add
/// what refers to it.
pub(crate) fn lock_account(connection: &mut AnyConnection, id: StoredId) -> QueryResult<bool> {
    let account = accounts::table.find(id).select(accounts::id);
    let found: Option<StoredId> = match connection {
        AnyConnection::Postgres(connection) => account.for_update().first(connection).optional()?,
        AnyConnection::Sqlite(connection) => account.first(connection).optional()?,
    };
    Ok(found.is_some())
}

/// Whether what let a request in still does, at that moment. The account's lock is held: whatever ends its keys or begins
/// another epoch has committed, or waits.
pub(crate) fn is_let_in(
    connection: &mut AnyConnection,
    account: StoredId,
    asker: CredentialStamp,
    at: Instant,
) -> QueryResult<bool> {
    if let Some(epoch) = asker.epoch() {
        let is_it = accounts::id.eq(account).and(accounts::epoch.eq(i64::from(epoch.number())));
        if accounts::table.filter(is_it).count().get_result::<i64>(connection)? != 1 {
            return Ok(false);
        }
    }
    let Some(key) = asker.key() else {
        return Ok(true);
    };
    let is_it = api_keys::id.eq(StoredId::from(key.id)).and(api_keys::account_id.eq(account));
    let is_current = api_keys::generation.eq(i64::from(key.generation.number()));
    let is_good = api_keys::revoked_at
        .is_null()
        .and(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(StoredInstant::from(at))));
    let found = api_keys::table.filter(is_it.and(is_current).and(is_good));
    Ok(found.count().get_result::<i64>(connection)? == 1)
}

/// At most `limit` mails that are due, those first that have been due longest. They are the caller's until the
/// transaction ends: others pass them over.
pub(crate) fn lock_due_mail(
    connection: &mut AnyConnection,
    now: StoredInstant,
    limit: i64,
) -> QueryResult<Vec<OutboxRow>> {
    let due = outbox::table
        .filter(outbox::due_at.le(now))
        .order((outbox::due_at.asc(), outbox::id.asc()))
        .limit(limit);
    match connection {
        AnyConnection::Postgres(connection) => {
            due.select(OutboxRow::as_select()).for_update().skip_locked().load(connection)
        }
        AnyConnection::Sqlite(connection) => due.select(OutboxRow::as_select()).load(connection),
    }
}
