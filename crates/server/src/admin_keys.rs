//! Admin keys: the one that every deployment has, and those in `data_dir/admin.keys`, each a file whose name is the
//! name of its holder.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use keyward_domain::admin::AdminName;
use keyward_domain::secret::Secret;

use crate::compose::AdminKeys;
use crate::config::Config;
use crate::founding::{self, StartError};
use crate::key_file::{self, KeyFileError};

/// The fewest characters that an admin key may have.
const FEWEST_CHARS: usize = 32;

/// All admin keys that there are, checked. Makes none.
pub(crate) fn read(config: &Config) -> Result<AdminKeys, StartError> {
    let mut keys = AdminKeys::default();
    if let Some(key) = first(config)? {
        keys = with(keys, &founding::admin_key_path(config), AdminName::first(), &key)?;
    }
    for path in named(config)? {
        let name = name_of(&path)?;
        let key = key_in(config, &path)?;
        keys = with(keys, &path, name, &key)?;
    }
    Ok(keys)
}

/// The first admin key: a configured one, or else the one in the data directory.
pub(crate) fn first(config: &Config) -> Result<Option<Secret<String>>, StartError> {
    if let Some(configured) = &config.admin_key {
        return Ok(Some(configured.clone()));
    }
    let path = founding::admin_key_path(config);
    if path.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound) {
        return Ok(None);
    }
    key_in(config, &path).map(Some)
}

/// The files with keys that have names, in the order of these.
fn named(config: &Config) -> Result<Vec<PathBuf>, StartError> {
    let folder = config.data_dir.value.join("admin.keys");
    let refuse = |error: std::io::Error| {
        StartError::data_dir(config)(KeyFileError::Io { path: folder.clone(), kind: error.kind() })
    };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refuse(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(refuse)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> Result<AdminName, StartError> {
    let text = path.file_name().unwrap_or_default().to_string_lossy();
    let name = AdminName::parse(&text).map_err(|why| bad(path, why.to_string()))?;
    if name == AdminName::first() {
        return Err(bad(path, "is the name of the key in admin.key".to_owned()));
    }
    Ok(name)
}

fn key_in(config: &Config, path: &Path) -> Result<Secret<String>, StartError> {
    let key = key_file::read(path).map_err(StartError::data_dir(config))?;
    if key.expose().chars().count() < FEWEST_CHARS {
        return Err(bad(path, format!("has fewer than {FEWEST_CHARS} characters")));
    }
    Ok(key)
}

fn with(
    keys: AdminKeys,
    path: &Path,
    name: AdminName,
    key: &Secret<String>,
) -> Result<AdminKeys, StartError> {
    keys.with(name, key).map_err(|why| bad(path, why.to_string()))
}

fn bad(path: &Path, why: String) -> StartError {
    StartError::BadKey { origin: path.display().to_string(), why }
}
