//! Which deployment the database belongs to, and which master keys open it.

use async_trait::async_trait;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::result::Error;
use diesel::select;
use keyward_domain::audit::AuditEvent;
use keyward_domain::deployment::{
    ChangeSlotsError, Deployment, DeploymentStore, Exchange, Fingerprint, FoundDeploymentError, OldSlot,
    Slot, Slots,
};
use keyward_domain::store::StoreError;

use crate::Store;
use crate::audit::append;
use crate::connection::AnyConnection;
use crate::error::{Abort, Corrupt, DEPLOYMENT, SLOT, SLOT_KEY};
use crate::native::table_exists;
use crate::rows::{CURRENT, SUPERSEDED, SlotRow, digest, slots};
use crate::schema::{accounts, api_keys, audit_events, deployment, master_key_slots, signing_keys};

/// The one row's id.
const ONLY: i64 = 1;

/// A database that was restored in part.
const ORPHANED: &str =
    "deployment.master_key_fingerprint is missing, and there is data that was made under it";

#[async_trait]
impl DeploymentStore for Store {
    async fn deployment(&self) -> Result<Option<Deployment>, StoreError> {
        self.db.read(load).await
    }

    async fn found(&self, root: Fingerprint, slot: Slot) -> Result<(), FoundDeploymentError> {
        self.db
            .write(move |connection| {
                let fingerprint = root.as_bytes().as_slice();
                diesel::insert_into(deployment::table)
                    .values((deployment::id.eq(ONLY), deployment::master_key_fingerprint.eq(fingerprint)))
                    .execute(connection)
                    .map_err(DEPLOYMENT.means(FoundDeploymentError::AlreadyFounded))?;
                insert(connection, CURRENT, slot)?;
                Ok(())
            })
            .await
    }

    async fn add_slot(&self, old: OldSlot, next: Slot, event: AuditEvent) -> Result<(), ChangeSlotsError> {
        self.db
            .write(move |connection| {
                match old {
                    OldSlot::Written(fingerprint) => change(connection, &fingerprint, (CURRENT, SUPERSEDED))?,
                    OldSlot::Unwritten(slot) => insert(connection, SUPERSEDED, slot).map_err(taken)?,
                }
                append(connection, &event)?;
                insert(connection, CURRENT, next).map_err(taken)
            })
            .await
    }

    async fn drop_superseded(&self, exchange: Exchange, event: AuditEvent) -> Result<(), ChangeSlotsError> {
        self.db
            .write(move |connection| {
                // Held from here on, so that nobody drops it at the same time.
                change(connection, &exchange.to, (CURRENT, CURRENT))?;
                drop_slot(connection, &exchange.from, SUPERSEDED)?;
                append(connection, &event)
            })
            .await
    }

    async fn drop_current(&self, exchange: Exchange, event: AuditEvent) -> Result<(), ChangeSlotsError> {
        self.db
            .write(move |connection| {
                drop_slot(connection, &exchange.to, CURRENT)?;
                change(connection, &exchange.from, (SUPERSEDED, CURRENT))?;
                append(connection, &event)
            })
            .await
    }
}

/// The deployment that a database belongs to.
pub(crate) fn load(connection: &mut AnyConnection) -> Result<Option<Deployment>, Abort<StoreError>> {
    // In this order: another node that starts at the same time writes its fingerprint before anything else, so whatever
    // is there now was made under a fingerprint that can be read now. Its first slot comes with it.
    let is_in_use = is_in_use(connection)?;
    match (root(connection)?, is_in_use) {
        (Some(bytes), _) => Ok(Some(Deployment {
            root: Fingerprint::new(digest("deployment.master_key_fingerprint", &bytes)?),
            slots: all_slots(connection)?,
        })),
        (None, false) => Ok(None),
        // Security: founded anew, it would get a root that opens nothing of this.
        (None, true) => Err(Corrupt(ORPHANED.to_owned()).into()),
    }
}

fn root(connection: &mut AnyConnection) -> QueryResult<Option<Vec<u8>>> {
    if !table_exists(connection, "deployment")? {
        return Ok(None);
    }
    deployment::table.find(ONLY).select(deployment::master_key_fingerprint).first(connection).optional()
}

/// A schema of the release before has none.
fn all_slots(connection: &mut AnyConnection) -> Result<Slots, Abort<StoreError>> {
    if !table_exists(connection, "master_key_slots")? {
        return Ok(Slots::Unwritten);
    }
    Ok(slots(master_key_slots::table.select(SlotRow::as_select()).load(connection)?)?)
}

fn insert(connection: &mut AnyConnection, state: &'static str, slot: Slot) -> QueryResult<()> {
    diesel::insert_into(master_key_slots::table)
        .values(SlotRow::new(state, slot))
        .execute(connection)
        .map(drop)
}

fn change(
    connection: &mut AnyConnection,
    master_key: &Fingerprint,
    (from, to): (&'static str, &'static str),
) -> Result<(), Abort<ChangeSlotsError>> {
    let is_it = master_key_slots::master_key_fingerprint.eq(master_key.as_bytes().as_slice());
    let changed = diesel::update(master_key_slots::table.filter(master_key_slots::state.eq(from).and(is_it)))
        .set(master_key_slots::state.eq(to))
        .execute(connection)
        .map_err(SLOT.means(ChangeSlotsError::AlreadyChanged))?;
    only(changed)
}

fn drop_slot(
    connection: &mut AnyConnection,
    master_key: &Fingerprint,
    state: &'static str,
) -> Result<(), Abort<ChangeSlotsError>> {
    let is_it = master_key_slots::master_key_fingerprint.eq(master_key.as_bytes().as_slice());
    let dropped =
        diesel::delete(master_key_slots::table.filter(master_key_slots::state.eq(state).and(is_it)))
            .execute(connection)?;
    only(dropped)
}

/// A slot that is there already was written by somebody else. A row may break both constraints: which one is reported is
/// the database's choice.
fn taken(error: Error) -> Abort<ChangeSlotsError> {
    if SLOT.is_violated(&error) || SLOT_KEY.is_violated(&error) {
        Abort::Refused(ChangeSlotsError::AlreadyChanged)
    } else {
        Abort::Failed(error)
    }
}

/// One row, or the change is abandoned whole.
fn only(rows: usize) -> Result<(), Abort<ChangeSlotsError>> {
    if rows == 1 { Ok(()) } else { Err(Abort::Refused(ChangeSlotsError::AlreadyChanged)) }
}

/// Whether anything was ever made under a root secret. Without a schema there is nothing.
fn is_in_use(connection: &mut AnyConnection) -> QueryResult<bool> {
    macro_rules! holds {
        ($table:ident) => {
            table_exists(connection, stringify!($table))?
                && select(exists($table::table.select($table::all_columns))).get_result::<bool>(connection)?
        };
    }

    Ok(holds!(accounts) || holds!(api_keys) || holds!(signing_keys) || holds!(audit_events))
}
