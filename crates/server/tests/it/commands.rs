//! The commands besides `serve`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use keyward_testkit::postgres::PostgresDatabase;
use keyward_testkit::smtp::{Manners, SmtpServer};
use serde_json::Value;

use crate::process::Place;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A place on SQLite and one on PostgreSQL.
fn both() -> [(Place, Option<PostgresDatabase>); 2] {
    let database = PostgresDatabase::create();
    let on_postgres = Place::new().with("KEYWARD_DATABASE_URL", &database.url());
    [(Place::new(), None), (on_postgres, Some(database))]
}

#[test]
fn migrate_check_tells_pending_from_done_and_creates_nothing() {
    for (place, _database) in both() {
        let pending = place.run(&["migrate", "--check"]);
        assert_eq!(pending.status.code(), Some(1), "{pending:?}");
        assert_eq!(place.files(), Vec::<String>::new());
        assert!(place.run(&["migrate"]).status.success());
        let done = place.run(&["migrate", "--check", "--json"]);
        assert!(done.status.success());
        let report: Value = serde_json::from_slice(&done.stdout).unwrap();
        assert_eq!(report["pending"], serde_json::json!([]));
        assert!(
            place.serve().banner.contains("master key  made now"),
            "a migrated database is not yet founded"
        );
    }
}

#[test]
fn doctor_before_during_and_after_a_server() {
    for (place, _database) in both() {
        let place = place.with("KEYWARD_LISTEN", &free_address());
        let before = place.run(&["doctor"]);
        assert_eq!(place.files(), Vec::<String>::new(), "doctor creates nothing");
        assert!(text(&before.stdout).contains("not there yet"), "{}", text(&before.stdout));
        let server = place.serve();
        let during = place.run(&["doctor"]);
        assert!(during.status.success(), "{}", text(&during.stdout));
        server.terminate();
        assert!(server.wait().success());
        let after = place.run(&["doctor", "--json"]);
        assert!(after.status.success(), "{}", text(&after.stdout));
        let checks: Vec<Value> = serde_json::from_slice(&after.stdout).unwrap();
        let names: Vec<&str> = checks.iter().filter_map(|check| check["name"].as_str()).collect();
        assert_eq!(
            names,
            ["configuration", "admin key", "database", "master key", "audit trail", "mail", "github"]
        );
        assert!(checks.iter().all(|check| check["ok"] == true));
    }
}

#[test]
fn doctor_asks_a_server_behind_a_proxy_by_its_address() {
    let place = Place::new().with("KEYWARD_LISTEN", &free_address());
    let place = place.with("KEYWARD_PUBLIC_URL", "https://keys.example.com");
    let _server = place.serve();
    let report = place.run(&["doctor"]);
    assert!(report.status.success(), "{}", text(&report.stdout));
}

#[test]
fn doctor_exits_1_when_something_is_wrong() {
    let place = Place::new();
    place.serve().kill();
    let key = place.data_dir().join("master.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let report = place.run(&["doctor"]);
    assert_eq!(report.status.code(), Some(1));
    assert!(text(&report.stdout).contains("FAIL master key"), "{}", text(&report.stdout));

    let bad = Place::new().with("KEYWARD_LISTEN", "nowhere");
    let report = bad.run(&["doctor"]);
    assert_eq!(report.status.code(), Some(1));
    assert!(text(&report.stdout).contains("FAIL configuration  KEYWARD_LISTEN"), "{}", text(&report.stdout));

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = taken.local_addr().unwrap();
    drop(taken);
    let no_mail = Place::new().with("KEYWARD_SMTP_URL", &format!("smtp://{closed}"));
    let report = no_mail.run(&["doctor"]);
    assert_eq!(report.status.code(), Some(1));
    assert!(text(&report.stdout).contains("FAIL mail"), "{}", text(&report.stdout));
}

#[test]
fn doctor_logs_in_to_the_mail_server_and_prints_no_password() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let manners = Manners { implicit_tls: true, login: Some(("keyward", "hunter2")), ..Manners::default() };
    let server = runtime.block_on(SmtpServer::start(manners));
    let url = |password: &str| format!("smtps://keyward:{password}@{}", server.address());
    let examine = |url: &str, toml: &str| {
        let place = Place::new().with("KEYWARD_SMTP_URL", url);
        fs::write(place.directory.path().join("ca.pem"), server.authority()).unwrap();
        fs::write(place.directory.path().join("keyward.toml"), toml).unwrap();
        let report = place.run(&["doctor"]);
        let said = text(&report.stdout);
        assert!(!said.contains("hunter"), "{said}");
        (report.status.code(), said)
    };
    let ours = "[mail]\nca_file = 'ca.pem'\n";
    let (code, said) = examine(&url("hunter2"), ours);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&format!("ok   mail           {}, TLS", server.address())), "{said}");
    let (code, said) = examine(&url("hunter3"), ours);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("AUTH: the server answers 535"), "{said}");
    let (code, said) = examine(&url("hunter2"), "");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("certificate"), "{said}");
    let (code, said) = examine(&url("hunter2"), "[mail]\nca_file = 'keyward.toml'\n");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("mail.ca_file: keyward.toml: holds no certificate"), "{said}");
    assert!(server.taken().is_empty());
}

#[test]
fn threat_p3_doctor_finds_an_altered_event() {
    let database = PostgresDatabase::create();
    let place = Place::new().with("KEYWARD_DATABASE_URL", &database.url());
    place.serve().kill();
    database.tamper("UPDATE audit_events SET actor = 'admin:somebody-else'");
    let report = place.run(&["doctor"]);
    assert_eq!(report.status.code(), Some(1));
    assert!(text(&report.stdout).contains("FAIL audit trail"), "{}", text(&report.stdout));
}

#[test]
fn completions_are_written_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = Place::new().run(&["completions", shell]);
        assert!(output.status.success() && text(&output.stdout).contains("doctor"), "{shell}");
    }
}

pub(crate) fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
