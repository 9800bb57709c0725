//! Databases that a release without slots has founded, and slots that were tampered with.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use keyward_domain::audit::{Action, AuditStore};
use keyward_domain::deployment::{
    ChangeSlotsError, Deployment, DeploymentStore, Fingerprint, OldSlot, Slot, Slots,
};
use keyward_domain::store::StoreError;
use keyward_storage::Store;
use keyward_testkit::builders::Samples;
use keyward_testkit::postgres::PostgresDatabase;

use crate::databases::{SqliteFolder, open, url_of};

/// Both databases, founded.
struct Founded {
    folder: SqliteFolder,
    database: PostgresDatabase,
    stores: [Store; 2],
    samples: Samples,
    root: Fingerprint,
    slot: Slot,
}

impl Founded {
    async fn new() -> Self {
        let (folder, database, samples) = (SqliteFolder::new(), PostgresDatabase::create(), Samples::new());
        let stores = [folder.open(), open(&url_of(&database))];
        let (root, slot) = (samples.fingerprint(), samples.slot(samples.at(0)));
        for store in &stores {
            store.found(root, slot.clone()).await.unwrap();
        }
        Self { folder, database, stores, samples, root, slot }
    }

    /// Writes past the stores.
    fn execute(&self, statements: &str) {
        let path = self.folder.path();
        SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(statements).unwrap();
        PgConnection::establish(&self.database.url()).unwrap().batch_execute(statements).unwrap();
    }
}

#[tokio::test]
async fn a_database_of_the_release_before_has_no_slots_and_gets_two() {
    let founded = Founded::new().await;
    // Migrated, and not migrated yet.
    founded.execute("DELETE FROM master_key_slots");
    let unwritten = Ok(Some(Deployment { root: founded.root, slots: Slots::Unwritten }));
    for store in &founded.stores {
        assert_eq!(store.deployment().await, unwritten);
    }
    let next = founded.samples.slot(founded.samples.at(1));
    let event = founded.samples.master_key_event(Action::MasterKeyRotated, next.master_key(), next.added_at);
    for store in &founded.stores {
        let written = OldSlot::Written(founded.slot.master_key());
        let refused = store.add_slot(written, next.clone(), event.clone()).await;
        assert_eq!(refused, Err(ChangeSlotsError::AlreadyChanged), "there is none to supersede");
        let own = OldSlot::Unwritten(founded.slot.clone());
        store.add_slot(own, next.clone(), event.clone()).await.unwrap();
        let two = Slots::Two { superseded: founded.slot.clone(), current: next.clone() };
        assert_eq!(store.deployment().await, Ok(Some(Deployment { root: founded.root, slots: two })));
    }
    founded.execute("DROP TABLE master_key_slots");
    for store in &founded.stores {
        assert_eq!(store.deployment().await, unwritten);
    }
}

#[tokio::test]
async fn of_32_first_rotations_of_such_a_database_exactly_one_succeeds() {
    let founded = Founded::new().await;
    founded.execute("DELETE FROM master_key_slots");
    for store in &founded.stores {
        let racers: Vec<_> = (0..32)
            .map(|_| {
                let (store, samples) = (store.clone(), &founded.samples);
                let (old, next) = (OldSlot::Unwritten(founded.slot.clone()), samples.slot(samples.at(1)));
                let event =
                    samples.master_key_event(Action::MasterKeyRotated, next.master_key(), next.added_at);
                tokio::spawn(async move {
                    loop {
                        match store.add_slot(old.clone(), next.clone(), event.clone()).await {
                            Err(ChangeSlotsError::Store(StoreError::Busy)) => {}
                            changed => return changed,
                        }
                    }
                })
            })
            .collect();
        let mut won = 0;
        for racer in racers {
            match racer.await.unwrap() {
                Ok(()) => won += 1,
                Err(lost) => assert_eq!(lost, ChangeSlotsError::AlreadyChanged),
            }
        }
        assert_eq!((won, store.page(None, None, 500).await.unwrap().len()), (1, 1));
    }
}

#[tokio::test]
async fn a_superseded_slot_without_a_current_one_is_corrupt() {
    let founded = Founded::new().await;
    founded.execute("UPDATE master_key_slots SET state = 'superseded'");
    let corrupt = StoreError::Corrupt("master_key_slots has no current one".to_owned());
    for store in &founded.stores {
        assert_eq!(store.deployment().await, Err(corrupt.clone()));
    }
}
