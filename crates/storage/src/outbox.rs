//! The outbox on either database.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::MailId;
use keyward_domain::mail::{AddressNotice, Outbox, OutboxDepth, OutboxEntry};
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::audit::append;
use crate::connection::AnyConnection;
use crate::error::{Abort, Corrupt};
use crate::native;
use crate::rows::OutboxRow;
use crate::schema::{accounts, outbox};
use crate::types::{StoredId, StoredInstant};

#[async_trait]
impl Outbox for Store {
    async fn enqueue(&self, entry: OutboxEntry) -> Result<(), StoreError> {
        self.db.write(move |connection| insert(connection, &entry)).await
    }

    async fn claim(&self, now: Instant, until: Instant, limit: u16) -> Result<Vec<OutboxEntry>, StoreError> {
        self.db
            .write(move |connection| {
                let mut claimed = Vec::new();
                for row in native::lock_due_mail(connection, now.into(), limit.into())? {
                    let until = StoredInstant::from(until);
                    diesel::update(outbox::table.find(row.id))
                        .set(outbox::due_at.eq(until))
                        .execute(connection)?;
                    let id = MailId::from(row.id);
                    match OutboxEntry::try_from(row) {
                        Ok(entry) => claimed.push(OutboxEntry { due_at: until.into(), ..entry }),
                        // One that a newer release has put in, it may be: it waits, and holds up no other.
                        Err(Corrupt(what)) => {
                            tracing::error!(mail.id = %id, what, "a mail in the outbox cannot be read and is passed over");
                        }
                    }
                }
                Ok(claimed)
            })
            .await
    }

    async fn done(&self, id: MailId) -> Result<bool, StoreError> {
        self.db.write(move |connection| delete(connection, id)).await
    }

    async fn postpone(&self, claimed: &OutboxEntry, due_at: Instant) -> Result<bool, StoreError> {
        let (id, attempts) = (StoredId::from(claimed.id), i64::from(claimed.attempts));
        let claimed_until = StoredInstant::from(claimed.due_at);
        self.db
            .write(move |connection| {
                let is_claimed = outbox::due_at.eq(claimed_until).and(outbox::attempts.eq(attempts));
                let postponed = diesel::update(outbox::table.filter(outbox::id.eq(id).and(is_claimed)))
                    .set((
                        outbox::attempts.eq(attempts.saturating_add(1)),
                        outbox::due_at.eq(StoredInstant::from(due_at)),
                    ))
                    .execute(connection)?;
                Ok(postponed == 1)
            })
            .await
    }

    async fn abandon(&self, id: MailId, event: AuditEvent) -> Result<bool, StoreError> {
        self.db
            .write(move |connection| {
                if !delete(connection, id)? {
                    return Ok(false);
                }
                append(connection, &event)?;
                Ok(true)
            })
            .await
    }

    async fn note_address_in_use(
        &self,
        notice: AddressNotice,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.db
            .write(move |connection| {
                let AddressNotice { account, mail, at, unless_since } = notice;
                let mail = StoredId::from(mail);
                let is_due = accounts::address_notice_id
                    .is_null()
                    .or(accounts::address_notice_id.eq(mail))
                    .or(accounts::address_notice_at.le(StoredInstant::from(unless_since)));
                let account = accounts::table.filter(accounts::id.eq(StoredId::from(account)));
                // `or` binds weaker than the `and` of two filters: diesel puts it in brackets.
                let noted = diesel::update(account.filter(is_due))
                    .set((
                        accounts::address_notice_id.eq(mail),
                        accounts::address_notice_at.eq(StoredInstant::from(at)),
                    ))
                    .execute(connection)?;
                if noted != 1 {
                    return Ok(false);
                }
                append(connection, &event)?;
                Ok(true)
            })
            .await
    }

    async fn depth(&self) -> Result<OutboxDepth, StoreError> {
        self.db
            .read(move |connection| {
                let count: i64 = outbox::table.count().get_result(connection)?;
                let by_age = outbox::table.order(outbox::created_at.asc()).select(outbox::created_at);
                let oldest: Option<StoredInstant> = by_age.first(connection).optional()?;
                let count = u64::try_from(count).unwrap_or(0);
                Ok(OutboxDepth { count, oldest: oldest.map(Into::into) })
            })
            .await
    }
}

/// Puts an entry in, in the transaction of whatever it is about.
pub(crate) fn insert<E>(connection: &mut AnyConnection, entry: &OutboxEntry) -> Result<(), Abort<E>> {
    diesel::insert_into(outbox::table).values(OutboxRow::from(entry)).execute(connection)?;
    Ok(())
}

fn delete(connection: &mut AnyConnection, id: MailId) -> Result<bool, Abort<StoreError>> {
    Ok(diesel::delete(outbox::table.find(StoredId::from(id))).execute(connection)? == 1)
}
