//! The first start and every later one: finds or makes the keys, opens or makes the database, in an order
//! that never leaves one without the other.
//!
//! Everything that can refuse is asked first; only then is anything created. The master key is durable before
//! the database is founded with it, and a database that was founded never gets another.

use std::fmt;
use std::fs::{DirBuilder, File};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use keyward_domain::deployment::FoundDeploymentError;
use keyward_domain::entropy::{Entropy, random_bytes};
use keyward_domain::secret::{Digest, Secret};
use keyward_domain::store::StoreError;
use zeroize::Zeroizing;

use crate::admin_keys;
use crate::compose::{self, Database, Keyward, MasterKey, Seams, Secrets};
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
    #[error("{origin}: cannot listen on {address}: {kind}")]
    Listen {
        /// Where it came from.
        origin: String,
        /// The address.
        address: SocketAddr,
        /// What the machine said.
        kind: ErrorKind,
    },
    /// The data directory, or a key file in it, cannot be used.
    #[error("{origin}: {error}")]
    DataDir {
        /// Where the data directory came from.
        origin: String,
        /// What is wrong.
        error: KeyFileError,
    },
    /// A key is none.
    #[error("{origin}: {why}")]
    BadKey {
        /// Where it came from.
        origin: String,
        /// What is wrong with it.
        why: String,
    },
    /// Mail cannot be set up.
    #[error("mail.ca_file: {0}")]
    Mail(String),
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
    #[error("{origin}: the database is in use by another Keyward process")]
    InUse {
        /// What named it.
        origin: String,
    },
    /// The signing keys cannot be used.
    #[error("the signing keys cannot be used: {0}")]
    SigningKeys(String),
    /// The machine refused.
    #[error("{0}")]
    Machine(String),
}

impl StartError {
    /// What the machine said, in one line.
    pub(crate) fn machine(error: impl fmt::Display) -> Self {
        Self::Machine(error.to_string())
    }

    /// What the database said, with what named it.
    pub(crate) fn database(config: &Config) -> impl Fn(StoreError) -> Self {
        let origin = config.database_url.origin.clone();
        move |error| Self::Database { origin: origin.clone(), why: error.to_string() }
    }

    /// What is wrong with a file in the data directory.
    pub(crate) fn data_dir(config: &Config) -> impl Fn(KeyFileError) -> Self {
        let origin = config.data_dir.origin.clone();
        move |error| Self::DataDir { origin: origin.clone(), error }
    }
}

/// Starts: see the head of this file.
pub(crate) async fn start(config: &Config, public_url: &str, seams: Seams) -> Result<Founded, StartError> {
    let found_key = master_key(config)?;
    // Each is checked before anything is made.
    admin_keys::read(config)?;
    let admin_key = admin_keys::first(config)?.is_some();
    let existing = compose::open_existing(config)?;
    let fingerprint = match &existing {
        Some(database) => database.fingerprint().await.map_err(StartError::database(config))?,
        None => None,
    };
    check_master_key(config, fingerprint, found_key.as_ref())?;

    if found_key.is_none() || !admin_key {
        create_directory(config)?;
    }
    let database = match existing {
        Some(database) => database,
        None => create_database(config)?,
    };
    let (master_key, new_master_key) = match found_key {
        Some(found) => (found.value, None),
        None => {
            let made = MasterKey::generate(&*seams.entropy);
            let path = master_key_path(config);
            key_file::create(&path, &made.to_base64(), &*seams.entropy)
                .map_err(StartError::data_dir(config))?;
            (made, Some(path))
        }
    };
    let new_admin_key = if admin_key { None } else { Some(make_admin_key(config, &*seams.entropy)?) };
    database.migrate().map_err(StartError::database(config))?;
    found(config, &database, fingerprint, &master_key).await?;
    let secrets = Secrets { master_key: &master_key, admin_keys: admin_keys::read(config)? };
    let keyward = compose::compose(config, public_url, database, secrets, seams).await?;
    Ok(Founded { keyward, new_admin_key, new_master_key })
}

/// Makes an empty database, and the data directory for it.
pub(crate) fn create_database(config: &Config) -> Result<Database, StartError> {
    create_directory(config)?;
    compose::create(config)
}

/// The master key that is configured, or else the one in the data directory.
pub(crate) fn master_key(config: &Config) -> Result<Option<Sourced<MasterKey>>, StartError> {
    let sourced = match &config.master_key {
        Some(configured) => configured.clone(),
        None => {
            let path = master_key_path(config);
            match key_file::read(&path) {
                Ok(value) => Sourced { value, origin: path.display().to_string() },
                Err(KeyFileError::Missing(_)) => return Ok(None),
                Err(error) => return Err(StartError::data_dir(config)(error)),
            }
        }
    };
    match MasterKey::parse(sourced.value.expose()) {
        Ok(value) => Ok(Some(Sourced { value, origin: sourced.origin })),
        Err(why) => Err(StartError::BadKey { origin: sourced.origin, why: why.to_string() }),
    }
}

/// Whether the master key is the one that the database was founded with.
pub(crate) fn check_master_key(
    config: &Config,
    fingerprint: Option<Digest>,
    key: Option<&Sourced<MasterKey>>,
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

fn make_admin_key(config: &Config, entropy: &dyn Entropy) -> Result<PathBuf, StartError> {
    let path = admin_key_path(config);
    let random = Zeroizing::new(random_bytes::<32>(entropy));
    let key = Secret::new(BASE64.encode(random.as_slice()));
    key_file::create(&path, &key, entropy).map_err(StartError::data_dir(config))?;
    Ok(path)
}

/// Writes the fingerprint into a new database. Another node may have been quicker: then its key must be ours.
async fn found(
    config: &Config,
    database: &Database,
    fingerprint: Option<Digest>,
    key: &MasterKey,
) -> Result<(), StartError> {
    if fingerprint.is_some() {
        return Ok(());
    }
    match database.found(key.fingerprint()).await {
        Ok(()) => Ok(()),
        Err(FoundDeploymentError::Store(error)) => Err(StartError::database(config)(error)),
        Err(FoundDeploymentError::AlreadyFounded) => {
            let founded = database.fingerprint().await.map_err(StartError::database(config))?;
            if founded == Some(key.fingerprint()) {
                return Ok(());
            }
            let configured = config.master_key.as_ref().map(|key| key.origin.clone());
            let origin = configured.unwrap_or_else(|| master_key_path(config).display().to_string());
            Err(StartError::WrongMasterKey { origin })
        }
    }
}

/// Makes the data directory, if that is where this database will be.
pub(crate) fn create_directory_for(config: &Config, database: &Path) -> Result<(), StartError> {
    match key_file::directory_of(database) == config.data_dir.value {
        true => create_directory(config),
        false => Ok(()),
    }
}

/// Makes the data directory, and what is missing above it, durably: a database elsewhere will depend on its keys.
fn create_directory(config: &Config) -> Result<(), StartError> {
    let path = config.data_dir.value.as_path();
    let missing =
        path.ancestors().take_while(|ancestor| !ancestor.as_os_str().is_empty() && !ancestor.exists());
    let missing: Vec<&Path> = missing.collect();
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path).and_then(|()| {
        missing.iter().try_for_each(|made| File::open(key_file::directory_of(made))?.sync_all())
    });
    let refuse = |error: std::io::Error| KeyFileError::Io { path: path.to_owned(), kind: error.kind() };
    made.map_err(refuse).map_err(StartError::data_dir(config))
}

pub(crate) fn master_key_path(config: &Config) -> PathBuf {
    config.data_dir.value.join("master.key")
}

pub(crate) fn admin_key_path(config: &Config) -> PathBuf {
    config.data_dir.value.join("admin.key")
}
