//! Rows that nobody else may touch until the transaction ends. SQLite has one writer, so that looking is enough.

use diesel::prelude::*;
use keyward_domain::accounts::Epoch;

use crate::connection::AnyConnection;
use crate::rows::OutboxRow;
use crate::schema::{accounts, outbox};
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

/// Whether an account whose lock is held is still in this epoch.
pub(crate) fn is_in_epoch(connection: &mut AnyConnection, id: StoredId, epoch: Epoch) -> QueryResult<bool> {
    let is_it = accounts::id.eq(id).and(accounts::epoch.eq(i64::from(epoch.number())));
    Ok(accounts::table.filter(is_it).count().get_result::<i64>(connection)? == 1)
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
