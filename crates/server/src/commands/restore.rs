//! `keyward restore FILE`: puts a backup in the database's place, while no server runs. All that can refuse is asked
//! before anything is made; then one rename decides.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use keyward_domain::store::StoreError;
use serde::Serialize;

use super::table::{plain, plain_json};
use super::{Output, print, refuse};
use crate::backup_file::{BackupFile, BackupFileError};
use crate::compose::{self, CopyAtRest, OpenError, RestorePlace, Seams};
use crate::config::Config;
use crate::founding::{self, StartError};

/// Which backup, and whether it may replace a database.
#[derive(Debug, Clone, Args)]
pub struct Restore {
    /// What `keyward backup` wrote.
    file: PathBuf,
    /// Take the place of the database that is there, which is kept under another name.
    #[arg(long)]
    replace: bool,
}

/// Why nothing was restored: one line.
#[derive(Debug, thiserror::Error)]
enum RestoreError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    File(#[from] BackupFileError),
    #[error("{origin}: names PostgreSQL, whose backups pg_restore restores: docs/operating.md shows how")]
    ItsOwnTools { origin: String },
    #[error("{}: a database is there: say --replace, and it is kept under another name", .0.display())]
    Occupied(PathBuf),
    #[error("{}: holds no database of Keyward's", .0.display())]
    Foreign(PathBuf),
    #[error("{}: {why}", .file.display())]
    Unusable { file: PathBuf, why: String },
    #[error("{}: cannot be put in place: {error}", .database.display())]
    NotPut { database: PathBuf, error: io::Error },
}

/// What was done.
#[derive(Serialize)]
struct Restored {
    database: PathBuf,
    bytes: u64,
    sha256: String,
    /// Where the database is that was there before.
    replaced: Option<PathBuf>,
}

/// Restores the configured SQLite database from a backup.
pub fn restore(config: &Config, command: &Restore, output: Output) -> ExitCode {
    match put_back(config, command) {
        Ok(restored) => {
            print(&render(&restored, output));
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&error),
    }
}

fn put_back(config: &Config, Restore { file, replace }: &Restore) -> Result<Restored, RestoreError> {
    let origin = || config.database_url.origin.clone();
    let database =
        compose::database_file(config)?.ok_or_else(|| RestoreError::ItsOwnTools { origin: origin() })?;
    let not_put = |error| RestoreError::NotPut { database: database.clone(), error };
    if RestorePlace::is_in_use(&database).map_err(not_put)? {
        return Err(StartError::InUse { origin: origin() }.into());
    }
    if !replace && RestorePlace::is_occupied(&database).map_err(not_put)? {
        return Err(RestoreError::Occupied(database));
    }
    let mut backup = BackupFile::open(file)?;
    backup.check(&compose::checksums())?;
    examine(config, file)?;

    founding::create_directory_for(config, &database)?;
    let place = RestorePlace::take(&database).map_err(|error| compose::open_error(config, &error))?;
    // Nobody else can have made one from here on.
    if !replace && RestorePlace::is_occupied(&database).map_err(not_put)? {
        return Err(RestoreError::Occupied(database));
    }
    let mut draft = place.draft().map_err(not_put)?;
    if let Err(error) = write(&mut backup, &mut draft, &database) {
        let _ = place.discard(); // The first failure is the one to tell of.
        return Err(error);
    }
    let mark = Seams::of_machine().clock.now().to_string().replace(':', "");
    let replaced = place.put(&mark).map_err(not_put)?;
    Ok(Restored { database, bytes: backup.length(), sha256: backup.checksum(), replaced })
}

/// Whether the backup is a database of this program's, undamaged, and opened by the master key that is at hand.
fn examine(config: &Config, file: &Path) -> Result<(), RestoreError> {
    let unusable = |why: String| RestoreError::Unusable { file: file.to_owned(), why };
    let unreadable = |error: StoreError| unusable(error.to_string());
    let mut copy = CopyAtRest::open(file).map_err(|error| match error {
        OpenError::Foreign(_) => RestoreError::Foreign(file.to_owned()),
        OpenError::Locked(_)
        | OpenError::NotFound(_)
        | OpenError::Unavailable(_)
        | OpenError::NewerSchema(_)
        | OpenError::OldSqlite(_) => unusable(error.to_string()),
    })?;
    let deployment = copy.deployment().map_err(unreadable)?;
    let key = founding::master_key(config)?;
    founding::open_root(config, deployment.as_ref(), key.as_ref())?;
    match copy.damage().map_err(unreadable)?.into_iter().next() {
        None => Ok(()),
        Some(damage) => Err(unusable(format!("is damaged: {damage}"))),
    }
}

fn write(backup: &mut BackupFile, draft: &mut File, database: &Path) -> Result<(), RestoreError> {
    backup.copy(draft, &compose::checksums())?;
    draft.sync_all().map_err(|error| RestoreError::NotPut { database: database.to_owned(), error })
}

fn render(restored: &Restored, output: Output) -> String {
    let Restored { database, bytes, sha256, replaced } = restored;
    match output {
        Output::Json => plain_json(&serde_json::to_string(restored).unwrap_or_default()) + "\n",
        Output::Text => {
            let kept = replaced.iter().map(|path| format!("the one before is {}\n", path.display()));
            let line = format!("restored {}: {bytes} bytes, sha256 {sha256}\n", database.display());
            std::iter::once(line).chain(kept).map(|line| plain(line.trim_end()) + "\n").collect()
        }
    }
}
