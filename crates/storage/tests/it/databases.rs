//! New, empty databases, and stores over them.

use std::path::PathBuf;

use keyward_storage::{DatabaseUrl, Store, StoreOptions};
use keyward_testkit::postgres::PostgresDatabase;
use tempfile::TempDir;

/// A folder for a SQLite database that does not exist yet.
pub(crate) struct SqliteFolder(TempDir);

impl SqliteFolder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("keyward.db")
    }

    pub(crate) fn url(&self) -> DatabaseUrl {
        DatabaseUrl::sqlite(self.path())
    }

    /// The names of the files that are there.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = self.0.path().read_dir().unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn open(&self) -> Store {
        open(&self.url())
    }
}

/// A store over a database that is up to date.
pub(crate) fn open(url: &DatabaseUrl) -> Store {
    let store = Store::open(url, StoreOptions::default()).unwrap();
    store.migrate().unwrap();
    store
}

pub(crate) fn url_of(database: &PostgresDatabase) -> DatabaseUrl {
    database.url().parse().unwrap()
}
