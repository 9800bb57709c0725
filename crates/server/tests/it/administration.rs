//! The commands that ask a running server, each with a real process.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::commands::free_address;
use crate::process::{Place, Server};

/// A server at a known address, and whoever stands beside it.
fn running() -> (Place, Server) {
    let place = Place::new().with("KEYWARD_LISTEN", &free_address());
    let server = place.serve();
    (place, server)
}

fn register(server: &Server, name: &str) -> Value {
    let email = format!("{}@example.com", name.to_lowercase());
    let answer = server.post("/api/v1/auth/register", &json!({"display_name": name, "email": email}));
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json
}

/// An account that no mail is written to: what the server does by itself adds nothing to the trail.
fn register_without_address(server: &Server, name: &str) -> Value {
    let answer = server.post("/api/v1/auth/register", &json!({"display_name": name}));
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json
}

/// What a command that must succeed prints for a person.
fn text(place: &Place, arguments: &[&str]) -> String {
    let output = place.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same for a program: one line of JSON.
fn json_of(place: &Place, arguments: &[&str]) -> Value {
    let text = text(place, &[arguments, &["--json"]].concat());
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

fn write_key(path: &Path, key: &str, mode: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("{key}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

const JANES_KEY: &str = "the-key-of-jane-of-at-least-32-characters";

#[test]
fn accounts_are_listed_stopped_and_ended() {
    let (place, server) = running();
    let alpha = register(&server, "Alpha");
    register(&server, "Beta");
    let (id, key) = (alpha["account_id"].as_str().unwrap(), alpha["api_key"].as_str().unwrap());
    let is_good = || server.get("/forward-auth", Some(("X-API-Key", key))).status == 200;

    let list = text(&place, &["accounts", "list"]);
    assert!(list.starts_with("ACCOUNT") && list.contains("alpha@example.com"), "{list}");
    assert_eq!(list.lines().count(), 3, "{list}");
    let found = json_of(&place, &["accounts", "list", "--email", "ALPHA@example.com"]);
    assert_eq!((found["data"][0]["account_id"].as_str(), found["data"][1].is_null()), (Some(id), true));

    for (deed, status, good) in [("suspend", "suspended", false), ("resume", "active", true)] {
        assert!(text(&place, &["accounts", deed, id]).contains(status), "{deed}");
        assert_eq!(json_of(&place, &["accounts", deed, id])["status"], status);
        assert_eq!(is_good(), good, "{deed}");
    }
    assert!(text(&place, &["accounts", "plan", id, "pro"]).contains("pro"));
    assert_eq!(json_of(&place, &["accounts", "plan", id, "enterprise"])["plan"], "enterprise");
    assert!(text(&place, &["accounts", "archive", id]).contains("archived"));
    assert_eq!(json_of(&place, &["accounts", "archive", id])["status"], "archived");
    assert!(place.refused(&["accounts", "resume", id]).contains("409"));
    assert!(place.refused(&["accounts", "erase", id]).contains("--yes"));
    assert_eq!(text(&place, &["accounts", "erase", id, "--yes"]), "erased\n");
    assert!(place.refused(&["accounts", "erase", id, "--yes"]).contains("no such account"));
    assert!(place.refused(&["accounts", "plan", id, "gold"]).contains("422"));
}

#[test]
fn lists_come_in_pages_or_whole() {
    let (place, server) = running();
    for name in ["Alpha", "Beta", "Gamma"] {
        register_without_address(&server, name);
    }
    let first = text(&place, &["accounts", "list", "--limit", "2"]);
    let cursor = first.lines().last().unwrap().split_whitespace().nth(4).unwrap().trim_end_matches(',');
    assert_eq!(first.lines().count(), 4, "{first}");
    let second = text(&place, &["accounts", "list", "--limit", "2", "--cursor", cursor]);
    assert_eq!(second.lines().count(), 2, "{second}");
    assert_eq!(text(&place, &["accounts", "list", "--limit", "1", "--all"]).lines().count(), 4);
    let pages = text(&place, &["audit", "--limit", "1", "--follow-pages", "--json"]);
    assert_eq!(pages.lines().count(), 5, "three registrations and two signing keys: {pages}");
    for page in pages.lines() {
        assert_eq!(serde_json::from_str::<Value>(page).unwrap()["data"].as_array().unwrap().len(), 1);
    }
    assert!(place.refused(&["keys", "list", "--limit", "201"]).contains("422"));
}

#[test]
fn an_organization_is_made_and_its_key_shown_once() {
    let (place, server) = running();
    let shown = text(&place, &["organizations", "create", "Acme Capital"]);
    let (head, row) = shown.trim().split_once('\n').unwrap();
    assert_eq!(head.split_whitespace().collect::<Vec<_>>(), ["ACCOUNT", "KEY"]);
    let (id, key) = row.split_once("  ").unwrap();
    assert!(key.starts_with("org_live_"), "{shown}");
    let bearer = format!("Bearer {key}");
    assert_eq!(server.get("/forward-auth", Some(("Authorization", &bearer))).status, 200);
    assert!(text(&place, &["accounts", "list"]).contains("Acme Capital"));
    assert!(!text(&place, &["keys", "list", "--account", id]).contains(key));

    let json = json_of(&place, &["organizations", "create", "Acme Capital"]);
    assert!(json["api_key"].as_str().unwrap().starts_with("org_live_"), "{json}");
    assert_ne!(json["account_id"], id, "a name is not unique");
    assert!(place.refused(&["organizations", "create", " "]).contains("422"));
    let trail = json_of(&place, &["audit", "--account", id]);
    assert_eq!(trail["data"][0]["actor"], "admin:admin", "{trail}");
}

#[test]
fn keys_are_listed_without_secrets_and_revoked() {
    let (place, server) = running();
    let alpha = register(&server, "Alpha");
    let (id, key) = (alpha["account_id"].as_str().unwrap(), alpha["api_key"].as_str().unwrap());
    let list = json_of(&place, &["keys", "list", "--account", id]);
    let own = list["data"].as_array().unwrap().iter().find(|row| row["agent_id"].is_null()).unwrap();
    let key_id = own["key_id"].as_str().unwrap();
    assert_eq!(text(&place, &["keys", "revoke", key_id]), "revoked\n");
    assert_eq!(text(&place, &["keys", "revoke", key_id, "--json"]), "");
    assert_eq!(server.get("/forward-auth", Some(("X-API-Key", key))).status, 401);
    let list = text(&place, &["keys", "list"]);
    assert!(list.contains("revoked") && !list.contains(&key[20..]), "{list}");
    assert!(place.refused(&["keys", "revoke", "1"]).contains("no such key"));
}

#[test]
fn threat_p4_the_trail_names_the_admin_whose_key_was_used() {
    let place = Place::new().with("KEYWARD_LISTEN", &free_address());
    write_key(&place.data_dir().join("admin.keys/jane"), JANES_KEY, 0o600);
    let server = place.serve();
    let id = register_without_address(&server, "Alpha")["account_id"].as_str().unwrap().to_owned();
    text(&place, &["accounts", "suspend", &id]);
    let jane = place.with("KEYWARD_ADMIN_KEY_FILE", "data/admin.keys/jane");
    text(&jane, &["accounts", "resume", &id]);
    let trail = json_of(&jane, &["audit", "--account", &id]);
    let actors: Vec<_> = trail["data"].as_array().unwrap().iter().map(|row| row["actor"].clone()).collect();
    assert_eq!(actors, ["admin:jane", "admin:admin", "anonymous"]);
    assert!(text(&jane, &["audit"]).contains("account.resumed"));
}

#[test]
fn threat_k9_a_named_admin_key_that_cannot_be_trusted_is_refused_at_the_start() {
    let cases = [
        ("jane", JANES_KEY, 0o644, "0600"),
        ("jane", "short", 0o600, "32 characters"),
        ("Jane", JANES_KEY, 0o600, "no name of an admin key"),
        ("admin", JANES_KEY, 0o600, "admin.key"),
    ];
    for (name, key, mode, why) in cases {
        let place = Place::new();
        let path = place.data_dir().join("admin.keys").join(name);
        write_key(&path, key, mode);
        let said = place.refused(&["serve"]);
        assert!(said.contains(path.to_str().unwrap()) && said.contains(why), "{said}");
        assert!(!said.contains(key), "{said}");
        assert!(!place.data_dir().join("master.key").exists(), "nothing was made");
    }
    let place = Place::new();
    for name in ["jane", "john"] {
        write_key(&place.data_dir().join("admin.keys").join(name), JANES_KEY, 0o600);
    }
    assert!(place.refused(&["serve"]).contains("is the same key as that of jane"));
}

#[test]
fn threat_k1_a_command_that_fails_prints_one_line_and_no_secret() {
    let (place, server) = running();
    let wrong = Place::new().with("KEYWARD_URL", &server.url).with("KEYWARD_ADMIN_KEY", JANES_KEY);
    let said = wrong.refused(&["accounts", "list"]);
    assert!(said.contains("401") && !said.contains(JANES_KEY), "{said}");
    let nobody = Place::new().with("KEYWARD_URL", &format!("http://{}", free_address()));
    assert!(nobody.refused(&["audit"]).contains("no admin key"));
    let unheard = nobody.with("KEYWARD_ADMIN_KEY", JANES_KEY);
    let said = unheard.refused(&["audit"]);
    assert!(said.contains("http://127.0.0.1") && !said.contains(JANES_KEY), "{said}");
    let plain = place.with("KEYWARD_URL", "http://id.example.com");
    assert!(plain.refused(&["audit"]).contains("KEYWARD_URL: is plain http"));
}

#[test]
fn doctor_asks_the_running_server_about_its_database() {
    let (place, server) = running();
    register_without_address(&server, "Alpha");
    let report: Value = serde_json::from_slice(&place.run(&["doctor", "--json"]).stdout).unwrap();
    let checks = report.as_array().unwrap();
    let trail = checks.iter().find(|check| check["name"] == "audit trail").expect("the server's own check");
    assert!(trail["detail"].as_str().unwrap().contains("3 events, each as it was written"), "{trail}");
}

#[test]
fn threat_k1_the_admin_key_is_not_shown_to_a_proxy_of_the_environment() {
    let (place, server) = running();
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let variables = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let place = variables.iter().fold(place, |place, name| place.with(name, &url));
    text(&place, &["accounts", "list"]);
    text(&place, &["doctor"]);
    fs::remove_file(place.data_dir().join("admin.key")).unwrap();
    assert!(text(&place, &["doctor"]).contains(&format!("in use by the server at {}", server.url)));
    assert_eq!(proxy.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "nobody asked the proxy");
}

#[test]
fn doctor_asks_the_server_at_the_address_that_every_command_asks() {
    let (place, server) = running();
    let place = place.with("KEYWARD_LISTEN", &free_address()).with("KEYWARD_URL", &server.url);
    assert!(text(&place, &["doctor"]).contains(&format!("says the server at {}", server.url)));
    let place = place.with("KEYWARD_URL", "http://id.example.com");
    let output = place.run(&["doctor"]);
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("KEYWARD_URL: is plain http") && !output.status.success(), "{report}");
}

#[test]
fn doctor_says_that_the_server_refuses_the_admin_key() {
    let (place, _server) = running();
    let output = place.with("KEYWARD_ADMIN_KEY", JANES_KEY).run(&["doctor"]);
    let report = String::from_utf8(output.stdout).unwrap();
    let failed: Vec<_> = report.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert!(failed.len() == 1 && failed[0].contains("refuses the admin key"), "{report}");
    assert!(!output.status.success() && !report.contains(JANES_KEY), "{report}");
}

#[test]
fn threat_a7_the_name_of_a_file_cannot_steer_the_terminal() {
    let place = Place::new();
    write_key(&place.data_dir().join("admin.keys/ja\u{1b}[31m\u{9b}2Jne"), JANES_KEY, 0o600);
    let hostile = |text: &str| text.trim_end().contains(|c: char| c.is_control() && c != '\n');
    assert!(!hostile(&place.refused(&["serve"])));
    for arguments in [&["doctor"][..], &["doctor", "--json"]] {
        let output = place.run(arguments);
        let report = String::from_utf8(output.stdout).unwrap();
        assert!(report.contains("ja") && !hostile(&report), "{report:?}");
    }
}
