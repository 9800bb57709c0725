//! Rows of `signing_keys`.

use diesel::prelude::*;
use keyward_domain::time::Instant;
use keyward_domain::tokens::{KeyThumbprint, SigningKey, SigningKeyState};

use super::{parsed, unreadable};
use crate::error::Corrupt;
use crate::schema::signing_keys;
use crate::types::StoredInstant;

/// The next key to sign.
pub(crate) const PUBLISHED: &str = "published";
/// The key that signs.
pub(crate) const ACTIVE: &str = "active";
/// A key that has signed.
pub(crate) const RETIRED: &str = "retired";

/// A signing key, sealed.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
pub(crate) struct SigningKeyRow {
    kid: String,
    algorithm: String,
    state: String,
    sealed: Vec<u8>,
    created_at: StoredInstant,
    state_since: Option<StoredInstant>,
}

impl From<SigningKey> for SigningKeyRow {
    fn from(key: SigningKey) -> Self {
        let (state, since) = match key.state {
            SigningKeyState::Published { at } => (PUBLISHED, at),
            SigningKeyState::Active { since } => (ACTIVE, since),
            SigningKeyState::Retired { since } => (RETIRED, since),
        };
        Self {
            kid: key.kid.as_str().to_owned(),
            algorithm: key.algorithm.as_str().to_owned(),
            state: state.to_owned(),
            sealed: key.sealed,
            created_at: key.created_at.into(),
            state_since: Some(since.into()),
        }
    }
}

impl TryFrom<SigningKeyRow> for SigningKey {
    type Error = Corrupt;

    fn try_from(row: SigningKeyRow) -> Result<Self, Corrupt> {
        let created_at = row.created_at.into();
        Ok(Self {
            algorithm: parsed("signing_keys.algorithm", &row.algorithm)?,
            kid: KeyThumbprint::new(row.kid),
            sealed: row.sealed,
            state: state(&row.state, row.state_since.map(Instant::from), created_at)?,
            created_at,
        })
    }
}

/// Security: a state that this release does not know is no reason to sign, to verify or to leave the key out.
fn state(text: &str, since: Option<Instant>, created_at: Instant) -> Result<SigningKeyState, Corrupt> {
    match (text, since) {
        (PUBLISHED, Some(at)) => Ok(SigningKeyState::Published { at }),
        (ACTIVE, Some(since)) => Ok(SigningKeyState::Active { since }),
        // The release before wrote no moment, and made keys that were active at once.
        (ACTIVE, None) => Ok(SigningKeyState::Active { since: created_at }),
        (RETIRED, Some(since)) => Ok(SigningKeyState::Retired { since }),
        (PUBLISHED | RETIRED, None) => Err(unreadable("signing_keys.state_since")),
        _ => Err(unreadable("signing_keys.state")),
    }
}
