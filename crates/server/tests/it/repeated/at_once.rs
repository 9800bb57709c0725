//! Each request is sent by 16 clients at the same moment: it has one effect, and all read the same answer.
//!
//! `KEYWARD_RACED_REQUESTS` sets how many requests of each kind.

use std::sync::Barrier;
use std::thread;

use keyward_testkit::postgres::PostgresDatabase;
use serde_json::json;

use super::asking::{Answered, Request, count, end, listed, logged_in, opens, place, signed_up, strong};
use crate::process::{Place, Server};

const CLIENTS: usize = 16;

#[allow(clippy::disallowed_methods, reason = "the full number is asked for from outside")]
fn raced() -> usize {
    std::env::var("KEYWARD_RACED_REQUESTS").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}

#[test]
fn threat_k6_of_16_equal_requests_at_once_one_is_done_and_all_are_answered_alike_on_sqlite() {
    race(&place(None));
}

#[test]
fn threat_k6_of_16_equal_requests_at_once_one_is_done_and_all_are_answered_alike_on_postgres() {
    let database = PostgresDatabase::create();
    race(&place(Some(&database)));
}

/// Sends each request from all clients at once. What all of them were answered, which is the same.
fn all_at_once(server: &Server, requests: &[Request]) -> Vec<Answered> {
    let line = Barrier::new(CLIENTS);
    let client = || {
        let send = |request: &Request| {
            line.wait();
            request.send(server).expect("an answer")
        };
        requests.iter().map(send).collect::<Vec<_>>()
    };
    let answers: Vec<Vec<Answered>> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
        clients.into_iter().map(|client| client.join().expect("a client")).collect()
    });
    for (number, request) in requests.iter().enumerate() {
        for other in &answers[1..] {
            assert_eq!(other[number], answers[0][number], "{} {number}", request.path);
        }
    }
    answers.into_iter().next().expect("an answer of each client")
}

fn race(place: &Place) {
    let server = place.serve();
    let names: Vec<String> = (0..raced()).map(|number| format!("Number {number}")).collect();
    let each = |request: &dyn Fn(usize, &str) -> Request| -> Vec<Request> {
        names.iter().enumerate().map(|(number, name)| request(number, name)).collect()
    };

    let registrations = each(&|number, name| {
        let body = json!({"display_name": name});
        Request::new("/api/v1/auth/register", strong("registration", number), body)
    });
    let registered = all_at_once(&server, &registrations);
    let token = logged_in(&server, &registered[0]);
    // Whoever shows a credential may call a request by a number.
    let agents = each(&|number, name| {
        Request::new("/api/v1/agents", number.to_string(), json!({"display_name": name})).bearing(&token)
    });
    let agents = all_at_once(&server, &agents);
    let owner = signed_up(&server);
    let keys = each(&|number, name| {
        Request::new("/trucore/customer/keys", number.to_string(), json!({"label": name})).bearing(&owner)
    });
    let keys = all_at_once(&server, &keys);
    let rotations = each(&|number, _| {
        let path = format!("/trucore/customer/keys/{}/rotate", keys[number].text("key_id"));
        Request::new(&path, number.to_string(), json!({})).bearing(&owner)
    });
    let rotated = all_at_once(&server, &rotations);

    let accounts = listed(place, &server, "accounts");
    let own_keys = server.get("/trucore/customer/keys", Some(("Authorization", &format!("Bearer {owner}"))));
    let own_keys = own_keys.json["keys"].as_array().expect("a list").clone();
    let all_agents = listed(place, &server, "keys");
    let of_agents = all_agents.iter().filter(|key| !key["agent_id"].is_null()).count();
    assert_eq!(of_agents, 2 * raced(), "one for each first agent, and one for each other");
    assert_eq!(own_keys.len(), 1 + 2 * raced(), "the first, each other, and its successor");
    for (number, name) in names.iter().enumerate() {
        assert_eq!(count(&accounts, "display_name", name), 1);
        assert_eq!(count(&own_keys, "label", name), 2);
        assert!(opens(&server, &registered[number].text("api_key")));
        assert!(opens(&server, &agents[number].text("api_key")));
        assert!(!opens(&server, &keys[number].text("secret")));
        assert!(opens(&server, &rotated[number].text("secret")));
    }
    end(place, server);
}
