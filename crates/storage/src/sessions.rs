//! Browsers' sessions on either database.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::accounts::{Account, AccountStatus};
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::SessionId;
use keyward_domain::secret::Digest;
use keyward_domain::sessions::{Session, SessionStart, SessionStore};
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::accounts::replace_outdated;
use crate::audit::append;
use crate::connection::AnyConnection;
use crate::error::Abort;
use crate::native::lock_account;
use crate::rows::{AccountRow, SessionRow};
use crate::schema::{accounts, sessions};
use crate::types::{StoredId, StoredInstant};

#[async_trait]
impl SessionStore for Store {
    async fn begin(&self, start: SessionStart, event: AuditEvent) -> Result<bool, StoreError> {
        self.db.write(move |connection| begin(connection, &start, &event)).await
    }

    async fn find(&self, digest: Digest) -> Result<Option<(Session, Account)>, StoreError> {
        self.db.read(move |connection| find(connection, digest)).await
    }

    async fn touch(&self, id: SessionId, at: Instant) -> Result<(), StoreError> {
        self.db
            .write(move |connection| {
                let at = StoredInstant::from(at);
                let is_earlier = sessions::id.eq(StoredId::from(id)).and(sessions::last_seen_at.lt(at));
                diesel::update(sessions::table.filter(is_earlier))
                    .set(sessions::last_seen_at.eq(at))
                    .execute(connection)?;
                Ok(())
            })
            .await
    }

    async fn end(&self, id: SessionId, event: AuditEvent) -> Result<bool, StoreError> {
        self.db
            .write(move |connection| {
                let ended = diesel::delete(sessions::table.find(StoredId::from(id))).execute(connection)?;
                if ended != 1 {
                    return Ok(false);
                }
                append(connection, &event)?;
                Ok(true)
            })
            .await
    }

    async fn forget(&self, now: Instant, idle_since: Instant) -> Result<(), StoreError> {
        self.db
            .write(move |connection| {
                let is_over = sessions::expires_at.le(StoredInstant::from(now));
                let is_idle = sessions::last_seen_at.le(StoredInstant::from(idle_since));
                diesel::delete(sessions::table.filter(is_over.or(is_idle))).execute(connection)?;
                Ok(())
            })
            .await
    }
}

/// The account is locked first, so that what the session is bound to does not change between the look and the deed.
fn begin(
    connection: &mut AnyConnection,
    start: &SessionStart,
    event: &AuditEvent,
) -> Result<bool, Abort<StoreError>> {
    let id = StoredId::from(start.session.account);
    if !lock_account(connection, id)? {
        return Ok(false);
    }
    let row: AccountRow = accounts::table.find(id).select(AccountRow::as_select()).first(connection)?;
    let account = Account::try_from(row)?;
    if account.status != AccountStatus::Active || account.epoch != start.session.epoch {
        return Ok(false);
    }
    if let Some(digest) = start.replaced {
        let is_replaced = sessions::digest.eq(digest.as_bytes().to_vec());
        diesel::delete(sessions::table.filter(is_replaced)).execute(connection)?;
    }
    if let Some(rehash) = &start.rehash {
        replace_outdated(connection, id, rehash)?;
    }
    diesel::insert_into(sessions::table).values(SessionRow::from(&start.session)).execute(connection)?;
    append(connection, event)?;
    Ok(true)
}

fn find(
    connection: &mut AnyConnection,
    digest: Digest,
) -> Result<Option<(Session, Account)>, Abort<StoreError>> {
    let session: Option<SessionRow> = sessions::table
        .filter(sessions::digest.eq(digest.as_bytes().as_slice()))
        .select(SessionRow::as_select())
        .first(connection)
        .optional()?;
    let Some(session) = session else {
        return Ok(None);
    };
    let owner: Option<AccountRow> = accounts::table
        .find(session.account_id)
        .select(AccountRow::as_select())
        .first(connection)
        .optional()?;
    // An account that goes takes its sessions with it: between the two statements both may have gone.
    let Some(owner) = owner else {
        return Ok(None);
    };
    Ok(Some((session.try_into()?, owner.try_into()?)))
}
