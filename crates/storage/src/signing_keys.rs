//! Signing keys on either database, sealed.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::audit::AuditEvent;
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{
    ActivateSigningKeyError, HandOver, HandOverEvents, KeyThumbprint, MoveSigningKeyError,
    PublishSigningKeyError, SigningAlgorithm, SigningKey, SigningKeyStore,
};

use crate::Store;
use crate::audit::append;
use crate::connection::AnyConnection;
use crate::error::{ACTIVE_KEY, Abort, PUBLISHED_KEY};
use crate::revocations::Ended;
use crate::rows::{ACTIVE, PUBLISHED, RETIRED, SigningKeyRow};
use crate::schema::signing_keys;
use crate::types::StoredInstant;

#[async_trait]
impl SigningKeyStore for Store {
    async fn all(&self) -> Result<Vec<SigningKey>, StoreError> {
        self.db.read(load).await
    }

    async fn activate_first(
        &self,
        key: SigningKey,
        event: AuditEvent,
    ) -> Result<(), ActivateSigningKeyError> {
        self.db
            .end(move |connection| {
                insert(connection, key).map_err(ACTIVE_KEY.means(ActivateSigningKeyError::AlreadyActive))?;
                append(connection, &event)?;
                Ok(Ended::of((), Subject::SigningKeys))
            })
            .await
    }

    async fn publish(&self, key: SigningKey, event: AuditEvent) -> Result<(), PublishSigningKeyError> {
        self.db
            .end(move |connection| {
                insert(connection, key)
                    .map_err(PUBLISHED_KEY.means(PublishSigningKeyError::AlreadyPublished))?;
                append(connection, &event)?;
                Ok(Ended::of((), Subject::SigningKeys))
            })
            .await
    }

    async fn hand_over(
        &self,
        hand_over: HandOver,
        events: HandOverEvents,
    ) -> Result<(), MoveSigningKeyError> {
        self.db
            .end(move |connection| {
                let HandOver { algorithm, from, to, at } = hand_over;
                // In this order, since an algorithm never has two active keys.
                change(connection, algorithm, &from, (ACTIVE, RETIRED), at.into())?;
                change(connection, algorithm, &to, (PUBLISHED, ACTIVE), at.into())?;
                append(connection, &events.retired)?;
                append(connection, &events.activated)?;
                Ok(Ended::of((), Subject::SigningKeys))
            })
            .await
    }

    async fn delete(&self, kid: KeyThumbprint, event: AuditEvent) -> Result<(), MoveSigningKeyError> {
        self.db
            .end(move |connection| {
                let is_idle = signing_keys::state.eq_any([PUBLISHED, RETIRED]);
                let deleted = diesel::delete(
                    signing_keys::table.filter(signing_keys::kid.eq(kid.as_str()).and(is_idle)),
                )
                .execute(connection)?;
                moved(deleted)?;
                append(connection, &event)?;
                Ok(Ended::of((), Subject::SigningKeys))
            })
            .await
    }
}

/// All keys, as of one moment.
pub(crate) fn load<E: From<StoreError>>(connection: &mut AnyConnection) -> Result<Vec<SigningKey>, Abort<E>> {
    let rows = signing_keys::table
        .order((signing_keys::created_at.asc(), signing_keys::kid.asc()))
        .select(SigningKeyRow::as_select())
        .load(connection)?;
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        keys.push(SigningKey::try_from(row)?);
    }
    Ok(keys)
}

fn insert(connection: &mut AnyConnection, key: SigningKey) -> QueryResult<()> {
    diesel::insert_into(signing_keys::table).values(SigningKeyRow::from(key)).execute(connection).map(drop)
}

fn change(
    connection: &mut AnyConnection,
    algorithm: SigningAlgorithm,
    kid: &KeyThumbprint,
    (from, to): (&'static str, &'static str),
    at: StoredInstant,
) -> Result<(), Abort<MoveSigningKeyError>> {
    let stands = signing_keys::state.eq(from).and(signing_keys::algorithm.eq(algorithm.as_str()));
    let changed = diesel::update(signing_keys::table.filter(signing_keys::kid.eq(kid.as_str()).and(stands)))
        .set((signing_keys::state.eq(to), signing_keys::state_since.eq(Some(at))))
        .execute(connection)?;
    moved(changed)
}

/// One row, or the deed is abandoned whole.
fn moved(rows: usize) -> Result<(), Abort<MoveSigningKeyError>> {
    if rows == 1 { Ok(()) } else { Err(Abort::Refused(MoveSigningKeyError::AlreadyDone)) }
}
