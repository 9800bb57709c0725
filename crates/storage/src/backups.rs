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
        let state = State::Begun(Box::new(Begun { snapshot, file, event, turn }));
        Ok(Box::new(Copy { db: self.db.clone(), state, wanted: Wanted::default() }))
    }
}

struct Copy {
    db: Db,
    state: State,
    wanted: Wanted,
}

enum State {
    Begun(Box<Begun>),
    Whole(Whole),
    Over,
}

struct Begun {
    snapshot: Snapshot,
    /// Where the copy is made.
    file: PathBuf,
    event: AuditEvent,
    turn: OwnedMutexGuard<()>,
}

struct Whole {
    /// It has no name any more: it is gone when this is.
    file: File,
    _turn: OwnedMutexGuard<()>,
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
            State::Whole(whole) => whole,
            State::Begun(begun) => {
                let (event, wanted) = (begun.event.clone(), self.wanted.clone());
                let whole = self.db.apart(move || make(*begun, &wanted)).await??;
                self.db.write(move |connection| append::<StoreError>(connection, &event)).await?;
                whole
            }
        };
        let (piece, whole) = self.db.apart(move || read(whole)).await?.map_err(|error| failed(&error))?;
        if piece.is_empty() {
            return Ok(None);
        }
        self.state = State::Whole(whole);
        Ok(Some(piece))
    }
}

/// Makes the copy, and takes its name away: however this process ends from then on, nothing of it stays. Whoever comes
/// next has their turn when this is over, also if nobody waits for it any more.
fn make(begun: Begun, wanted: &Wanted) -> Result<Whole, StoreError> {
    let Begun { snapshot, file, turn, .. } = begun;
    let made = files::remove(&file)
        .and_then(|()| files::create_private(&file))
        .map_err(|error| failed(&error))
        .and_then(|()| snapshot.copy(&file, wanted))
        .and_then(|()| File::open(&file).map_err(|error| failed(&error)));
    files::remove(&file).map_err(|error| failed(&error))?;
    Ok(Whole { file: made?, _turn: turn })
}

/// The next piece, empty at the end.
fn read(whole: Whole) -> io::Result<(Vec<u8>, Whole)> {
    let mut piece = Vec::with_capacity(PIECE as usize);
    (&whole.file).take(PIECE).read_to_end(&mut piece)?;
    Ok((piece, whole))
}

/// Removes what a process has left that was killed while it copied. It is for whoever holds the database's lock.
pub(crate) fn remove_left_over(database: &Path) -> io::Result<()> {
    files::remove(&files::beside(database, COPY)?)
}

fn failed(error: &io::Error) -> StoreError {
    StoreError::Unavailable(format!("the copy: {error}"))
}
