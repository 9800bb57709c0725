//! The database: opened as the configuration says, before anything stands on it.

use std::path::{Path, PathBuf};

use keyward_domain::audit::AuditStore;
use keyward_domain::deployment::{Deployment, DeploymentStore, Fingerprint, FoundDeploymentError, Slot};
use keyward_domain::store::StoreError;
use keyward_storage::{DatabaseUrl, InvalidDatabaseUrl, OpenError, Store, StoreOptions};

use crate::config::Config;
use crate::founding::StartError;

/// An open database, before anything stands on it. The clones are one.
#[derive(Clone)]
pub(crate) struct Database {
    pub(super) store: Store,
    pub(super) url: DatabaseUrl,
}

impl Database {
    /// Which one it is, for a person, without credentials.
    pub(crate) fn describe(&self) -> String {
        self.url.describe()
    }

    /// The deployment that it belongs to, if it is founded.
    pub(crate) async fn deployment(&self) -> Result<Option<Deployment>, StoreError> {
        self.store.deployment().await
    }

    /// Founds it.
    pub(crate) async fn found(&self, root: Fingerprint, slot: Slot) -> Result<(), FoundDeploymentError> {
        self.store.found(root, slot).await
    }

    /// Whether no other server can stand on it at the same time.
    pub(crate) fn has_one_server(&self) -> bool {
        self.store.has_one_server()
    }

    /// The names of the migrations that it lacks.
    pub(crate) fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        self.store.pending_migrations()
    }

    /// Applies them.
    pub(crate) fn migrate(&self) -> Result<Vec<String>, StoreError> {
        self.store.migrate()
    }

    /// Its audit trail, for reading.
    pub(crate) const fn audit(&self) -> &impl AuditStore {
        &self.store
    }

    /// What is wrong with its data, one line each.
    pub(crate) fn integrity(&self) -> Result<Vec<String>, StoreError> {
        self.store.integrity()
    }
}

/// Opens the configured database if it exists; creates nothing.
pub(crate) fn open_existing(config: &Config) -> Result<Option<Database>, StartError> {
    match open(config, false) {
        Ok(database) => Ok(Some(database)),
        Err(OpenError::NotFound(path)) if is_place_for_a_database(config, Path::new(&path)) => Ok(None),
        Err(error) => Err(open_error(config, &error)),
    }
}

/// Opens the configured database, an empty one if it does not exist.
pub(crate) fn create(config: &Config) -> Result<Database, StartError> {
    open(config, true).map_err(|error| open_error(config, &error))
}

/// The file that the configured database is, if it is SQLite's. It may not be there.
pub(crate) fn database_file(config: &Config) -> Result<Option<PathBuf>, StartError> {
    let url = url(config).map_err(|error| open_error(config, &error))?;
    Ok(url.sqlite_path().map(Path::to_owned))
}

fn url(config: &Config) -> Result<DatabaseUrl, OpenError> {
    let text = config.database_url.value.expose();
    text.parse().map_err(|error: InvalidDatabaseUrl| OpenError::Unavailable(error.to_string()))
}

fn open(config: &Config, create: bool) -> Result<Database, OpenError> {
    let url = url(config)?;
    let options = StoreOptions { create, postgres_connections: config.database_connections };
    Store::open(&url, options).map(|store| Database { store, url })
}

/// A database file is made in the data directory, which may have to be made first, or in a directory that is
/// there: one that is not is more likely a mistyped one.
fn is_place_for_a_database(config: &Config, path: &Path) -> bool {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    parent == config.data_dir.value || parent.is_dir()
}

/// Why the configured database cannot be used.
pub(crate) fn open_error(config: &Config, error: &OpenError) -> StartError {
    let origin = config.database_url.origin.clone();
    match error {
        OpenError::Locked(_) => StartError::InUse { origin },
        OpenError::Foreign(_)
        | OpenError::NotFound(_)
        | OpenError::Unavailable(_)
        | OpenError::NewerSchema(_)
        | OpenError::OldSqlite(_) => StartError::Database { origin, why: error.to_string() },
    }
}

/// Whether the text is a database URL.
pub(crate) fn check_database_url(text: &str) -> Result<(), String> {
    text.parse::<DatabaseUrl>().map(drop).map_err(|error| error.to_string())
}
