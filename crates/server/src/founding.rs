//! The first start and every later one: finds or makes the keys, opens or makes the database, in an order
//! that never leaves one without the other.
//!
//! Everything that can refuse is asked first; only then is anything created. The master key is durable before
//! the database is founded with it, and a database that was founded never gets another.

use std::fmt;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use keyward_domain::deployment::{Deployment, FoundDeploymentError, Slot};
use keyward_domain::entropy::{Entropy, random_bytes};
use keyward_domain::secret::Secret;
use keyward_domain::store::StoreError;
use zeroize::Zeroizing;

use crate::admin_keys;
use crate::compose::{self, Database, Keyward, MasterKey, RootSecret, Seams, Secrets};
use crate::config::{Config, ConfigError, Sourced};
use crate::key_file::{self, KeyFileError};
use crate::master_key_files::MasterKeyFiles;

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
    /// The master key does not open the database.
    #[error("{origin}: {why}")]
    WrongMasterKey {
        /// Where it came from.
        origin: String,
        /// Why it does not.
        why: String,
    },
    /// The database has a master key, which is nowhere.
    #[error("{path}: is missing, and the database needs it: restore it, a new one would open nothing")]
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
    let deployment = match &existing {
        Some(database) => database.deployment().await.map_err(StartError::database(config))?,
        None => None,
    };
    let root = open_root(config, deployment.as_ref(), found_key.as_ref())?;

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
    let root = match root {
        Some(root) => root,
        None => found(config, &database, &master_key, &seams).await?,
    };
    let vault = MasterKeyFiles::new(config, &database, master_key, root.clone(), seams.entropy.clone());
    let vault = Arc::new(vault);
    let secrets = Secrets { root: &root, vault, admin_keys: admin_keys::read(config)? };
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

/// The root secret that the master key opens; `None` where the database is not founded yet.
pub(crate) fn open_root(
    config: &Config,
    deployment: Option<&Deployment>,
    key: Option<&Sourced<MasterKey>>,
) -> Result<Option<RootSecret>, StartError> {
    match (deployment, key) {
        (None, _) => Ok(None),
        (Some(deployment), Some(Sourced { value, origin })) => {
            let refuse = |why: String| StartError::WrongMasterKey { origin: origin.clone(), why };
            value.open(deployment).map(Some).map_err(|why| refuse(why.to_string()))
        }
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

/// Gives a new database its root secret. Another node may have been quicker: then our key must open that one's.
async fn found(
    config: &Config,
    database: &Database,
    key: &MasterKey,
    seams: &Seams,
) -> Result<RootSecret, StartError> {
    let root = RootSecret::generate(&*seams.entropy);
    let slot = Slot { wrapped: key.wrap(&root, seams.entropy.clone()), added_at: seams.clock.now() };
    match database.found(root.fingerprint(), slot).await {
        Ok(()) => Ok(root),
        Err(FoundDeploymentError::Store(error)) => Err(StartError::database(config)(error)),
        Err(FoundDeploymentError::AlreadyFounded) => {
            let deployment = database.deployment().await.map_err(StartError::database(config))?;
            let origin = config.master_key.as_ref().map(|key| key.origin.clone());
            let origin = origin.unwrap_or_else(|| master_key_path(config).display().to_string());
            let key = Sourced { value: key.clone(), origin };
            let opened = open_root(config, deployment.as_ref(), Some(&key))?;
            opened.ok_or_else(|| StartError::machine("the database was founded, and is not any more"))
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

/// Makes the data directory.
fn create_directory(config: &Config) -> Result<(), StartError> {
    key_file::make_directory(&config.data_dir.value).map_err(StartError::data_dir(config))
}

pub(crate) fn master_key_path(config: &Config) -> PathBuf {
    config.data_dir.value.join("master.key")
}

pub(crate) fn admin_key_path(config: &Config) -> PathBuf {
    config.data_dir.value.join("admin.key")
}
