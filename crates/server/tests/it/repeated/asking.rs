//! A client that repeats its request until it is answered, and what the server holds in the end.

use keyward_testkit::postgres::PostgresDatabase;
use serde_json::{Value, json};

use crate::process::{Place, Server};

/// The signup, the keys, the agents: enough of each that no plan is in the way.
const SETTINGS: &str = "[keys]\nmost_free = 1000000\n";
const PASSWORD: &str = "a-password-of-this-test";

/// A request that may be repeated.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) path: String,
    pub(super) bearer: Option<String>,
    /// What its client calls it by.
    pub(super) key: String,
    pub(super) body: Value,
}

/// What a request was answered, to the letter; its status before it, if it was refused.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answered(pub(super) String);

impl Answered {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.0).unwrap_or_else(|_| panic!("refused: {}", self.0))
    }

    /// A member's text.
    pub(super) fn text(&self, member: &str) -> String {
        let json = self.json();
        json[member].as_str().unwrap_or_else(|| panic!("{member}: {json}")).to_owned()
    }
}

impl Request {
    /// A request without a credential.
    pub(super) fn new(path: &str, key: String, body: Value) -> Self {
        Self { path: path.to_owned(), bearer: None, key, body }
    }

    pub(super) fn bearing(self, token: &str) -> Self {
        Self { bearer: Some(token.to_owned()), ..self }
    }

    /// Sends it until it is answered; `None` if there is no server any more.
    pub(super) fn send(&self, server: &Server) -> Option<Answered> {
        let authorization = self.bearer.as_ref().map(|token| format!("Bearer {token}"));
        let mut headers = vec![("Idempotency-Key", self.key.as_str())];
        headers.extend(authorization.as_deref().map(|value| ("Authorization", value)));
        loop {
            match server.ask(&self.path, &headers, &self.body)? {
                (200 | 201, text) => return Some(Answered(text)),
                (503, _) => {} // Nothing was done: a client asks again.
                (status, text) => return Some(Answered(format!("{status}: {text}"))),
            }
        }
    }
}

/// A place whose accounts may have any number of keys.
pub(super) fn place(database: Option<&PostgresDatabase>) -> Place {
    let place = Place::new();
    std::fs::write(place.directory.path().join("keyward.toml"), SETTINGS).expect("a file");
    match database {
        Some(database) => place.with("KEYWARD_DATABASE_URL", &database.url()),
        None => place,
    }
}

/// A key that nobody guesses, and each number's own.
pub(super) fn strong(what: &str, number: usize) -> String {
    format!("{what}-of-number-{number:08}-that-nobody-guesses")
}

/// Somebody who signs up at TruCore, and the token that they are given.
pub(super) fn signed_up(server: &Server) -> String {
    let body = json!({"email": "owner@example.com", "password": PASSWORD});
    Request::new("/trucore/auth/signup", strong("signup", 0), body)
        .send(server)
        .expect("an answer")
        .text("token")
}

/// The token that an account's key and secret are exchanged for.
pub(super) fn logged_in(server: &Server, registered: &Answered) -> String {
    let body = json!({"api_key": registered.text("api_key"), "api_secret": registered.text("api_secret")});
    let login = server.post("/api/v1/auth/login", &body);
    assert_eq!(login.status, 200, "{login:?}");
    login.json["token"].as_str().expect("a token").to_owned()
}

/// Whether a key opens anything.
pub(super) fn opens(server: &Server, key: &str) -> bool {
    server.get("/forward-auth", Some(("X-API-Key", key))).status == 200
}

/// All of a list of the admin API.
pub(super) fn listed(place: &Place, server: &Server, list: &str) -> Vec<Value> {
    let key = std::fs::read_to_string(place.data_dir().join("admin.key")).expect("the admin's key");
    let bearer = format!("Bearer {}", key.trim());
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page =
            server.get(&format!("/admin/v1/{list}?limit=200{cursor}"), Some(("Authorization", &bearer)));
        assert_eq!(page.status, 200, "{page:?}");
        all.extend(page.json["data"].as_array().expect("a page").iter().cloned());
        match page.json["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// How many of these have this text in this member.
pub(super) fn count(listed: &[Value], member: &str, text: &str) -> usize {
    listed.iter().filter(|row| row[member] == text).count()
}

/// The server ends as asked, and nothing in its database is half done.
pub(super) fn end(place: &Place, server: Server) {
    server.terminate();
    assert!(server.wait().success());
    let report = place.run(&["doctor"]);
    assert!(report.status.success(), "{}", String::from_utf8_lossy(&report.stdout));
}
