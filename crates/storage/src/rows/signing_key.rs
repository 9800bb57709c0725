//! Rows of `signing_keys`.

use diesel::prelude::*;
use keyward_domain::tokens::{KeyThumbprint, SigningKey};

use super::parsed;
use crate::error::Corrupt;
use crate::schema::signing_keys;
use crate::types::StoredInstant;

/// A signing key, sealed.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
pub(crate) struct SigningKeyRow {
    kid: String,
    algorithm: String,
    sealed: Vec<u8>,
    created_at: StoredInstant,
}

impl From<SigningKey> for SigningKeyRow {
    fn from(key: SigningKey) -> Self {
        Self {
            kid: key.kid.as_str().to_owned(),
            algorithm: key.algorithm.as_str().to_owned(),
            sealed: key.sealed,
            created_at: key.created_at.into(),
        }
    }
}

impl TryFrom<SigningKeyRow> for SigningKey {
    type Error = Corrupt;

    fn try_from(row: SigningKeyRow) -> Result<Self, Corrupt> {
        Ok(Self {
            algorithm: parsed("signing_keys.algorithm", &row.algorithm)?,
            kid: KeyThumbprint::new(row.kid),
            sealed: row.sealed,
            created_at: row.created_at.into(),
        })
    }
}
