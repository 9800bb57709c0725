//! Copies of a SQLite database while it serves. PostgreSQL has its own tools for that.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use keyward_domain::audit::AuditEvent;
use keyward_domain::backups::{BackupStore, BeginBackupError, DatabaseCopy};
use keyward_domain::store::StoreError;
use tokio::sync::OwnedMutexGuard;

use crate::Store;
use crate::audit::append;
use crate::db::Db;
use crate::files;
use crate::native::copies::{Snapshot, Wanted};

/// How much of the copy is handed on at a time.
const PIECE: u64 = 256 * 1024;
/// The copy's name is the database's with this behind it. There is one at a time.
const COPY: &str = ".copy";

#[async_trait]
impl BackupStore for Store {
    async fn begin(&self, event: AuditEvent) -> Result<Box<dyn DatabaseCopy>, BeginBackupError> {
        let Some(database) = self.url.sqlite_path().map(Path::to_owned) else {
            return Err(BeginBackupError::ItsOwnTools);
        };
        let turn = self.copying.clone().try_lock_owned().map_err(|_| BeginBackupError::UnderWay)?;
        let file = files::beside(&database, COPY).map_err(|error| failed(&error))?;
        let snapshot = self.db.apart(move || Snapshot::of(&database)).await??;
        let state = State::Begun { snapshot, file, event, turn };
        Ok(Box::new(Copy { db: self.db.clone(), state, wanted: Wanted::default() }))
    }
}

struct Copy {
    db: Db,
    state: State,
    wanted: Wanted,
}

enum State {
    Begun {
        snapshot: Snapshot,
        file: PathBuf,
        event: AuditEvent,
        turn: OwnedMutexGuard<()>,
    },
    /// The file has no name any more: it is gone when this is.
    Whole {
        file: File,
        _turn: OwnedMutexGuard<()>,
    },
    Over,
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.wanted.no_longer();
    }
}

#[async_trait]
impl DatabaseCopy for Copy {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let whole = match std::mem::replace(&mut self.state, State::Over) {
            State::Over => return Ok(None),
            State::Whole { file, _turn: turn } => (file, turn),
            State::Begun { snapshot, file, event, turn } => {
                let wanted = self.wanted.clone();
                // Whoever comes next has its turn when this work is over, also if nobody waits for it any more.
                let work = move || make(snapshot, &file, &wanted).map(|copy| (copy, turn));
                let whole = self.db.apart(work).await??;
                self.db.write(move |connection| append::<StoreError>(connection, &event)).await?;
                whole
            }
        };
        let work = move || read(whole.0).map(|(piece, file)| (piece, file, whole.1));
        let (piece, file, turn) = self.db.apart(work).await?.map_err(|error| failed(&error))?;
        if piece.is_empty() {
            return Ok(None);
        }
        self.state = State::Whole { file, _turn: turn };
        Ok(Some(piece))
    }
}

/// Makes the copy, and takes its name away: however this process ends from then on, nothing of it stays.
fn make(snapshot: Snapshot, file: &Path, wanted: &Wanted) -> Result<File, StoreError> {
    let made = files::remove(file)
        .and_then(|()| files::create_private(file))
        .map_err(|error| failed(&error))
        .and_then(|()| snapshot.copy(file, wanted))
        .and_then(|()| File::open(file).map_err(|error| failed(&error)));
    files::remove(file).map_err(|error| failed(&error))?;
    made
}

fn read(file: File) -> io::Result<(Vec<u8>, File)> {
    let mut piece = Vec::with_capacity(PIECE as usize);
    let mut part = file.take(PIECE);
    part.read_to_end(&mut piece)?;
    Ok((piece, part.into_inner()))
}

/// Removes what a process has left that was killed while it copied. It is for whoever holds the database's lock.
pub(crate) fn remove_left_over(database: &Path) -> io::Result<()> {
    files::remove(&files::beside(database, COPY)?)
}

fn failed(error: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("the copy: {error}"))
}
