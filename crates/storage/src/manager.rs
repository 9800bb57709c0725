//! Connecting: by the URL's scheme, set up for a role, pooled by r2d2.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::prelude::*;
use diesel::{PgConnection, SqliteConnection};
use keyward_domain::store::StoreError;
use tokio::time::Instant;

use crate::connection::AnyConnection;
use crate::error::one_line;
use crate::native;
use crate::url::{DatabaseUrl, Target};

/// Why there is no connection, in one line that holds no password.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CannotConnect(String);

impl CannotConnect {
    fn of_query(error: &diesel::result::Error) -> Self {
        Self(one_line(&error.to_string()))
    }

    /// Security: libpq repeats the whole URI when it cannot read it.
    fn of_connection(error: &ConnectionError) -> Self {
        let message = error.to_string();
        if message.contains("://") || message.contains("URI") {
            Self("the database URL is malformed".to_owned())
        } else {
            Self(one_line(&message))
        }
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Requests. On SQLite it only reads.
    Serving,
    /// What limits count, on PostgreSQL.
    Counting,
    /// SQLite's one writer.
    Writing,
    /// Migrations and checks of the whole database: no deadline, and it may write.
    Maintenance,
}

/// Opens a connection.
pub(crate) fn connect(url: &DatabaseUrl, role: Role) -> Result<AnyConnection, CannotConnect> {
    match url.target() {
        Target::Sqlite(path) => connect_sqlite(path, role),
        Target::Postgres(uri) => {
            let mut connection =
                PgConnection::establish(uri).map_err(|error| CannotConnect::of_connection(&error))?;
            match role {
                Role::Serving | Role::Writing => native::postgres::set_up_for_serving(&mut connection),
                Role::Counting => native::postgres::set_up_for_counting(&mut connection),
                Role::Maintenance => native::postgres::set_up_for_maintenance(&mut connection),
            }
            .map_err(|error| CannotConnect::of_query(&error))?;
            Ok(AnyConnection::Postgres(connection))
        }
    }
}

/// Opens a SQLite file as it is, without any settings.
pub(crate) fn connect_unset(path: &Path) -> Result<SqliteConnection, CannotConnect> {
    let not_text = || CannotConnect("the database's path is not UTF-8".to_owned());
    let path = path.to_str().ok_or_else(not_text)?;
    // SQLite takes `file:` for a URI; with a `./` before it, it is a name like any other.
    let path = if path.starts_with('/') { path.to_owned() } else { format!("./{path}") };
    SqliteConnection::establish(&path).map_err(|error| CannotConnect::of_connection(&error))
}

/// Opens a SQLite file that nobody writes to. SQLite takes that for granted: it writes nothing, locks nothing and looks at
/// no log beside the file.
pub(crate) fn connect_at_rest(path: &Path) -> Result<AnyConnection, CannotConnect> {
    let not_text = || CannotConnect("the file's path is not UTF-8".to_owned());
    let path = std::path::absolute(path).map_err(|error| CannotConnect(error.to_string()))?;
    // What would end the path of a URI, and what begins an escape in one.
    let path = path.to_str().ok_or_else(not_text)?;
    let path = path.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let mut connection = SqliteConnection::establish(&format!("file:{path}?mode=ro&immutable=1"))
        .map_err(|error| CannotConnect::of_connection(&error))?;
    native::sqlite::set_up_reader(&mut connection).map_err(|error| CannotConnect::of_query(&error))?;
    Ok(AnyConnection::Sqlite(connection))
}

fn connect_sqlite(path: &Path, role: Role) -> Result<AnyConnection, CannotConnect> {
    let mut connection = connect_unset(path)?;
    let set_up = match role {
        Role::Serving | Role::Counting => {
            native::sqlite::set_up_reader(&mut connection).map(|()| "wal".to_owned())
        }
        Role::Writing | Role::Maintenance => native::sqlite::set_up_writer(&mut connection),
    };
    match set_up.map_err(|error| CannotConnect::of_query(&error))?.as_str() {
        "wal" => Ok(AnyConnection::Sqlite(connection)),
        _ => Err(CannotConnect("the file system does not allow a write-ahead log".to_owned())),
    }
}

/// A pool of connections that serve requests.
pub(crate) type Pool = r2d2::Pool<Manager>;

/// How long a job may wait for a connection.
const CHECK_OUT: Duration = Duration::from_millis(500);

/// Makes a pool that connects when it needs to. It has at most `size` connections, each for this role.
pub(crate) fn pool(url: &DatabaseUrl, size: u32, role: Role) -> Pool {
    let manager = Manager { url: url.clone(), role, generation: Arc::default() };
    r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        // A test would be one more round trip for each query. A connection that turns out to be broken is dropped,
        // and all those with it that were made before.
        .test_on_check_out(false)
        .connection_timeout(CHECK_OUT)
        .error_handler(Box::new(Quiet))
        .build_unchecked(manager)
}

/// A connection from the pool that has not been found broken.
pub(crate) fn check_out(pool: &Pool) -> Result<Lease, StoreError> {
    let deadline = Instant::now() + CHECK_OUT;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let mut lease =
            pool.get_timeout(left).map_err(|error| StoreError::Unavailable(one_line(&error.to_string())))?;
        if !lease.is_stale() {
            lease.hold();
            return Ok(lease);
        }
        // Checked in as it is, the pool drops it.
    }
}

/// A connection on loan.
pub(crate) type Lease = r2d2::PooledConnection<Manager>;

/// A connection of the pool.
pub(crate) struct Pooled {
    pub(crate) connection: AnyConnection,
    /// The pool's generation when this one was made.
    born: u64,
    generation: Arc<AtomicU64>,
    /// A job has it, or ended without giving it back in order.
    in_use: bool,
}

impl Pooled {
    /// A job has it. If nothing is said before it comes back, it is dropped: the job panicked.
    pub(crate) fn hold(&mut self) {
        self.in_use = true;
    }

    /// The job is done and has left nothing behind.
    pub(crate) fn release(&mut self) {
        self.in_use = false;
    }

    /// The connection is broken, and most likely so are all that were made before now: the server was restarted.
    pub(crate) fn lost(&self) {
        // Only the first to notice starts a new generation; the others meant the same event.
        let _ =
            self.generation.compare_exchange(self.born, self.born + 1, Ordering::AcqRel, Ordering::Acquire);
    }

    fn is_stale(&self) -> bool {
        self.born != self.generation.load(Ordering::Acquire)
    }
}

/// Connects for the pool.
pub(crate) struct Manager {
    url: DatabaseUrl,
    role: Role,
    generation: Arc<AtomicU64>,
}

impl r2d2::ManageConnection for Manager {
    type Connection = Pooled;
    type Error = CannotConnect;

    fn connect(&self) -> Result<Pooled, CannotConnect> {
        // Read before connecting: a restart in between makes it stale, never too fresh.
        let born = self.generation.load(Ordering::Acquire);
        let connection = connect(&self.url, self.role)?;
        Ok(Pooled { connection, born, generation: self.generation.clone(), in_use: false })
    }

    fn is_valid(&self, _: &mut Pooled) -> Result<(), CannotConnect> {
        Ok(())
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.in_use || pooled.is_stale()
    }
}

/// Keeps r2d2 from logging on its own: the request that got no connection says so, once.
#[derive(Debug)]
struct Quiet;

impl r2d2::HandleError<CannotConnect> for Quiet {
    fn handle_error(&self, error: CannotConnect) {
        tracing::debug!(%error, "no connection to the database");
    }
}
