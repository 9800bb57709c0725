//! `kill -9` while keys are made and rotated: whoever was not answered asks again behind the next start, and has one
//! key that is good. `KEYWARD_CRASH_CYCLES` sets how often.

use std::thread;
use std::time::Duration;

use keyward_testkit::postgres::PostgresDatabase;
use serde_json::json;

use super::asking::{Answered, Request, count, end, listed, opens, place, signed_up, strong};
use crate::commands::free_address;
use crate::process::{Place, Server};

const CLIENTS: usize = 8;

#[allow(clippy::disallowed_methods, reason = "the long run is asked for from outside")]
fn kills() -> usize {
    std::env::var("KEYWARD_CRASH_CYCLES").ok().and_then(|text| text.parse().ok()).unwrap_or(10)
}

#[test]
fn threat_k6_crash_strands_nobody_who_asks_again_on_sqlite() {
    crash(place(None));
}

#[test]
fn threat_k6_crash_strands_nobody_who_asks_again_on_postgres() {
    let database = PostgresDatabase::create();
    crash(place(Some(&database)));
}

/// What a client did before the kill: the requests in their order, each with what it was answered. The last one was
/// not.
type Log = Vec<(Request, Option<Answered>)>;

/// Registers somebody, makes a key, rotates it, and so on, until nobody answers.
fn work(server: &Server, owner: &str, name: &str) -> Log {
    let mut log = Log::new();
    for number in 0.. {
        let call = |what: &str| strong(&format!("{what}-{name}"), number);
        let name = format!("{name} {number}");
        let body = json!({"display_name": name});
        log.push((Request::new("/api/v1/auth/register", call("registration"), body), None));
        let body = json!({"label": name});
        let created = Request::new("/trucore/customer/keys", call("key"), body).bearing(owner);
        let Some(()) = answer(server, &mut log) else { break };
        log.push((created, None));
        let Some(()) = answer(server, &mut log) else { break };
        let id = log.last().and_then(|(_, answered)| answered.as_ref()).expect("an answer").text("key_id");
        let path = format!("/trucore/customer/keys/{id}/rotate");
        log.push((Request::new(&path, call("rotation"), json!({})).bearing(owner), None));
        let Some(()) = answer(server, &mut log) else { break };
    }
    log
}

/// Sends the last request of the log. `None` if nobody answers.
fn answer(server: &Server, log: &mut Log) -> Option<()> {
    let (request, answered) = log.last_mut().expect("a request");
    *answered = Some(request.send(server)?);
    Some(())
}

fn crash(place: Place) {
    // Always at one address, so that tokens stay good: their issuer is the server's.
    let place = &place.with("KEYWARD_LISTEN", &free_address());
    let (mut unanswered, mut answered) = (0, 0);
    let mut labels = Vec::new();
    let mut server = place.serve();
    let owner = signed_up(&server);
    for cycle in 0..kills() {
        let logs = until_killed(&server, &owner, cycle);
        drop(server);
        server = place.serve();
        for log in logs {
            let lost = log.iter().filter(|(_, answered)| answered.is_none()).count();
            unanswered += lost;
            answered += log.len() - lost;
            labels.extend(check(&server, &log));
        }
    }
    let accounts = listed(place, &server, "accounts");
    let keys = server.get("/trucore/customer/keys", Some(("Authorization", &format!("Bearer {owner}"))));
    let keys = keys.json["keys"].as_array().expect("a list").clone();
    for (member, name, expected) in &labels {
        let listed = if *member == "label" { &keys } else { &accounts };
        assert_eq!(count(listed, member, name), *expected, "{member} {name}");
    }
    end(place, server);
    println!("{} kills, {answered} answered, {unanswered} asked again, nobody stranded", kills());
    assert!(answered > kills() && unanswered > 0, "hardly anything was done: the kills prove nothing");
}

/// Lets clients work at full speed, and kills the server at an instant that differs from cycle to cycle.
fn until_killed(server: &Server, owner: &str, cycle: usize) -> Vec<Log> {
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| scope.spawn(move || work(server, owner, &format!("{cycle}-{client}"))))
            .collect();
        // sleep: the instant of the kill, spread over 50 to 430 ms.
        thread::sleep(Duration::from_millis(50 + (cycle as u64 * 137) % 380));
        server.kill_now();
        clients.into_iter().map(|client| client.join().expect("a client")).collect()
    })
}

/// Asks all of it again: what was answered is answered alike, what was not is answered now, and the last key of each
/// name is good, and no other of it. What must be there in the end: a member, its text, and how often.
fn check(server: &Server, log: &Log) -> Vec<(&'static str, String, usize)> {
    let mut expected: Vec<(&'static str, String, usize)> = Vec::new();
    let mut keys: Vec<String> = Vec::new();
    for (request, before) in log {
        let now = request.send(server).expect("an answer");
        assert!(before.as_ref().is_none_or(|before| *before == now), "{}: {now:?}", request.path);
        if let Some(name) = request.body["display_name"].as_str() {
            expected.push(("display_name", name.to_owned(), 1));
            assert!(opens(server, &now.text("api_key")), "{name}");
        } else if let Some(label) = request.body["label"].as_str() {
            expected.push(("label", label.to_owned(), 1));
            keys.push(now.text("secret"));
        } else {
            // It is the key that was made just before which is rotated.
            let (_, _, number) = expected.last_mut().expect("a key");
            *number += 1;
            assert!(!opens(server, keys.last().expect("a key")), "the old key is dead");
            *keys.last_mut().expect("a key") = now.text("secret");
        }
    }
    for key in &keys {
        assert!(opens(server, key), "the last key of each name is good");
    }
    expected
}
