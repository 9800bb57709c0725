//! The first start and every later one: finds or makes the keys, opens or makes the database, in an order
//! that never leaves one without the other.
//!
//! Everything that can refuse is asked first; only then is anything created. The master key is durable before
//! the database is founded with it, and a database that was founded never gets another.

use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use keyward_domain::deployment::FoundDeploymentError;
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;

use crate::compose::{self, Database, Keyward, MasterKeyText, Seams};
use crate::config::{Config, ConfigError, Sourced};
use crate::key_file::{self, KeyFileError};

/// A server that may listen.
pub(crate) struct Founded {
    /// All of it.
    pub(crate) keyward: Keyward,
    /// Where the admin key was put, if it was made now.
    pub(crate) new_admin_key: Option<PathBuf>,
    /// Where the master key was put, if it was made now.
    pub(crate) new_master_key: Option<PathBuf>,
}

/// Why a start was refused: one line each, naming what a person must change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A value of the configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address is in use, or not this machine's.
    #[error("KEYWARD_LISTEN: cannot listen on {address}: {kind}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the machine said.
        kind: ErrorKind,
    },
    /// A key file that cannot be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The master key is none.
    #[error("{origin}: {why}")]
    BadKey {
        /// Where it came from.
        origin: String,
        /// What is wrong with it.
        why: String,
    },
    /// The database was founded with another master key.
    #[error("{origin}: is not the master key that this database was founded with")]
    WrongMasterKey {
        /// Where it came from.
        origin: String,
    },
    /// The database was founded with a master key that is nowhere.
    #[error(
        "{path}: is missing, and the database was founded with it: restore it, a new one would open nothing"
    )]
    LostMasterKey {
        /// Where it was.
        path: String,
    },
    /// The database cannot be opened.
    #[error("{origin}: {why}")]
    Database {
        /// What named it.
        origin: String,
        /// What is wrong.
        why: String,
    },
    /// Another process has the database.
    #[error("{path}: is in use by another Keyward process")]
    InUse {
        /// The database.
        path: String,
    },
    /// The database stopped answering during the start.
    #[error("the database failed: {0}")]
    Store(#[from] StoreError),
    /// The signing keys cannot be used.
    #[error("the signing keys cannot be used: {0}")]
    SigningKeys(String),
    /// The machine refused.
    #[error("{0}")]
    Machine(String),
}

impl StartError {
    /// What the machine said, in one line.
    pub(crate) fn machine(error: impl std::fmt::Display) -> Self {
        Self::Machine(error.to_string())
    }
}

/// Starts: see the head of this file.
pub(crate) async fn start(config: &Config, public_url: &str, seams: Seams) -> Result<Founded, StartError> {
    let found_key = master_key(config)?;
    let admin_key = admin_key_exists(config)?;
    let existing = compose::open_existing(config)?;
    let fingerprint = match &existing {
        Some(database) => database.fingerprint().await?,
        None => None,
    };
    check_master_key(config, fingerprint, found_key.as_ref())?;

    if found_key.is_none() || !admin_key {
        create_directory(&config.data_dir)?;
    }
    let database = match existing {
        Some(database) => database,
        None => create_database(config)?,
    };
    let (master_key, new_master_key) = match found_key {
        Some(found) => (found.value, None),
        None => {
            let made = MasterKeyText::generate(&*seams.entropy);
            let path = master_key_path(config);
            key_file::create(&path, &made.text())?;
            (made, Some(path))
        }
    };
    let new_admin_key = if admin_key { None } else { Some(make_admin_key(config, &seams)?) };
    database.migrate()?;
    found(config, &database, fingerprint, &master_key).await?;
    let keyward = compose::compose(config, public_url, database, &master_key, seams).await?;
    Ok(Founded { keyward, new_admin_key, new_master_key })
}

/// Makes an empty database, and the data directory for it.
pub(crate) fn create_database(config: &Config) -> Result<Database, StartError> {
    create_directory(&config.data_dir)?;
    compose::create(config)
}

/// The master key that is configured, or else the one in the data directory.
pub(crate) fn master_key(config: &Config) -> Result<Option<Sourced<MasterKeyText>>, StartError> {
    let sourced = match &config.master_key {
        Some(configured) => configured.clone(),
        None => {
            let path = master_key_path(config);
            match key_file::read(&path) {
                Ok(value) => Sourced { value, origin: path.display().to_string() },
                Err(KeyFileError::Missing(_)) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
    };
    match MasterKeyText::parse(sourced.value.expose()) {
        Ok(value) => Ok(Some(Sourced { value, origin: sourced.origin })),
        Err(why) => Err(StartError::BadKey { origin: sourced.origin, why }),
    }
}

/// Whether the master key is the one that the database was founded with.
pub(crate) fn check_master_key(
    config: &Config,
    fingerprint: Option<Digest>,
    key: Option<&Sourced<MasterKeyText>>,
) -> Result<(), StartError> {
    match (fingerprint, key) {
        (None, _) => Ok(()),
        (Some(founded), Some(key)) if key.value.fingerprint() == founded => Ok(()),
        (Some(_), Some(key)) => Err(StartError::WrongMasterKey { origin: key.origin.clone() }),
        (Some(_), None) => {
            Err(StartError::LostMasterKey { path: master_key_path(config).display().to_string() })
        }
    }
}

/// Whether there is an admin key already: a configured one, or one in the data directory that can be used.
pub(crate) fn admin_key_exists(config: &Config) -> Result<bool, StartError> {
    if config.admin_key.is_some() {
        return Ok(true);
    }
    let path = admin_key_path(config);
    match key_file::read(&path) {
        Ok(key) if key.expose().chars().count() >= 32 => Ok(true),
        Ok(_) => Err(StartError::BadKey {
            origin: path.display().to_string(),
            why: "has fewer than 32 characters".to_owned(),
        }),
        Err(KeyFileError::Missing(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn make_admin_key(config: &Config, seams: &Seams) -> Result<PathBuf, StartError> {
    let path = admin_key_path(config);
    // The same shape as a master key, 256 random bits in base64, and nothing to do with it.
    key_file::create(&path, &MasterKeyText::generate(&*seams.entropy).text())?;
    Ok(path)
}

/// Writes the fingerprint into a new database. Another node may have been quicker: then its key must be ours.
async fn found(
    config: &Config,
    database: &Database,
    fingerprint: Option<Digest>,
    key: &MasterKeyText,
) -> Result<(), StartError> {
    if fingerprint.is_some() {
        return Ok(());
    }
    match database.found(key.fingerprint()).await {
        Ok(()) => Ok(()),
        Err(FoundDeploymentError::Store(error)) => Err(error.into()),
        Err(FoundDeploymentError::AlreadyFounded) => {
            let founded = database.fingerprint().await?;
            if founded == Some(key.fingerprint()) {
                return Ok(());
            }
            let configured = config.master_key.as_ref().map(|key| key.origin.clone());
            let origin = configured.unwrap_or_else(|| master_key_path(config).display().to_string());
            Err(StartError::WrongMasterKey { origin })
        }
    }
}

fn create_directory(path: &Path) -> Result<(), StartError> {
    let refuse = |error: std::io::Error| {
        StartError::from(KeyFileError::Io { path: path.to_owned(), kind: error.kind() })
    };
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(refuse)
}

pub(crate) fn master_key_path(config: &Config) -> PathBuf {
    config.data_dir.join("master.key")
}

pub(crate) fn admin_key_path(config: &Config) -> PathBuf {
    config.data_dir.join("admin.key")
}
