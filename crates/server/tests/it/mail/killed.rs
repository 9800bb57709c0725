//! `kill -9` while people register and mails are being sent: every acknowledged registration's mail arrives at last,
//! and few arrive twice. `KEYWARD_CRASH_CYCLES` sets how often.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use keyward_testkit::postgres::PostgresDatabase;
use keyward_testkit::smtp::{Manners, Taken};
use serde_json::json;

use super::post::{Post, on_each_database};
use crate::process::{Place, Server};

const CLIENTS: usize = 4;
/// How many mails a server sends at the same time.
const AT_ONCE: usize = 8;

#[allow(clippy::disallowed_methods, reason = "the long run is asked for from outside")]
fn kills() -> usize {
    std::env::var("KEYWARD_CRASH_CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

#[test]
fn threat_d6_crash_loses_no_mail_of_an_acknowledged_registration() {
    on_each_database(|place, database| {
        // Each mail takes a while, so that some are always on their way.
        let post = Post::open(Manners { pause: Duration::from_millis(2), ..Manners::default() });
        let place = place.with("KEYWARD_SMTP_URL", &post.url());
        let mut acknowledged = Vec::new();
        for cycle in 0..kills() {
            acknowledged.extend(register_until_killed(&place, &post, cycle));
        }
        assert!(acknowledged.len() > kills(), "hardly anybody registered: the kills prove nothing");
        let sent_before = post.taken().len();

        end_leases(&place, database);
        let server = place.serve();
        let expected: BTreeSet<String> = acknowledged.iter().map(|address| format!("<{address}>")).collect();
        let deadline = Duration::from_secs(240 + 2 * kills() as u64);
        let taken = post.taken_within(deadline, |taken| {
            taken.len() >= expected.len() && expected.is_subset(&recipients(taken))
        });
        server.terminate();
        assert!(server.wait().success());

        let ids: BTreeSet<&str> = taken.iter().map(message_id).collect();
        let twice = taken.len() - ids.len();
        println!(
            "{} kills, {} acknowledged, {sent_before} mails before the last start, {} after it, {twice} twice",
            kills(),
            expected.len(),
            taken.len() - sent_before
        );
        assert!(
            twice <= AT_ONCE * kills(),
            "{twice} mails came twice: more than were on their way at a kill"
        );
    });
}

/// People register at full speed; the server is killed when the mail server has some more mails, how many differs.
fn register_until_killed(place: &Place, post: &Post, cycle: usize) -> Vec<String> {
    let server = Arc::new(place.serve());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let server = Arc::clone(&server);
            thread::spawn(move || register(&server, &format!("{cycle}-{client}")))
        })
        .collect();
    let enough = post.taken().len() + 1 + (cycle * 7) % 23;
    post.taken_when(|taken| taken.len() >= enough);
    server.kill_now();
    clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
}

/// Registers until an answer does not come; gives what was acknowledged.
fn register(server: &Server, name: &str) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let email = format!("{name}-{number}@example.com");
        let body = json!({"display_name": name, "email": email});
        match server.try_post("/api/v1/auth/register", &body) {
            Some(answer) if answer.status == 201 => acknowledged.push(email),
            Some(answer) if answer.status == 503 => {}
            Some(answer) => panic!("{answer:?}"),
            None => break,
        }
    }
    acknowledged
}

/// As if the two minutes had passed for which a server has the mails that it took up.
fn end_leases(place: &Place, database: Option<&PostgresDatabase>) {
    let statement = "UPDATE outbox SET due_at = created_at";
    match database {
        Some(database) => database.tamper(statement),
        None => {
            let path = place.data_dir().join("keyward.db");
            let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            connection.batch_execute(statement).unwrap();
        }
    }
}

fn recipients(taken: &[Taken]) -> BTreeSet<String> {
    taken.iter().flat_map(|mail| mail.to.iter().cloned()).collect()
}

fn message_id(mail: &Taken) -> &str {
    mail.data.lines().find_map(|line| line.strip_prefix("Message-ID: ")).expect("a Message-ID")
}
