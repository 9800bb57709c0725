//! Signing keys on either database, sealed.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::audit::AuditEvent;
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{ActivateSigningKeyError, SigningKey, SigningKeyStore};

use crate::Store;
use crate::audit::append;
use crate::connection::AnyConnection;
use crate::error::{ACTIVE_KEY, Abort};
use crate::revocations::Ended;
use crate::rows::SigningKeyRow;
use crate::schema::signing_keys;

/// The state of a key that signs. The schema knows two more, `published` and `retired`, for the rotation to come.
const ACTIVE: &str = "active";

#[async_trait]
impl SigningKeyStore for Store {
    async fn all(&self) -> Result<Vec<SigningKey>, StoreError> {
        self.db.read(load).await
    }

    async fn activate(&self, key: SigningKey, event: AuditEvent) -> Result<(), ActivateSigningKeyError> {
        self.db
            .end(move |connection| {
                diesel::insert_into(signing_keys::table)
                    .values((SigningKeyRow::from(key), signing_keys::state.eq(ACTIVE)))
                    .execute(connection)
                    .map_err(ACTIVE_KEY.means(ActivateSigningKeyError::AlreadyActive))?;
                append(connection, &event)?;
                Ok(Ended::of((), Subject::SigningKeys))
            })
            .await
    }
}

/// All keys.
///
/// Security: active ones only. A row in another state was written by a release that knows what the state means; this
/// one would sign with it.
pub(crate) fn load<E: From<StoreError>>(connection: &mut AnyConnection) -> Result<Vec<SigningKey>, Abort<E>> {
    let rows = signing_keys::table
        .filter(signing_keys::state.eq(ACTIVE))
        .order((signing_keys::created_at.asc(), signing_keys::kid.asc()))
        .select(SigningKeyRow::as_select())
        .load(connection)?;
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        keys.push(SigningKey::try_from(row)?);
    }
    Ok(keys)
}
