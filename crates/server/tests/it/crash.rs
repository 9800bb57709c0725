//! `kill -9` during concurrent registrations: nothing acknowledged is lost, nothing is half-made.
//!
//! Each client appends to its own log, and syncs it, after it has read a whole 201 and before it counts the
//! registration as acknowledged. After the next start every acknowledged key is recognised, and every address
//! whose answer never came is either free or taken. At the end, everything that was acknowledged is used: both
//! keys, the second secret, the password; and the doctor looks for halves and for events that are not as they
//! were written. `KEYWARD_CRASH_CYCLES` sets how often.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use keyward_testkit::postgres::PostgresDatabase;
use serde_json::{Value, json};

use crate::process::{Answer, Place, Server};

const CLIENTS: usize = 8;
/// How often a server that is busy is asked. It waits half a second each time before it says so.
const TRIES: usize = 60;
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

/// An acknowledged registration: what a client wrote down.
struct Acknowledged {
    email: String,
    api_key: String,
    api_secret: String,
    agent_api_key: String,
    has_password: bool,
}

impl Acknowledged {
    fn of(email: &str, shown: &Value, has_password: bool) -> Self {
        let text = |member: &str| shown[member].as_str().expect("a secret").to_owned();
        let (api_key, api_secret, agent_api_key) =
            (text("api_key"), text("api_secret"), text("agent_api_key"));
        Self { email: email.to_owned(), api_key, api_secret, agent_api_key, has_password }
    }

    fn line(&self) -> String {
        let Self { email, api_key, api_secret, agent_api_key, has_password } = self;
        format!("{email} {api_key} {api_secret} {agent_api_key} {has_password}\n")
    }

    fn read(line: &str) -> Self {
        let fields: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let [email, api_key, api_secret, agent_api_key, has_password] =
            fields.try_into().expect("a whole line");
        Self { email, api_key, api_secret, agent_api_key, has_password: has_password == "true" }
    }
}

/// What a cycle left to be checked after the next start.
#[derive(Default)]
struct Outcome {
    acknowledged: Vec<Acknowledged>,
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
        // One in 16 has a password: hashing is slow and gives way to others, and writes are the point.
        let password = (number % 16 == 8).then_some(PASSWORD);
        let body = json!({"display_name": name, "email": email, "password": password});
        match server.try_post("/api/v1/auth/register", &body) {
            Some(answer) if answer.status == 201 => {
                let acknowledged = Acknowledged::of(&email, &answer.json, password.is_some());
                log.write_all(acknowledged.line().as_bytes())
                    .and_then(|()| log.sync_data())
                    .expect("a durable line");
                outcome.acknowledged.push(acknowledged);
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
    for acknowledged in &last.acknowledged {
        assert_recognised(server, &acknowledged.api_key, &acknowledged.email);
    }
    for email in &last.unanswered {
        let body = json!({"display_name": "again", "email": email});
        let again = settled(|| server.post("/api/v1/auth/register", &body));
        assert!(matches!(again.status, 201 | 409), "{email}: {again:?}");
    }
}

/// Uses everything that was ever acknowledged, as the logs say, on one more start.
fn check_all(place: &Place) {
    let server = place.serve();
    let logs = (0..CLIENTS).map(|client| place.directory.path().join(format!("acknowledged-{client}")));
    for log in logs.filter(|path: &PathBuf| path.exists()) {
        for line in BufReader::new(File::open(log).expect("a log")).lines() {
            let acknowledged = Acknowledged::read(&line.expect("a line"));
            let email = &acknowledged.email;
            assert_recognised(&server, &acknowledged.api_key, email);
            assert_recognised(&server, &acknowledged.agent_api_key, email);
            let login = json!({"api_key": acknowledged.api_key, "api_secret": acknowledged.api_secret});
            assert_eq!(settled(|| server.post("/api/v1/auth/login", &login)).status, 200, "{email}");
            if acknowledged.has_password {
                let login = json!({"email": email, "password": PASSWORD});
                assert_eq!(settled(|| server.post("/api/v1/auth/user-login", &login)).status, 200, "{email}");
            }
        }
    }
}

/// What a server says once it can look: on a disk that stands still it says 503, which is no verdict.
fn settled(ask: impl Fn() -> Answer) -> Answer {
    (0..TRIES).map(|_| ask()).find(|answer| answer.status != 503).expect("a server that is not always busy")
}

fn assert_recognised(server: &Server, key: &str, email: &str) {
    let info = settled(|| server.get("/api/v1/account/info", Some(("X-API-Key", key))));
    assert_eq!(info.status, 200, "a key of {email} was acknowledged and is lost");
}
