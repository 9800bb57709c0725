//! The file that Agora's public figures come from: read at the start, and again when it changes.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::compose::{InvalidSupply, PublishedSupply, Supply};

/// The largest file that is read.
const MAX_BYTES: u64 = 1024 * 1024;

/// A file with a supply, as it was when the server started.
#[derive(Debug, Clone)]
pub struct SupplyFile {
    path: PathBuf,
    text: String,
    supply: Supply,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SupplyFileError {
    /// It cannot be read.
    #[error("{path}: {1}", path = .0.display())]
    Unreadable(PathBuf, ErrorKind),
    /// What it says is no supply.
    #[error("{path}: {1}", path = .0.display())]
    Invalid(PathBuf, #[source] InvalidSupply),
}

impl SupplyFile {
    /// Reads it, to its end: a mistake should not wait for the first request.
    pub(crate) fn read(path: &Path) -> Result<Self, SupplyFileError> {
        let read = || {
            check(&fs::metadata(path)?)?;
            fs::read_to_string(path)
        };
        let text = read().map_err(|error| SupplyFileError::Unreadable(path.to_owned(), error.kind()))?;
        let supply = parse(path, &text)?;
        Ok(Self { path: path.to_owned(), text, supply })
    }

    /// What it says.
    pub(crate) fn supply(&self) -> Supply {
        self.supply.clone()
    }

    /// Looks at it from now on, and publishes what it says there.
    pub(crate) fn watched(&self, published: Arc<PublishedSupply>) -> SupplyWatch {
        let seen = Arc::new(Mutex::new(Ok(self.text.clone())));
        SupplyWatch { path: self.path.clone(), published, seen }
    }
}

/// Looks whether the file has changed.
#[derive(Debug, Clone)]
pub(crate) struct SupplyWatch {
    path: PathBuf,
    published: Arc<PublishedSupply>,
    /// What was found there last.
    seen: Arc<Mutex<Result<String, ErrorKind>>>,
}

impl SupplyWatch {
    /// Publishes what the file says, if it says something else than at the last look. One that is no good changes
    /// nothing, and is told of once.
    pub(crate) async fn look(&self) -> Result<(), SupplyFileError> {
        let found = read(&self.path).await.map_err(|error| error.kind());
        {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if *seen == found {
                return Ok(());
            }
            seen.clone_from(&found);
        }
        let text = found.map_err(|kind| SupplyFileError::Unreadable(self.path.clone(), kind))?;
        self.published.publish(parse(&self.path, &text)?);
        tracing::info!(file = %self.path.display(), "another supply is published");
        Ok(())
    }
}

fn parse(path: &Path, text: &str) -> Result<Supply, SupplyFileError> {
    Supply::parse(text).map_err(|error| SupplyFileError::Invalid(path.to_owned(), error))
}

async fn read(path: &Path) -> io::Result<String> {
    check(&tokio::fs::metadata(path).await?)?;
    tokio::fs::read_to_string(path).await
}

/// What is no plain file may have no end.
fn check(metadata: &Metadata) -> io::Result<()> {
    let why = if metadata.is_dir() {
        ErrorKind::IsADirectory
    } else if !metadata.is_file() {
        ErrorKind::InvalidInput
    } else if metadata.len() > MAX_BYTES {
        ErrorKind::FileTooLarge
    } else {
        return Ok(());
    };
    Err(why.into())
}
