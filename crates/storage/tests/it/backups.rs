//! Copies of a database that serves.

use std::fs;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use keyward_domain::accounts::{AccountStore, Registration};
use keyward_domain::audit::{Action, AuditEvent, AuditStore};
use keyward_domain::backups::{BackupStore, BeginBackupError, DatabaseCopy};
use keyward_domain::store::StoreError;
use keyward_storage::{CopyAtRest, Store, StoreOptions};
use keyward_testkit::builders::Samples;
use keyward_testkit::postgres::PostgresDatabase;

use crate::databases::{SqliteFolder, open, url_of};

/// What stands beside a database that is open.
const ORDINARY: [&str; 4] = ["keyward.db", "keyward.db-shm", "keyward.db-wal", "keyward.db.lock"];

/// All of a copy.
pub(crate) async fn read(copy: &mut dyn DatabaseCopy) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(piece) = copy.next().await.unwrap() {
        bytes.extend(piece);
    }
    bytes
}

pub(crate) async fn register(store: &Store, samples: &Samples) -> Registration {
    let registration = samples.registration_with_agent();
    store.register(registration.clone(), samples.registered(&registration)).await.unwrap();
    registration
}

fn event(samples: &Samples) -> AuditEvent {
    samples.event(Action::BackupMade, samples.account_id(), samples.at(9))
}

/// The events that a store has, newest first.
async fn trail(store: &Store) -> Vec<AuditEvent> {
    AuditStore::page(store, None, None, 500).await.unwrap()
}

/// A database of these bytes.
fn folder_of(bytes: &[u8]) -> SqliteFolder {
    let folder = SqliteFolder::new();
    fs::write(folder.path(), bytes).unwrap();
    folder
}

#[tokio::test]
async fn a_copy_is_the_database_as_it_was_when_the_copy_was_begun() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let store = folder.open();
    let before = register(&store, &samples).await;
    let mut copy = store.begin(event(&samples)).await.unwrap();
    // Neither waits for the copy, nor does the copy begin anew.
    let after = register(&store, &samples).await;
    let bytes = read(&mut *copy).await;

    let restored = folder_of(&bytes);
    assert_eq!(CopyAtRest::open(&restored.path()).unwrap().damage(), Ok(vec![]));
    let restored = restored.open();
    assert!(restored.find(before.account.id).await.unwrap().is_some());
    assert_eq!(restored.find(after.account.id).await.unwrap(), None);
    assert_eq!(trail(&restored).await.len(), 1);
    assert_eq!(restored.integrity(), Ok(vec![]));
}

#[tokio::test]
async fn a_copy_needs_no_file_beside_it() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let store = folder.open();
    let bytes = read(&mut *store.begin(event(&samples)).await.unwrap()).await;
    // "Database File Format", section 1.3: the versions of a file without a write-ahead log.
    assert_eq!((&bytes[..16], &bytes[18..20]), (b"SQLite format 3\0".as_slice(), [1, 1].as_slice()));
    assert_eq!(bytes.len() % 4096, 0);
}

#[tokio::test]
async fn the_event_is_there_before_the_first_byte_and_not_before_the_copy_is_whole() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let (store, event) = (folder.open(), event(&samples));
    let mut copy = store.begin(event.clone()).await.unwrap();
    assert_eq!(trail(&store).await, []);
    assert!(copy.next().await.unwrap().is_some());
    assert_eq!(trail(&store).await, [event]);
}

#[tokio::test]
async fn a_copy_that_nobody_waits_for_leaves_neither_event_nor_file() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let store = folder.open();
    drop(store.begin(event(&samples)).await.unwrap());
    assert_eq!((trail(&store).await.len(), folder.files()), (0, ORDINARY.map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn threat_k3_nothing_of_a_copy_stays_while_it_is_read_or_when_it_is_left() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let store = folder.open();
    let mut copy = store.begin(event(&samples)).await.unwrap();
    copy.next().await.unwrap();
    assert_eq!(folder.files(), ORDINARY, "kill -9 would leave it");
    drop(copy);
    assert_eq!(folder.files(), ORDINARY);
}

#[tokio::test]
async fn one_copy_is_made_at_a_time() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let store = folder.open();
    let mut first = store.begin(event(&samples)).await.unwrap();
    let second = async || store.clone().begin(event(&samples)).await.map(drop);
    assert_eq!(second().await, Err(BeginBackupError::UnderWay));
    first.next().await.unwrap();
    assert_eq!(second().await, Err(BeginBackupError::UnderWay));
    read(&mut *first).await;
    assert_eq!(second().await, Ok(()));
    drop(store.begin(event(&samples)).await.unwrap());
    assert_eq!(second().await, Ok(()));
}

#[tokio::test]
async fn threat_k3_what_a_killed_server_has_left_of_a_copy_is_gone_after_the_next_start() {
    let folder = SqliteFolder::new();
    drop(folder.open());
    for left in ["keyward.db.copy", "keyward.db.copy-journal", "keyward.db.copy-wal"] {
        fs::write(folder.path().with_file_name(left), "everything").unwrap();
    }
    let _store = folder.open();
    assert_eq!(folder.files(), ORDINARY);
}

#[tokio::test]
async fn a_copy_that_cannot_be_made_is_an_outage_and_leaves_no_event() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let store = folder.open();
    let mut copy = store.begin(event(&samples)).await.unwrap();
    fs::create_dir(folder.path().with_file_name("keyward.db.copy")).unwrap();
    assert!(matches!(copy.next().await, Err(StoreError::Unavailable(_))));
    assert_eq!((copy.next().await, trail(&store).await.len()), (Ok(None), 0));
}

#[tokio::test]
async fn a_copy_of_a_damaged_database_is_none() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let store = folder.open();
    let account = register(&store, &samples).await.account;
    let mut connection = SqliteConnection::establish(folder.path().to_str().unwrap()).unwrap();
    connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop((connection, store));
    let mut bytes = fs::read(folder.path()).unwrap();
    let name = account.display_name.to_string();
    let place = bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
    // A page begins with what kind of page it is.
    let page = place / 4096 * 4096;
    bytes[page..page + 8].fill(0xff);
    fs::write(folder.path(), bytes).unwrap();
    let store = Store::open(&folder.url(), StoreOptions::default()).unwrap();
    let mut copy = store.begin(event(&samples)).await.unwrap();
    assert!(matches!(copy.next().await, Err(StoreError::Corrupt(_))));
    assert_eq!((trail(&store).await.len(), folder.files()), (1, ORDINARY.map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn postgres_is_left_to_its_own_tools() {
    let database = PostgresDatabase::create();
    let store = open(&url_of(&database));
    let begun = store.begin(event(&Samples::new())).await.map(drop);
    assert_eq!(begun, Err(BeginBackupError::ItsOwnTools));
}
