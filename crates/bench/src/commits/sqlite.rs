//! SQLite's commits: one thread writes, and whatever has queued up during one commit shares the next. That is the most
//! that the database gives to many clients, whoever's program it is.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{fs, thread};

use actix_web::rt;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use tokio::sync::{mpsc, oneshot};

use super::{BODY, notes};
use crate::Fallible;
use crate::measure::{Stopwatch, print};

/// The most rows of one commit.
const BATCH: usize = 64;

/// The server's own settings.
const SETTINGS: &str = "PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 200;";

pub(super) fn run(file: &Path, seconds: f64, clients: usize) -> Fallible<()> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut connection = SqliteConnection::establish(file.to_str().ok_or("the path is not UTF-8")?)?;
    connection.batch_execute(SETTINGS)?;
    connection.batch_execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT")?;
    let (queue, jobs) = mpsc::channel(clients);
    let writer = thread::spawn(move || serve(connection, jobs));
    let (count, elapsed) = rt::System::new().block_on(load(queue, clients, seconds));
    writer.join().map_err(|_| "the writer panicked")??;
    print(count, elapsed);
    Ok(())
}

type Answer = oneshot::Sender<()>;

fn serve(mut connection: SqliteConnection, mut jobs: mpsc::Receiver<Answer>) -> Fallible<()> {
    while let Some(first) = jobs.blocking_recv() {
        let mut waiting = vec![first];
        connection.immediate_transaction(|connection| {
            let mut written = 0;
            while written < waiting.len() {
                diesel::insert_into(notes::table).values(notes::body.eq(&BODY[..])).execute(connection)?;
                written += 1;
                if waiting.len() < BATCH {
                    waiting.extend(jobs.try_recv());
                }
            }
            QueryResult::Ok(())
        })?;
        for answer in waiting {
            let _ = answer.send(()); // Who has stopped at the end of the measurement is told nothing.
        }
    }
    Ok(())
}

/// How many commits the clients were told of in so many seconds.
async fn load(queue: mpsc::Sender<Answer>, clients: usize, seconds: f64) -> (u64, Duration) {
    let done = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..clients)
        .map(|_| {
            let (queue, done) = (queue.clone(), done.clone());
            rt::spawn(async move {
                loop {
                    let (reply, answer) = oneshot::channel();
                    if queue.send(reply).await.is_err() || answer.await.is_err() {
                        return;
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs_f64(seconds / 10.0)).await;
    let (watch, before) = (Stopwatch::start(), done.load(Ordering::Relaxed));
    tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    let measured = (done.load(Ordering::Relaxed) - before, watch.elapsed());
    tasks.iter().for_each(rt::task::JoinHandle::abort);
    measured
}
