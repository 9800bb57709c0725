//! One server of several, and how it is asked about a credential.

use std::fs;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

use super::history::{Asked, Verdict, now};
use crate::process::{Place, Server};

/// All servers over one database have the same keys: 32 bytes in base64, and a text.
const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const ADMIN_KEY: &str = "an-admin-key-of-these-tests-with-32-characters";
/// The issuer of all tokens; the servers listen elsewhere.
const PUBLIC_URL: &str = "http://127.0.0.1:8080";

/// A question that a credential can be good for.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) credential: usize,
    pub(super) path: &'static str,
    pub(super) header: (&'static str, String),
}

/// A running server.
pub(super) struct Node {
    pub(super) number: usize,
    server: Server,
    agent: Agent,
    place: Place,
}

impl Node {
    /// Over this database, on this machine.
    pub(super) fn start(number: usize, database: &str) -> Self {
        Self::start_at(number, database, "127.0.0.1", &[])
    }

    /// The same with limits, and this in its configuration file.
    pub(super) fn start_limited(number: usize, database: &str, file: &str) -> Self {
        let place = Self::place(database, "127.0.0.1").with("KEYWARD_RATE_LIMITS", "on");
        fs::write(place.directory.path().join("keyward.toml"), file).expect("a configuration file");
        Self::serve(number, place)
    }

    /// At this address, by a command with these words before it.
    pub(super) fn start_at(number: usize, database: &str, host: &str, words: &[String]) -> Self {
        Self::serve(number, Self::place(database, host).behind(words))
    }

    fn place(database: &str, host: &str) -> Place {
        Place::new()
            .with("KEYWARD_DATABASE_URL", database)
            .with("KEYWARD_MASTER_KEY", MASTER_KEY)
            .with("KEYWARD_ADMIN_KEY", ADMIN_KEY)
            .with("KEYWARD_PUBLIC_URL", PUBLIC_URL)
            .with("KEYWARD_LISTEN", &format!("{host}:0"))
    }

    fn serve(number: usize, place: Place) -> Self {
        let server = place.serve().at_its_own_address();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(10)))
            // Shorter than the server keeps an idle connection, so that none is used that is just being closed.
            .max_idle_age(Duration::from_secs(5));
        Self { number, server, agent: Agent::new_with_config(config.build()), place }
    }

    /// Asks, and says when and with what outcome.
    pub(super) fn ask(&self, question: &Question) -> Asked {
        let (name, value) = &question.header;
        let began = now();
        let answer = self.agent.get(self.at(question.path)).header(*name, value).call();
        let verdict = answer.map_or(Verdict::Wrong(None), verdict);
        Asked { node: self.number, credential: question.credential, began, ended: now(), verdict }
    }

    /// Posts JSON, in nobody's name.
    pub(super) fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.server.post(path, body);
        assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
        answer.json
    }

    /// Posts JSON, in nobody's name, and says with which status it was answered.
    pub(super) fn post_status(&self, path: &str, body: &Value) -> u16 {
        self.server.post(path, body).status
    }

    /// Calls a route that needs no body, with a bearer credential; `None` for the admin's. The answer is complete when
    /// this returns.
    pub(super) fn call(&self, method: &str, path: &str, bearer: Option<&str>) -> u16 {
        let bearer = format!("Bearer {}", bearer.unwrap_or(ADMIN_KEY));
        let url = self.at(path);
        let answer = match method {
            "DELETE" => self.agent.delete(url).header("Authorization", bearer).call(),
            _ => self.agent.post(url).header("Authorization", bearer).send_empty(),
        };
        let mut answer = answer.expect("an answer");
        let _ = answer.body_mut().read_to_vec();
        answer.status().as_u16()
    }

    /// The id of this key, as `/forward-auth` tells it.
    pub(super) fn key_id(&self, key: &str) -> String {
        let answer = self.agent.get(self.at("/forward-auth")).header("X-API-Key", key).call();
        let id = answer.expect("an answer").headers().get("X-Keyward-Key-Id").cloned();
        id.expect("the key's id").to_str().expect("text").to_owned()
    }

    /// What it has logged.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.place.directory.path().join("log")).unwrap_or_default()
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.server.url)
    }
}

fn verdict(mut answer: Response<ureq::Body>) -> Verdict {
    let has_retry_after = answer.headers().contains_key("Retry-After");
    if answer.body_mut().read_to_vec().is_err() {
        return Verdict::Wrong(None);
    }
    match answer.status().as_u16() {
        200 => Verdict::Good,
        401 | 403 => Verdict::Refused,
        503 if has_retry_after => Verdict::Outage,
        other => Verdict::Wrong(Some(other)),
    }
}
