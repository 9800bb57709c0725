//! Keys on either database.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{KeyStore, RevocationReason};
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::audit::append;
use crate::revocations::Ended;
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
