//! SQLite's online backup API, which diesel lacks, by rusqlite over the same library: a copy of the database while
//! others read and write it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keyward_domain::store::StoreError;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, InterruptHandle, OpenFlags};

use crate::error::one_line;

/// How long somebody who has the lock is waited for. Nobody of ours has it while others read.
const BUSY: Duration = Duration::from_millis(200);
/// Pages of a step, a mebibyte of them: between two steps it is looked whether anybody still wants the copy.
const STEP: i32 = 256;

/// Whether a copy is wanted.
#[derive(Clone, Default)]
pub(crate) struct Wanted(Arc<Switch>);

#[derive(Default)]
struct Switch {
    is_off: AtomicBool,
    /// Ends the statement that looks the copy over.
    interrupt: Mutex<Option<InterruptHandle>>,
}

impl Wanted {
    /// It is not: whoever makes it ends soon.
    pub(crate) fn no_longer(&self) {
        self.0.is_off.store(true, Ordering::Release);
        if let Some(handle) = &*self.0.interrupt.lock().unwrap_or_else(PoisonError::into_inner) {
            handle.interrupt();
        }
    }

    fn still(&self) -> Result<(), StoreError> {
        match self.0.is_off.load(Ordering::Acquire) {
            true => Err(StoreError::Unavailable("nobody waits for the copy".to_owned())),
            false => Ok(()),
        }
    }

    fn interrupts(&self, connection: &Connection) {
        let handle = connection.get_interrupt_handle();
        *self.0.interrupt.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
    }
}

/// A database as it stands at one moment, however it changes meanwhile.
pub(crate) struct Snapshot(Connection);

impl Snapshot {
    /// Looks at the database as it is now.
    ///
    /// What is looked at is held by a transaction that reads. In a write-ahead log that is in nobody's way; without it
    /// the copy would begin anew whenever somebody writes, and under load never end.
    pub(crate) fn of(database: &Path) -> Result<Self, StoreError> {
        let connection = open(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let look = || {
            connection.execute_batch("PRAGMA trusted_schema = OFF; BEGIN")?;
            // It is the first statement that reads which says what the transaction sees.
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        };
        look().map_err(failed)?;
        Ok(Self(connection))
    }

    /// Copies it into a file, which must be empty, and looks the copy over.
    pub(crate) fn copy(self, file: &Path, wanted: &Wanted) -> Result<(), StoreError> {
        let mut copy = open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // A copy that is cut off is thrown away, and one that is whole is read from here at once.
        copy.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF").map_err(failed)?;
        step_by_step(&self.0, &mut copy, wanted)?;
        drop((self, copy));
        look_over(file, wanted)
    }
}

fn step_by_step(source: &Connection, copy: &mut Connection, wanted: &Wanted) -> Result<(), StoreError> {
    let backup = Backup::new(source, copy).map_err(failed)?;
    loop {
        wanted.still()?;
        match backup.step(STEP).map_err(failed)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            StepResult::Busy | StepResult::Locked => return Err(StoreError::Busy),
            _ => return Err(StoreError::Unavailable("the copy came to no end".to_owned())),
        }
    }
}

/// Makes the copy a file that needs none beside it, and looks for damage, which it would have from the database itself.
fn look_over(file: &Path, wanted: &Wanted) -> Result<(), StoreError> {
    let connection = open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    wanted.interrupts(&connection);
    wanted.still()?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA journal_mode = DELETE").map_err(failed)?;
    let found: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    match found.as_str() {
        "ok" => Ok(()),
        damage => Err(StoreError::Corrupt(one_line(damage))),
    }
}

/// Opens a file that is there. Its name is no URI, whatever it looks like.
fn open(file: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    let connection =
        Connection::open_with_flags(file, access | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
    connection.busy_timeout(BUSY).map_err(failed)?;
    Ok(connection)
}

fn failed(error: rusqlite::Error) -> StoreError {
    StoreError::Unavailable(one_line(&error.to_string()))
}
