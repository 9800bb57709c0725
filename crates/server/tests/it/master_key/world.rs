//! A server with a master key, somebody who has credentials, and an admin.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use serde_json::{Value, json};

use crate::commands::free_address;
use crate::process::{Place, Server};

/// A key that only tests have, and its fingerprint: see the vectors of `keyward-crypto`.
pub(super) const KNOWN_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub(super) const KNOWN_FINGERPRINT: &str = "4228d814aa38ab60ce7a6853f4bb978a3fdc8af6aab2e40485e8ad8c244cd63c";

/// A place whose server is always at the same address.
pub(super) fn place() -> Place {
    Place::new().with("KEYWARD_LISTEN", &free_address())
}

pub(super) fn own_key(place: &Place) -> PathBuf {
    place.data_dir().join("master.key")
}

pub(super) fn next_key(place: &Place) -> PathBuf {
    place.data_dir().join("master.key.next")
}

pub(super) fn key_in(path: &Path) -> String {
    fs::read_to_string(path).unwrap().trim().to_owned()
}

pub(super) fn write_key(path: &Path, key: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("{key}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// What `keyward master-key …` prints for a program.
pub(super) fn master_key(place: &Place, deed: &str) -> Value {
    let output = place.run(&["master-key", deed, "--json"]);
    assert!(output.status.success(), "{deed}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The state of each key, and whether the server runs by it.
pub(super) fn keys(answer: &Value) -> Vec<(&str, bool)> {
    let keys = answer["data"].as_array().unwrap().iter();
    keys.map(|key| (key["state"].as_str().unwrap(), key["running"].as_bool().unwrap())).collect()
}

/// Writes past a server that is not running.
pub(super) fn execute(place: &Place, statements: &str) {
    let path = place.data_dir().join("keyward.db");
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute(statements).unwrap();
}

/// Somebody with a key and a token, and the answer to a request that may be repeated.
pub(super) struct Client {
    api_key: String,
    bearer: String,
    registered: String,
}

impl Client {
    const REPEATABLE: (&str, &str) = ("Idempotency-Key", "a-key-of-more-than-22-characters");

    pub(super) fn register(server: &Server) -> Self {
        let registered = Self::send(server);
        let shown: Value = serde_json::from_str(&registered).unwrap();
        let login = json!({"api_key": shown["api_key"], "api_secret": shown["api_secret"]});
        let token = server.post("/api/v1/auth/login", &login).json["token"].as_str().unwrap().to_owned();
        let api_key = shown["api_key"].as_str().unwrap().to_owned();
        Self { api_key, bearer: format!("Bearer {token}"), registered }
    }

    fn send(server: &Server) -> String {
        let body = json!({"display_name": "Alpha", "email": "alpha@example.com"});
        let (status, text) = server.ask("/api/v1/auth/register", &[Self::REPEATABLE], &body).unwrap();
        assert_eq!(status, 201, "{text}");
        text
    }

    /// Everything that was made under the root secret is good still.
    pub(super) fn is_known_to(&self, server: &Server) {
        for header in [("X-API-Key", self.api_key.as_str()), ("Authorization", self.bearer.as_str())] {
            assert_eq!(server.get("/api/v1/account/info", Some(header)).status, 200, "{}", header.0);
        }
        assert_eq!(Self::send(server), self.registered, "a repeated request is answered as before");
    }
}
