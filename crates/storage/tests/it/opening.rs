//! Opening, locking and closing a database.

use std::os::unix::fs::PermissionsExt;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use keyward_domain::store::{StoreError, StoreHealth};
use keyward_storage::{DatabaseUrl, OpenError, Store, StoreOptions};
use keyward_testkit::postgres::PostgresDatabase;

use crate::databases::{SqliteFolder, open, url_of};

const ONLY_LOOK: StoreOptions = StoreOptions { create: false, postgres_connections: 8 };

#[test]
fn a_missing_database_is_not_made_by_looking() {
    let folder = SqliteFolder::new();
    let refused = Store::open(&folder.url(), ONLY_LOOK).err();
    assert_eq!(refused, Some(OpenError::NotFound(folder.path().display().to_string())));
    assert_eq!(folder.files(), Vec::<String>::new());
}

#[test]
fn a_database_in_a_missing_folder_is_not_made() {
    let url = DatabaseUrl::sqlite("/nowhere/keyward.db");
    assert!(matches!(Store::open(&url, StoreOptions::default()).err(), Some(OpenError::Unavailable(_))));
}

#[test]
fn one_process_has_a_database_open() {
    let folder = SqliteFolder::new();
    let first = folder.open();
    let second = Store::open(&folder.url(), StoreOptions::default()).err();
    assert_eq!(second, Some(OpenError::Locked(folder.path().display().to_string())));
    drop(first);
    assert!(Store::open(&folder.url(), ONLY_LOOK).is_ok());
}

#[test]
fn a_second_name_of_the_database_is_locked_too() {
    let folder = SqliteFolder::new();
    let _first = folder.open();
    let link = folder.path().with_file_name("link.db");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    let second = Store::open(&DatabaseUrl::sqlite(link), StoreOptions::default()).err();
    assert!(matches!(second, Some(OpenError::Locked(_))));
}

#[test]
fn threat_k3_the_files_of_a_database_are_private() {
    let folder = SqliteFolder::new();
    let _store = folder.open();
    let files = folder.files();
    assert_eq!(files, ["keyward.db", "keyward.db-shm", "keyward.db-wal", "keyward.db.lock"]);
    for file in files {
        let mode = folder.path().with_file_name(&file).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn a_path_that_looks_like_a_uri_is_a_path() {
    let folder = SqliteFolder::new();
    let path = folder.path().with_file_name("file:a?mode=memory");
    drop(open(&DatabaseUrl::sqlite(&path)));
    assert!(path.exists());
}

#[tokio::test]
async fn a_closed_store_answers_that_it_is() {
    let (folder, database) = (SqliteFolder::new(), PostgresDatabase::create());
    for store in [folder.open(), open(&url_of(&database))] {
        store.close();
        assert_eq!(store.ready().await, Err(StoreError::Unavailable("the store is closed".to_owned())));
    }
}

#[test]
fn threat_k1_a_server_that_refuses_is_reported_in_one_line_without_the_password() {
    let database = PostgresDatabase::create();
    let elsewhere = database.url().replace("postgres@", "postgres:hunter2@") + "_not";
    for text in
        [elsewhere.as_str(), "postgres://a:hunter2@127.0.0.1:1/keyward", "postgres://a:hunter2@b:c:d/e?f"]
    {
        let url: DatabaseUrl = text.parse().unwrap();
        let refused = Store::open(&url, StoreOptions::default()).err().unwrap().to_string();
        assert!(!refused.contains("hunter2") && !refused.contains('\n'), "{refused}");
    }
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let folder = SqliteFolder::new();
    let (short, long) = (b"notes".to_vec(), b"these are notes, and no database".repeat(100));
    for content in [short, long] {
        std::fs::write(folder.path(), &content).unwrap();
        assert!(matches!(
            Store::open(&folder.url(), StoreOptions::default()).err(),
            Some(OpenError::Foreign(_))
        ));
        assert_eq!(std::fs::read(folder.path()).unwrap(), content);
        assert_eq!(folder.files(), ["keyward.db"]);
    }
    let directory = folder.path().with_file_name("directory");
    std::fs::create_dir(&directory).unwrap();
    let refused = Store::open(&DatabaseUrl::sqlite(directory), StoreOptions::default()).err();
    assert!(matches!(refused, Some(OpenError::Foreign(_))));
    assert_eq!(folder.files(), ["directory", "keyward.db"]);
}

#[test]
fn another_program_s_database_is_refused_and_left_alone() {
    let folder = SqliteFolder::new();
    let mut stranger = SqliteConnection::establish(folder.path().to_str().unwrap()).unwrap();
    stranger.batch_execute("CREATE TABLE accounts (name TEXT)").unwrap();
    drop(stranger);
    let before = std::fs::read(folder.path()).unwrap();
    let refused = Store::open(&folder.url(), StoreOptions::default()).err();
    assert!(matches!(refused, Some(OpenError::Foreign(_))));
    assert_eq!(std::fs::read(folder.path()).unwrap(), before);
    assert_eq!(folder.files(), ["keyward.db"]);

    // One that has not checkpointed its log: whoever opened and closed it would do so.
    let mut stranger = SqliteConnection::establish(folder.path().to_str().unwrap()).unwrap();
    stranger.batch_execute("PRAGMA journal_mode = WAL; INSERT INTO accounts VALUES ('theirs')").unwrap();
    let before = std::fs::read(folder.path()).unwrap();
    assert!(matches!(Store::open(&folder.url(), StoreOptions::default()).err(), Some(OpenError::Foreign(_))));
    assert_eq!(std::fs::read(folder.path()).unwrap(), before);
    assert_eq!(folder.files(), ["keyward.db", "keyward.db-shm", "keyward.db-wal"]);
    drop(stranger);

    let database = PostgresDatabase::create();
    database.tamper("CREATE TABLE accounts (name text)");
    let refused = Store::open(&url_of(&database), StoreOptions::default()).err();
    assert!(matches!(refused, Some(OpenError::Foreign(_))));
}

#[test]
fn an_empty_file_is_a_place_for_a_database() {
    let folder = SqliteFolder::new();
    std::fs::write(folder.path(), "").unwrap();
    Store::open(&folder.url(), StoreOptions::default()).unwrap().migrate().unwrap();
}
