//! `keyward backup` and `keyward restore`, with real processes.

mod drill;
mod facts;
mod killed;
mod making;
mod postgres;
mod refusals;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::commands::free_address;
use crate::process::{Place, Server};

/// A server at a known address, and whoever stands beside it.
fn running() -> (Place, Server) {
    serving(Place::new())
}

fn serving(place: Place) -> (Place, Server) {
    let place = place.with("KEYWARD_LISTEN", &free_address());
    let server = place.serve();
    (place, server)
}

/// Another place, where nothing is but the same master key.
fn elsewhere(place: &Place) -> Place {
    let other = Place::new();
    fs::create_dir(other.data_dir()).unwrap();
    let key = other.data_dir().join("master.key");
    fs::copy(place.data_dir().join("master.key"), &key).unwrap();
    fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
    other
}

/// What a command that must succeed prints for a program.
fn done(place: &Place, arguments: &[&str]) -> Value {
    let output = place.run(&[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Makes a backup of this name beside the data directory, and tells its path.
fn back_up(place: &Place, name: &str) -> String {
    let file = place.directory.path().join(name).display().to_string();
    let written = done(place, &["backup", &file]);
    assert_eq!(written["file"], file.as_str());
    file
}

fn register(server: &Server, name: &str) -> String {
    let answer = server.post("/tradeready/api/v1/auth/register", &json!({"display_name": name}));
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json["api_key"].as_str().unwrap().to_owned()
}

/// What the server says to this key: 200 or 401, or it is broken.
fn is_good(server: &Server, key: &str) -> bool {
    match server.get("/forward-auth", Some(("X-API-Key", key))).status {
        200 => true,
        401 => false,
        status => panic!("{status} is no verdict"),
    }
}

fn stop(server: Server) {
    server.terminate();
    assert!(server.wait().success());
}

/// All is well with what is stored there, while no server runs.
fn assert_healthy(place: &Place) {
    let output = place.run(&["doctor"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
