//! Keys on either database.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::{AccountId, KeyId};
use keyward_domain::keys::{KeyCursor, KeyStore, KeySummary, RevocationReason};
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::audit::append;
use crate::connection::MultiBackend;
use crate::revocations::Ended;
use crate::rows::KeySummaryRow;
use crate::schema::api_keys;
use crate::types::{StoredId, StoredInstant};

#[async_trait]
impl KeyStore for Store {
    async fn record_use(&self, used: Vec<(KeyId, Instant)>) -> Result<(), StoreError> {
        self.db
            .write(move |connection| {
                for &(id, at) in &used {
                    let at = StoredInstant::from(at);
                    let is_earlier = api_keys::last_used_at.is_null().or(api_keys::last_used_at.lt(at));
                    let key = api_keys::table.filter(api_keys::id.eq(StoredId::from(id)).and(is_earlier));
                    diesel::update(key).set(api_keys::last_used_at.eq(at)).execute(connection)?;
                }
                Ok(())
            })
            .await
    }

    async fn find(&self, id: KeyId) -> Result<Option<KeySummary>, StoreError> {
        self.db
            .read(move |connection| {
                let row = api_keys::table
                    .find(StoredId::from(id))
                    .select(KeySummaryRow::as_select())
                    .first(connection)
                    .optional()?;
                Ok(row.map(KeySummary::try_from).transpose()?)
            })
            .await
    }

    async fn page(
        &self,
        account: Option<AccountId>,
        after: Option<KeyCursor>,
        limit: u16,
    ) -> Result<Vec<KeySummary>, StoreError> {
        self.db
            .read(move |connection| {
                let mut page = api_keys::table
                    .select(KeySummaryRow::as_select())
                    .order((api_keys::created_at.desc(), api_keys::id.desc()))
                    .limit(limit.into())
                    .into_boxed::<MultiBackend>();
                if let Some(account) = account {
                    page = page.filter(api_keys::account_id.eq(StoredId::from(account)));
                }
                if let Some(KeyCursor { created_at, id }) = after {
                    let (at, id) = (StoredInstant::from(created_at), StoredId::from(id));
                    // The first half alone is what the index is entered by.
                    let is_behind = api_keys::created_at.lt(at).or(api_keys::id.lt(id));
                    page = page.filter(api_keys::created_at.le(at).and(is_behind));
                }
                let rows = page.load(connection)?.into_iter();
                Ok(rows.map(KeySummary::try_from).collect::<Result<_, _>>()?)
            })
            .await
    }

    async fn revoke(
        &self,
        id: KeyId,
        at: Instant,
        reason: RevocationReason,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.db
            .end(move |connection| {
                let is_active = api_keys::revoked_at.is_null();
                let revoked = diesel::update(
                    api_keys::table.filter(api_keys::id.eq(StoredId::from(id)).and(is_active)),
                )
                .set((
                    api_keys::revoked_at.eq(StoredInstant::from(at)),
                    api_keys::revoked_reason.eq(reason.as_str()),
                ))
                .execute(connection)?;
                if revoked != 1 {
                    return Ok(Ended::nothing(false));
                }
                append(connection, &event)?;
                Ok(Ended::of(true, Subject::Key(id)))
            })
            .await
    }
}
