//! `kill -9` during concurrent registrations: nothing acknowledged is lost, nothing is half-made.
//!
//! Each client appends to its own log, and syncs it, after it has read a whole 201 and before it counts the
//! registration as acknowledged. After the next start every acknowledged key is recognised, and every address
//! whose answer never came is either free or wholly registered. `KEYWARD_CRASH_CYCLES` sets how often.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use keyward_testkit::postgres::PostgresDatabase;
use serde_json::{Value, json};

use crate::process::{Place, Server};

const CLIENTS: usize = 8;
const PASSWORD: &str = "a-password-of-this-test";

#[allow(clippy::disallowed_methods, reason = "the long run is asked for from outside")]
fn cycles() -> usize {
    std::env::var("KEYWARD_CRASH_CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

#[test]
fn threat_d6_crash_sqlite_keeps_every_acknowledged_registration() {
    crash(&Place::new());
}

#[test]
fn threat_d6_crash_postgres_keeps_every_acknowledged_registration() {
    let database = PostgresDatabase::create();
    crash(&Place::new().with("KEYWARD_DATABASE_URL", &database.url()));
}

/// What a cycle left to be checked after the next start.
#[derive(Default)]
struct Outcome {
    acknowledged: Vec<(String, String)>,
    unanswered: Vec<String>,
}

fn crash(place: &Place) {
    let mut total = 0;
    let mut last = Outcome::default();
    for cycle in 0..cycles() {
        let server = place.serve();
        check(&server, &last);
        last = register_until_killed(place, server, cycle);
        total += last.acknowledged.len();
    }
    let server = place.serve();
    check(&server, &last);
    server.terminate();
    assert!(server.wait().success());
    check_all(place);
    let report = place.run(&["doctor"]);
    assert!(report.status.success(), "{}", String::from_utf8_lossy(&report.stdout));
    println!("{} kills, {total} acknowledged registrations, none lost", cycles());
    assert!(total > cycles(), "hardly anything was registered: the kills prove nothing");
}

/// Lets clients register at full speed, kills the server at an instant that differs from cycle to cycle.
fn register_until_killed(place: &Place, server: Server, cycle: usize) -> Outcome {
    let server = Arc::new(server);
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (server, stop) = (Arc::clone(&server), Arc::clone(&stop));
            let log = place.directory.path().join(format!("acknowledged-{client}"));
            thread::spawn(move || register(&server, &stop, &log, &format!("{cycle}-{client}")))
        })
        .collect();
    // sleep: the instant of the kill, spread over 20 to 400 ms.
    thread::sleep(Duration::from_millis(20 + (cycle as u64 * 137) % 380));
    server.kill_now();
    stop.store(true, Ordering::Relaxed);
    let mut outcome = Outcome::default();
    for client in clients {
        let part = client.join().expect("a client");
        outcome.acknowledged.extend(part.acknowledged);
        outcome.unanswered.extend(part.unanswered);
    }
    outcome
}

fn register(server: &Server, stop: &AtomicBool, log: &Path, name: &str) -> Outcome {
    let mut log: File = OpenOptions::new().append(true).create(true).open(log).expect("a log");
    let mut outcome = Outcome::default();
    for number in 0.. {
        let email = format!("{name}-{number}@example.com");
        // Every eighth has a password, to be checked by logging in: hashing is slow, and writes are the point.
        let password = (number % 8 == 0).then_some(PASSWORD);
        let body = json!({"display_name": name, "email": email, "password": password});
        match server.try_post("/api/v1/auth/register", &body) {
            Some(answer) if answer.status == 201 => {
                let key = answer.json["api_key"].as_str().expect("a key").to_owned();
                writeln!(log, "{email} {key}").and_then(|()| log.sync_data()).expect("a durable line");
                outcome.acknowledged.push((email, key));
            }
            Some(answer) if answer.status == 503 => {}
            Some(answer) => panic!("{answer:?}"),
            None => outcome.unanswered.push(email),
        }
        if stop.load(Ordering::Relaxed) || !outcome.unanswered.is_empty() {
            break;
        }
    }
    outcome
}

fn check(server: &Server, last: &Outcome) {
    for (email, key) in &last.acknowledged {
        let info = server.get("/api/v1/account/info", Some(("X-API-Key", key)));
        assert_eq!(info.status, 200, "the key of {email} was acknowledged and is lost");
    }
    for email in &last.unanswered {
        let body = json!({"display_name": "again", "email": email, "password": PASSWORD});
        let again: Value = match server.post("/api/v1/auth/register", &body) {
            answer if answer.status == 201 || answer.status == 409 => answer.json,
            answer => panic!("{email}: {answer:?}"),
        };
        // Whichever it was, it is whole now; the doctor's look at the database tells halves from wholes.
        assert!(again["api_key"].is_string() || again["error"]["code"] == "DUPLICATE_ACCOUNT", "{again}");
    }
}

/// Everything that was ever acknowledged, from the logs, on one more start.
fn check_all(place: &Place) {
    let server = place.serve();
    let logs = (0..CLIENTS).map(|client| place.directory.path().join(format!("acknowledged-{client}")));
    for log in logs.filter(|path: &PathBuf| path.exists()) {
        for line in BufReader::new(File::open(log).expect("a log")).lines() {
            let line = line.expect("a line");
            let (email, key) = line.split_once(' ').expect("an address and a key");
            let info = server.get("/api/v1/account/info", Some(("X-API-Key", key)));
            assert_eq!(info.status, 200, "the key of {email} was acknowledged and is lost");
        }
    }
}
