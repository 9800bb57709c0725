//! `keyward import`, with a real process on either database.

use std::fs;
use std::io::Write;
use std::process::{Output, Stdio};

use keyward_testkit::postgres::PostgresDatabase;
use serde_json::{Value, json};

use crate::commands::free_address;
use crate::process::{Place, Server};

/// Of "correctbatteryhorsestapler", by another program.
const HASH: &str = "$2b$04$EGdrhbKUv8Oc9vGiXX0HQOxSg445d458Muh7DAHskb6QbtCvdxcie";

/// SHA-256 of "another-system-00000007".
const SHA256: &str = "fdca6f2e3ed89a3e803f2c69dd76330e46b993132fe8bb94d1d022806de59fbc";

/// A server on each database, and whoever stands beside it.
fn both() -> [(Place, Server, Option<PostgresDatabase>); 2] {
    let database = PostgresDatabase::create();
    let start = |place: Place| {
        let place = place.with("KEYWARD_LISTEN", &free_address());
        let server = place.serve();
        (place, server)
    };
    let (on_sqlite, sqlite) = start(Place::new());
    let (on_postgres, postgres) = start(Place::new().with("KEYWARD_DATABASE_URL", &database.url()));
    [(on_sqlite, sqlite, None), (on_postgres, postgres, Some(database))]
}

fn write(place: &Place, lines: &str) -> String {
    let path = place.directory.path().join("lines.jsonl");
    fs::write(&path, lines).unwrap();
    path.display().to_string()
}

/// The report, and whether the command succeeded.
fn report(output: &Output) -> (Value, bool) {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{output:?}");
    (serde_json::from_str(&text).unwrap(), output.status.success())
}

fn user(number: usize) -> String {
    json!({"email": format!("user-{number}@example.com"), "password_hash": HASH}).to_string()
}

#[test]
fn users_are_imported_and_a_second_time_passed_over() {
    for (place, server, _database) in both() {
        let lines: Vec<String> = (0..1_200).map(user).collect();
        let file = write(&place, &lines.join("\n"));
        let import =
            |more: &[&str]| report(&place.run(&[&["import", "users", &file, "--json"], more].concat()));
        let counted = |dry_run: bool, imported: usize, present: usize| json!({"dry_run": dry_run, "imported": imported, "present": present, "refused": []});
        assert_eq!(import(&["--dry-run"]), (counted(true, 1_200, 0), true));
        assert_eq!(import(&[]), (counted(false, 1_200, 0), true));
        assert_eq!(import(&[]), (counted(false, 0, 1_200), true));
        let login = json!({"email": "USER-7@example.com", "password": "correctbatteryhorsestapler"});
        assert_eq!(server.post("/tradeready/api/v1/auth/user-login", &login).status, 200);
        let doctor = place.run(&["doctor"]);
        assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
    }
}

#[test]
fn threat_k1_lines_that_are_refused_are_told_by_number_without_what_they_hold() {
    let (place, _server, _) = {
        let [sqlite, _] = both();
        sqlite
    };
    let secret = "hunter2-is-no-hash";
    let too_long = format!("{{\"email\":\"long@example.com\",\"more\":\"{}\"}}", "x".repeat(70_000));
    let lines = [
        user(1),
        String::new(),
        format!("{{\"email\":\"a@example.com\",\"password_hash\":\"{secret}\"}}"),
        format!("{{\"email\":\"b@example.com\",\"password_hash\":\"{secret}\""),
        "\"c@example.com\"".to_owned(),
        too_long,
        "{\"password_hash\":\"$2b$04$\"}".to_owned(),
        user(2),
    ];
    let file = write(&place, &lines.join("\r\n"));
    let output = place.run(&["import", "users", &file]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "line 3: password_hash is of a scheme that is not supported",
            "line 4: it is no JSON object",
            "line 5: it is no JSON object",
            "line 6: it is too long",
            "line 7: email is required",
            "users: 2 imported, 0 present, 5 refused",
        ]
    );
    assert_eq!(String::from_utf8(output.stderr.clone()).unwrap(), "keyward: 5 lines were refused\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(!format!("{output:?}").contains(secret));
    let (report, succeeded) = report(&place.run(&["import", "users", &file, "--json"]));
    assert_eq!((report["present"].as_u64(), report["refused"][2]["line"].as_u64()), (Some(2), Some(5)));
    assert!(!succeeded);
    let log = fs::read_to_string(place.directory.path().join("log")).unwrap();
    assert!(!log.contains(secret) && !log.contains("a@example.com"), "{log}");
}

#[test]
fn lines_come_from_the_standard_input_too() {
    let (place, _server, _) = {
        let [sqlite, _] = both();
        sqlite
    };
    let mut child = place
        .command(&["import", "users", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(user(1).as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "users: 1 imported, 0 present, 0 refused\n");
    assert!(output.status.success());
}

#[test]
fn an_import_that_cannot_be_sent_is_one_line() {
    let place = Place::new().with("KEYWARD_ADMIN_KEY", "the-key-of-jane-of-at-least-32-characters");
    let place = place.with("KEYWARD_URL", &format!("http://{}", free_address()));
    let file = write(&place, &user(1));
    let output = place.run(&["import", "users", &file]);
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!((said.lines().count(), output.status.code()), (1, Some(1)), "{output:?}");
    assert!(said.contains("http://127.0.0.1"), "{said}");
    let missing = place.run(&["import", "users", "/nowhere"]);
    assert!(String::from_utf8(missing.stderr).unwrap().contains("/nowhere"), "the file is named");
}

#[test]
fn keys_of_another_system_are_imported_for_imported_users() {
    let on_sqlite = Place::new().with("KEYWARD_LISTEN", &free_address());
    let toml = on_sqlite.directory.path().join("keyward.toml");
    fs::write(toml, "[keys]\naccept_imported = true\n").unwrap();
    let server = on_sqlite.serve();
    let users: Vec<String> = (0..30).map(user).collect();
    let file = write(&on_sqlite, &users.join("\n"));
    assert!(on_sqlite.run(&["import", "users", &file]).status.success());
    let key = |number: usize| {
        let hash = if number == 7 { SHA256.to_owned() } else { format!("{number:064x}") };
        json!({"email": format!("user-{number}@example.com"), "hash": hash}).to_string()
    };
    let file = write(&on_sqlite, &(0..31).map(key).collect::<Vec<_>>().join("\n"));
    let (report, succeeded) = report(&on_sqlite.run(&["import", "keys", &file, "--json"]));
    let refused = json!([{"line": 31, "reason": "there is no such account"}]);
    assert_eq!(report, json!({"dry_run": false, "imported": 30, "present": 0, "refused": refused}));
    assert!(!succeeded);
    assert_eq!(server.get("/forward-auth", Some(("X-API-Key", "another-system-00000007"))).status, 200);
    assert_eq!(server.get("/forward-auth", Some(("X-API-Key", "another-system-00000030"))).status, 401);
    assert!(on_sqlite.run(&["doctor"]).status.success());
}

#[test]
fn keys_are_not_imported_where_they_would_be_refused() {
    let place = Place::new().with("KEYWARD_LISTEN", &free_address());
    let _server = place.serve();
    let file = write(&place, &json!({"email": "user-1@example.com", "hash": "00".repeat(32)}).to_string());
    let output = place.run(&["import", "keys", &file]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("409") && said.contains("keys.accept_imported"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}
