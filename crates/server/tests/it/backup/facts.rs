//! Clients that do everything that can be done to keys, and remember what was acknowledged, and when.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;

use serde_json::{Value, json};

use super::register;
use crate::process::Server;

/// Counts instead of telling the time: of two numbers the lower was drawn first, whoever drew them.
#[derive(Default)]
pub(super) struct Order(AtomicU64);

impl Order {
    pub(super) fn now(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst)
    }
}

/// A key, and when it is known to have been good.
pub(super) struct Fact {
    pub(super) key: String,
    /// When it was there for sure: its answer had come.
    pub(super) good_from: u64,
    /// When its end was asked for, and when that was answered.
    pub(super) ended: Option<(u64, u64)>,
}

/// What a backup must know of a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Good,
    Refused,
    /// It was made or ended while the backup was made.
    Either,
}

impl Fact {
    /// In a backup that was begun and written at these moments.
    pub(super) fn expected(&self, begun: u64, written: u64) -> Expected {
        let not_ended = self.ended.is_none_or(|(asked, _)| asked > written);
        match self.ended {
            Some((_, answered)) if answered < begun => Expected::Refused,
            Some(_) | None if self.good_from < begun && not_ended => Expected::Good,
            Some(_) | None => Expected::Either,
        }
    }
}

/// One client, who goes on until told to stop, and tells of each round.
pub(super) struct Client {
    pub(super) server: Arc<Server>,
    pub(super) order: Arc<Order>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) rounds: Sender<()>,
}

/// Somebody who has signed up: what they log in with, and their first key.
pub(super) struct Customer {
    bearer: String,
    first: Fact,
}

impl Client {
    pub(super) fn sign_up(&self, name: &str) -> Customer {
        let customer = json!({"email": format!("{name}@example.com"), "password": "a-password-of-this-test"});
        let signed_up = self.post("/trucore/auth/signup", None, &customer, 201);
        let bearer = format!("Bearer {}", signed_up["token"].as_str().unwrap());
        Customer { bearer, first: self.fact(&signed_up["api_key"]) }
    }

    pub(super) fn run(self, name: &str, Customer { bearer, first }: Customer) -> Vec<Fact> {
        let mut facts = vec![first];
        while !self.stop.load(Ordering::Relaxed) {
            let registered = register(&self.server, name);
            facts.push(self.fact(&registered.into()));
            self.make_rotate_and_revoke(&bearer, &mut facts);
            let _ = self.rounds.send(()); // Nobody counts any more when it is over.
        }
        facts
    }

    fn make_rotate_and_revoke(&self, bearer: &str, facts: &mut Vec<Fact>) {
        let made = self.post("/trucore/customer/keys", Some(bearer), &json!({}), 201);
        facts.push(self.fact(&made["secret"]));
        let rotated = self.end(bearer, &made, "rotate", facts);
        facts.push(self.fact(&rotated["secret"]));
        self.end(bearer, &rotated, "revoke", facts);
    }

    /// Ends the key that was noted last.
    fn end(&self, bearer: &str, key: &Value, deed: &str, facts: &mut [Fact]) -> Value {
        let asked = self.order.now();
        let path = format!("/trucore/customer/keys/{}/{deed}", key["key_id"].as_str().unwrap());
        let answer = self.post(&path, Some(bearer), &json!({}), 200);
        facts.last_mut().expect("a key").ended = Some((asked, self.order.now()));
        answer
    }

    fn fact(&self, key: &Value) -> Fact {
        let key = key.as_str().expect("a key").to_owned();
        Fact { key, good_from: self.order.now(), ended: None }
    }

    /// A backup is no reason to refuse anything: what is not answered as it should be fails the test.
    fn post(&self, path: &str, bearer: Option<&str>, body: &Value, status: u16) -> Value {
        let headers: Vec<_> = bearer.into_iter().map(|bearer| ("Authorization", bearer)).collect();
        let (answered, text) = self.server.ask(path, &headers, body).expect("an answer");
        assert_eq!(answered, status, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }
}
