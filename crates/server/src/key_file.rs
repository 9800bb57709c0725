//! Files that hold one secret: base64 or text and a line end, readable by their owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use keyward_domain::secret::Secret;
use zeroize::Zeroizing;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is none.
    #[error("{0} does not exist")]
    Missing(PathBuf),
    /// Others may read it. Security: a secret that was readable for a moment may be known.
    #[error("{path} has mode {mode:04o}: others may read it; it must be 0600 or 0400")]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The machine refused.
    #[error("{path} cannot be used: {kind}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the machine said.
        kind: ErrorKind,
    },
}

/// Reads a key file, without its line end.
pub fn read(path: &Path) -> Result<Secret<String>, KeyFileError> {
    let refuse = |error: std::io::Error| {
        let path = path.to_owned();
        if error.kind() == ErrorKind::NotFound {
            KeyFileError::Missing(path)
        } else {
            KeyFileError::Io { path, kind: error.kind() }
        }
    };
    let mode = fs::metadata(path).map_err(refuse)?.permissions().mode() & 0o7777;
    if !matches!(mode, 0o600 | 0o400) {
        return Err(KeyFileError::Readable { path: path.to_owned(), mode });
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(refuse)?);
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Writes a new key file with mode 0600. It is there whole or not at all, and stays after a power cut: the
/// database will depend on it.
pub fn create(path: &Path, secret: &Secret<String>) -> Result<(), KeyFileError> {
    let refuse = |error: std::io::Error| KeyFileError::Io { path: path.to_owned(), kind: error.kind() };
    let draft = path.with_extension("key.new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .map_err(refuse)?;
    writeln!(file, "{}", secret.expose()).and_then(|()| file.sync_all()).map_err(refuse)?;
    // A hard link, unlike a rename, fails where a file of this name has appeared in between.
    fs::hard_link(&draft, path).map_err(refuse)?;
    fs::remove_file(&draft).map_err(refuse)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(refuse)
}
