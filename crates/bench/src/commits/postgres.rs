//! PostgreSQL's commits: over as many connections as the server has, each with one row at a time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::{BODY, notes};
use crate::Fallible;
use crate::measure::{Stopwatch, print};

/// The server's default, `database.connections`. More clients wait for one of these.
const CONNECTIONS: usize = 8;

pub(super) fn run(url: &str, seconds: f64, clients: usize) -> Fallible<()> {
    let table =
        "DROP TABLE IF EXISTS notes; CREATE TABLE notes (id bigserial PRIMARY KEY, body bytea NOT NULL)";
    PgConnection::establish(url)?.batch_execute(table)?;
    let (done, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let commit = || -> Fallible<()> {
        let mut connection = PgConnection::establish(url)?;
        while !stop.load(Ordering::Relaxed) {
            diesel::insert_into(notes::table).values(notes::body.eq(&BODY[..])).execute(&mut connection)?;
            done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..CONNECTIONS.min(clients)).map(|_| scope.spawn(commit)).collect();
        thread::sleep(Duration::from_secs_f64(seconds / 10.0));
        let (watch, before) = (Stopwatch::start(), done.load(Ordering::Relaxed));
        thread::sleep(Duration::from_secs_f64(seconds));
        let measured = (done.load(Ordering::Relaxed) - before, watch.elapsed());
        stop.store(true, Ordering::Relaxed);
        for thread in threads {
            thread.join().map_err(|_| "a client panicked")??;
        }
        print(measured.0, measured.1);
        Ok(())
    })
}

/// Turns on what the scratch cluster of tests has turned off.
pub(crate) fn make_durable(url: &str) -> Fallible<()> {
    let mut connection = PgConnection::establish(url)?;
    for statement in
        ["ALTER SYSTEM SET fsync = on", "ALTER SYSTEM SET full_page_writes = on", "SELECT pg_reload_conf()"]
    {
        connection.batch_execute(statement)?;
    }
    Ok(())
}
