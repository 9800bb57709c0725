//! Hears what other servers end: asks the head of the log again and again, on a connection of its own.
//!
//! No notifications: poolers in front of PostgreSQL break them, and committers would queue for their lock. Asking by
//! primary key costs the database some tenths of a millisecond, forty times a second for each server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyward_domain::revocations::{LogHead, RevocationListener, RevocationNumber, RevokedToken, Subject};
use keyward_domain::store::StoreError;
use tokio::time::Instant;

use crate::Store;
use crate::connection::AnyConnection;
use crate::error::Abort;
use crate::manager::{Role, connect};
use crate::pulse::Pulse;
use crate::revocations::{after, head, revoked};
use crate::signing_keys;
use crate::url::{DatabaseUrl, Target};

/// How long after one question the next one is asked.
const INTERVAL: Duration = Duration::from_millis(25);
/// How much of the log is read at once.
const PAGE: u16 = 1_000;

/// A thread that asks. It ends when this is dropped, at the latest when the database answers.
pub struct Poller(Arc<AtomicBool>);

impl Drop for Poller {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Store {
    /// From now on the listener hears of every revocation with a number above `from`, whichever server it was made by,
    /// and how far it has caught up. When nothing was heard for as long as `silence`, no call waits for the database any
    /// longer. `None` for SQLite, which has one server.
    pub fn watch(
        &self,
        from: RevocationNumber,
        listener: Arc<dyn RevocationListener>,
        silence: Duration,
    ) -> std::io::Result<Option<Poller>> {
        if let Target::Sqlite(_) = self.url.target() {
            return Ok(None);
        }
        let stop = Arc::new(AtomicBool::new(false));
        self.db.pulse.expect(silence);
        let (url, is_over, pulse) = (self.url.impatient(), Arc::clone(&stop), Arc::clone(&self.db.pulse));
        std::thread::Builder::new().name("keyward-poller".to_owned()).spawn(move || {
            watch(&url, from, &*listener, &pulse, &is_over);
            pulse.forget();
        })?;
        Ok(Some(Poller(stop)))
    }
}

fn watch(
    url: &DatabaseUrl,
    from: RevocationNumber,
    listener: &dyn RevocationListener,
    pulse: &Pulse,
    is_over: &AtomicBool,
) {
    let (mut seen, mut connection, mut failed) = (from, None, 0_u32);
    while !is_over.load(Ordering::Acquire) {
        let asked = Instant::now();
        match poll(url, &mut connection, seen, listener) {
            Ok(last) => {
                seen = last;
                listener.caught_up(asked.into_std());
                pulse.beat(asked, seen.get());
                failed = 0;
            }
            Err(error) => {
                connection = None;
                failed = failed.saturating_add(1);
                // Once for each outage, and not for a connection that was cut and is made anew at once.
                if failed == 2 {
                    tracing::warn!(%error, "this server does not hear what others end");
                }
            }
        }
        std::thread::sleep(INTERVAL.saturating_sub(asked.elapsed()));
    }
}

/// Asks once, and tells everything above `seen`. Answers up to which number everything has been told.
fn poll(
    url: &DatabaseUrl,
    connection: &mut Option<AnyConnection>,
    seen: RevocationNumber,
    listener: &dyn RevocationListener,
) -> Result<RevocationNumber, StoreError> {
    let open = match connection {
        Some(open) => open,
        None => {
            let made = connect(url, Role::Serving);
            connection.insert(made.map_err(|error| StoreError::Unavailable(error.to_string()))?)
        }
    };
    ask(open, seen, listener).map_err(Abort::into_answer)
}

fn ask(
    connection: &mut AnyConnection,
    seen: RevocationNumber,
    listener: &dyn RevocationListener,
) -> Result<RevocationNumber, Abort<StoreError>> {
    let LogHead { last, forgotten } = head(connection)?;
    if last == seen {
        return Ok(seen);
    }
    // A smaller number than the one that was seen: the database is an older copy of itself, restored under our feet.
    if forgotten > seen || last < seen {
        return start_anew(connection, last, listener);
    }
    let mut told = seen;
    while told < last {
        let page = match after(connection, told, PAGE) {
            // A later release beside this one ends things that this one does not know.
            Err(Abort::Refused(StoreError::Corrupt(_))) => Vec::new(),
            page => page?,
        };
        // Numbers have no gaps. Where one is missing, the log was cut since its head was read.
        let is_whole = cfg!(feature = "sabotage-plain-sequence")
            || page.first().is_some_and(|first| first.number.get() == told.get() + 1);
        let Some(end) = page.last().filter(|_| is_whole) else {
            return start_anew(connection, last, listener);
        };
        told = end.number;
        if page.iter().any(|revocation| revocation.subject == Subject::SigningKeys) {
            take_signing_keys(connection, told, listener)?;
        }
        listener.ended(&page);
    }
    Ok(told)
}

/// Has everything forgotten, as of a number that was read before.
fn start_anew(
    connection: &mut AnyConnection,
    last: RevocationNumber,
    listener: &dyn RevocationListener,
) -> Result<RevocationNumber, Abort<StoreError>> {
    let revoked: Vec<RevokedToken> = revoked(connection, None)?;
    listener.ended_unknown(&revoked);
    take_signing_keys(connection, last, listener)?;
    Ok(last)
}

/// Security: if they cannot be taken, the poll has failed, and what is remembered lapses.
fn take_signing_keys(
    connection: &mut AnyConnection,
    as_of: RevocationNumber,
    listener: &dyn RevocationListener,
) -> Result<(), Abort<StoreError>> {
    let keys = signing_keys::load(connection)?;
    let taken = listener.signing_keys(as_of, &keys);
    taken.map_err(|error| Abort::Refused(StoreError::Unavailable(error.to_string())))
}
