//! The contracts of all ports, on both databases.

use std::sync::Arc;

use keyward_testkit::contracts::Stores;
use keyward_testkit::postgres::PostgresDatabase;

use crate::databases::{SqliteFolder, open, url_of};

async fn sqlite_stores() -> Stores {
    let folder = SqliteFolder::new();
    Stores::of(Arc::new(folder.open()), folder)
}

async fn postgres_stores() -> Stores {
    let database = PostgresDatabase::create();
    Stores::of(Arc::new(open(&url_of(&database))), database)
}

keyward_testkit::port_contracts!(sqlite, crate::contracts::sqlite_stores);
keyward_testkit::port_contracts!(postgres, crate::contracts::postgres_stores);
