//! A PostgreSQL database of a test's own, on the scratch cluster that `cargo xtask test` starts.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

diesel::table! {
    /// PostgreSQL's own: how it was built.
    pg_config (name) {
        /// Of what.
        name -> Text,
        /// What.
        setting -> Nullable<Text>,
    }
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

/// An empty database, dropped with this value.
pub struct PostgresDatabase {
    cluster: String,
    name: String,
}

impl PostgresDatabase {
    /// Creates one. Panics, with what to do about it, when there is no cluster: a test that is skipped proves
    /// nothing.
    #[allow(clippy::disallowed_methods, reason = "the cluster's address can only come from the environment")]
    pub fn create() -> Self {
        let cluster = std::env::var("KEYWARD_TEST_POSTGRES_URL")
            .expect("KEYWARD_TEST_POSTGRES_URL is not set: run the tests with `cargo xtask test`");
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("keyward_test_{}_{number}", std::process::id());
        let database = Self { cluster, name };
        database.execute(&format!("CREATE DATABASE {}", database.name));
        database
    }

    /// The database's own URL.
    pub fn url(&self) -> String {
        let (server, _) = self.cluster.rsplit_once('/').expect("the cluster's URL names a database");
        format!("{server}/{}", self.name)
    }

    /// Ends every connection to it, as an administrator or a restart would.
    pub fn cut_connections(&self) {
        self.execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        ));
    }

    /// Writes past every adapter: what a bug, a person or a thief might do.
    pub fn tamper(&self, statement: &str) {
        run(&self.url(), statement);
    }

    /// One of the programs that came with the server that it is on, such as `pg_dump`: no other is as new.
    pub fn program(&self, name: &str) -> PathBuf {
        let mut connection = PgConnection::establish(&self.cluster).expect("the scratch cluster answers");
        let directory: Option<String> = pg_config::table
            .filter(pg_config::name.eq("BINDIR"))
            .select(pg_config::setting)
            .first(&mut connection)
            .expect("the scratch cluster knows where its programs are");
        Path::new(&directory.expect("a directory")).join(name)
    }

    fn execute(&self, statement: &str) {
        run(&self.cluster, statement);
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        if let Ok(mut connection) = PgConnection::establish(&self.cluster) {
            let _ = connection.batch_execute(&drop);
        }
    }
}

fn run(url: &str, statement: &str) {
    let mut connection = PgConnection::establish(url).expect("the scratch cluster answers");
    connection.batch_execute(statement).expect("the scratch cluster obeys");
}
