//! Migrations: looked at, applied once, never older than the program's.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use keyward_domain::deployment::DeploymentStore;
use keyward_domain::store::{StoreError, StoreHealth};
use keyward_storage::{OpenError, Store, StoreOptions};
use keyward_testkit::postgres::PostgresDatabase;

use crate::databases::{SqliteFolder, open, url_of};

const FIRST: &str = "2026-11-23-000000_founding";
const FROM_THE_FUTURE: &str = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";

#[tokio::test]
async fn a_database_without_a_schema_is_founded_by_nobody_and_not_ready() {
    let (folder, database) = (SqliteFolder::new(), PostgresDatabase::create());
    for url in [folder.url(), url_of(&database)] {
        let store = Store::open(&url, StoreOptions::default()).unwrap();
        assert_eq!(store.deployment().await, Ok(None));
        let pending = StoreError::Unavailable(format!("migration {FIRST} is pending"));
        assert_eq!(store.ready().await, Err(pending));
        // Looking has made nothing: it is all still pending.
        assert_eq!(store.pending_migrations().unwrap().first().map(String::as_str), Some(FIRST));
    }
}

#[tokio::test]
async fn a_migrated_database_has_nothing_pending() {
    let (folder, database) = (SqliteFolder::new(), PostgresDatabase::create());
    for url in [folder.url(), url_of(&database)] {
        let store = Store::open(&url, StoreOptions::default()).unwrap();
        let pending = store.pending_migrations().unwrap();
        assert_eq!(store.migrate().unwrap().len(), pending.len());
        assert_eq!(store.pending_migrations(), Ok(Vec::new()));
        assert_eq!(store.migrate(), Ok(Vec::new()));
        assert_eq!(store.ready().await, Ok(()));
        assert_eq!(store.integrity(), Ok(Vec::new()));
    }
}

#[test]
fn threat_d7_nodes_that_start_at_once_migrate_once() {
    let database = PostgresDatabase::create();
    let url = url_of(&database);
    let applied: Vec<usize> = std::thread::scope(|scope| {
        let start =
            || scope.spawn(|| Store::open(&url, StoreOptions::default()).unwrap().migrate().unwrap().len());
        let nodes: Vec<_> = std::iter::repeat_with(start).take(4).collect();
        nodes.into_iter().map(|node| node.join().unwrap()).collect()
    });
    assert_eq!(applied.iter().filter(|&&count| count > 0).count(), 1, "{applied:?}");
}

#[test]
fn threat_d7_a_database_of_a_later_release_is_refused() {
    let folder = SqliteFolder::new();
    drop(folder.open());
    let path = folder.path();
    SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(FROM_THE_FUTURE).unwrap();
    let database = PostgresDatabase::create();
    drop(open(&url_of(&database)));
    PgConnection::establish(&database.url()).unwrap().batch_execute(FROM_THE_FUTURE).unwrap();

    for url in [folder.url(), url_of(&database)] {
        let refused = Store::open(&url, StoreOptions::default()).err();
        assert_eq!(refused, Some(OpenError::NewerSchema("99990101000000".to_owned())));
    }
}

#[tokio::test]
async fn a_node_goes_on_while_a_later_release_migrates() {
    let database = PostgresDatabase::create();
    let store = open(&url_of(&database));
    PgConnection::establish(&database.url()).unwrap().batch_execute(FROM_THE_FUTURE).unwrap();
    assert_eq!(store.ready().await, Ok(()));
}

#[test]
fn every_step_has_its_way_back() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
    let folder = SqliteFolder::new();
    drop(folder.open());
    let mut sqlite = SqliteConnection::establish(folder.path().to_str().unwrap()).unwrap();
    let database = PostgresDatabase::create();
    drop(open(&url_of(&database)));
    let mut postgres = PgConnection::establish(&database.url()).unwrap();
    for (tree, connection) in [
        ("sqlite", &mut sqlite as &mut dyn BatchExecute),
        ("postgres", &mut postgres as &mut dyn BatchExecute),
    ] {
        let mut steps: Vec<_> =
            std::fs::read_dir(format!("{root}/{tree}")).unwrap().map(|step| step.unwrap().path()).collect();
        steps.sort();
        for step in steps.iter().rev() {
            connection.execute_file(&step.join("down.sql"));
        }
        for step in &steps {
            connection.execute_file(&step.join("up.sql"));
        }
    }
}

trait BatchExecute {
    fn execute_file(&mut self, path: &std::path::Path);
}

impl<C: SimpleConnection> BatchExecute for C {
    fn execute_file(&mut self, path: &std::path::Path) {
        self.batch_execute(&std::fs::read_to_string(path).unwrap()).unwrap();
    }
}
