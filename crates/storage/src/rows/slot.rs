//! Rows of `master_key_slots`.

use diesel::prelude::*;
use keyward_domain::deployment::{Fingerprint, Slot, Slots, WrappedRoot};

use super::{digest, unreadable};
use crate::error::Corrupt;
use crate::schema::master_key_slots;
use crate::types::StoredInstant;

/// The key to start servers with.
pub(crate) const CURRENT: &str = "current";
/// The key before.
pub(crate) const SUPERSEDED: &str = "superseded";

/// A slot and which one it is.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = master_key_slots)]
pub(crate) struct SlotRow {
    state: String,
    master_key_fingerprint: Vec<u8>,
    wrapped_root: Vec<u8>,
    added_at: StoredInstant,
}

impl SlotRow {
    pub(crate) fn new(state: &'static str, slot: Slot) -> Self {
        Self {
            state: state.to_owned(),
            master_key_fingerprint: slot.master_key().as_bytes().to_vec(),
            wrapped_root: slot.wrapped.sealed,
            added_at: slot.added_at.into(),
        }
    }
}

impl TryFrom<SlotRow> for Slot {
    type Error = Corrupt;

    fn try_from(row: SlotRow) -> Result<Self, Corrupt> {
        let name = digest("master_key_slots.master_key_fingerprint", &row.master_key_fingerprint)?;
        Ok(Self {
            wrapped: WrappedRoot { master_key: Fingerprint::new(name), sealed: row.wrapped_root },
            added_at: row.added_at.into(),
        })
    }
}

/// All rows that there are.
pub(crate) fn slots(rows: Vec<SlotRow>) -> Result<Slots, Corrupt> {
    let (mut current, mut superseded) = (None, None);
    for row in rows {
        let place = match row.state.as_str() {
            CURRENT => &mut current,
            SUPERSEDED => &mut superseded,
            _ => return Err(unreadable("master_key_slots.state")),
        };
        *place = Some(Slot::try_from(row)?);
    }
    match (superseded, current) {
        (None, None) => Ok(Slots::Unwritten),
        (None, Some(current)) => Ok(Slots::One(current)),
        (Some(superseded), Some(current)) => Ok(Slots::Two { superseded, current }),
        (Some(_), None) => Err(Corrupt("master_key_slots has no current one".to_owned())),
    }
}
