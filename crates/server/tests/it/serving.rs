//! A start, the README's walk, and a second start.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::process::Place;

#[test]
fn a_newcomer_registers_logs_in_and_is_recognised() {
    let place = Place::new();
    let server = place.serve();
    let seed =
        json!({"display_name": "AlphaBot", "email": "alpha@example.com", "starting_balance": "10000.00"});
    let registered = server.post("/api/v1/auth/register", &seed);
    assert_eq!(registered.status, 201, "{registered:?}");
    let text = |member: &str| registered.json[member].as_str().unwrap().to_owned();
    let login = json!({"api_key": text("api_key"), "api_secret": text("api_secret")});
    let token = server.post("/api/v1/auth/login", &login).json["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    for header in [("X-API-Key", text("api_key").as_str()), ("Authorization", bearer.as_str())] {
        let info = server.get("/api/v1/account/info", Some(header));
        assert_eq!((info.status, info.json["account_id"].as_str()), (200, Some(text("account_id").as_str())));
        assert_eq!(server.get("/forward-auth", Some(header)).status, 200);
    }
}

#[test]
fn a_first_start_makes_everything_for_its_owner_alone_and_says_where() {
    let place = Place::new();
    let server = place.serve();
    for line in ["Keyward", "address", "database", "mail", "admin key", "master key"] {
        assert!(server.banner.contains(line), "{line} in {}", server.banner);
    }
    let mode = |path: &str| fs::metadata(place.data_dir().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    for file in ["keyward.db", "master.key", "admin.key"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
    let admin_key = fs::read_to_string(place.data_dir().join("admin.key")).unwrap();
    assert!(admin_key.trim().len() >= 32 && admin_key.ends_with('\n'));
    assert!(!server.banner.contains(admin_key.trim()));
}

#[test]
fn a_second_start_finds_what_the_first_one_left() {
    let place = Place::new().with("KEYWARD_PUBLIC_URL", "http://127.0.0.1:8080");
    // The banner names the public URL first; the port of this start is in its second line.
    let server = place.serve().at_its_own_address();
    let registered = server.post("/api/v1/auth/register", &json!({"display_name": "Alpha"})).json;
    let login = json!({"api_key": registered["api_key"], "api_secret": registered["api_secret"]});
    let bearer =
        format!("Bearer {}", server.post("/api/v1/auth/login", &login).json["token"].as_str().unwrap());
    let key = fs::read(place.data_dir().join("master.key")).unwrap();
    server.terminate();
    assert!(server.wait().success());
    let server = place.serve();
    assert!(
        !server.banner.contains("admin key") && !server.banner.contains("master key"),
        "{}",
        server.banner
    );
    assert_eq!(fs::read(place.data_dir().join("master.key")).unwrap(), key);
    let server = server.at_its_own_address();
    let api_key = registered["api_key"].as_str().unwrap();
    for header in [("X-API-Key", api_key), ("Authorization", bearer.as_str())] {
        assert_eq!(server.get("/api/v1/account/info", Some(header)).status, 200, "{}", header.0);
    }
}

#[test]
fn threat_k1_logs_are_json_away_from_a_terminal_and_hold_no_secret() {
    let place = Place::new().with("KEYWARD_LOG", "trace");
    let server = place.serve();
    let body =
        json!({"display_name": "Alpha", "email": "alpha@example.com", "password": "my-secure-password"});
    let registered = server.post("/api/v1/auth/register", &body).json;
    let login = json!({"api_key": registered["api_key"], "api_secret": registered["api_secret"]});
    let token = server.post("/api/v1/auth/login", &login).json["token"].as_str().unwrap().to_owned();
    let password = json!({"email": "alpha@example.com", "password": "my-secure-password"});
    server.post("/api/v1/auth/user-login", &password);
    let api_key = registered["api_key"].as_str().unwrap();
    server.get("/api/v1/account/info", Some(("X-API-Key", api_key)));
    server.get("/api/v1/account/info", Some(("Authorization", &format!("Bearer {token}"))));
    server.get(&format!("/api/v1/account/info?api_key={api_key}"), None);
    server.terminate();
    server.wait();
    let log = fs::read_to_string(place.directory.path().join("log")).unwrap();
    assert!(log.lines().count() > 5);
    for line in log.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    let members = ["api_key", "api_secret", "agent_api_key"];
    let secrets = members.map(|member| registered[member].as_str().unwrap().to_owned());
    let keys =
        ["master.key", "admin.key"].map(|name| fs::read_to_string(place.data_dir().join(name)).unwrap());
    let others = [token, "my-secure-password".to_owned(), "alpha@example.com".to_owned()];
    for secret in secrets.iter().chain(&keys).chain(&others) {
        assert!(!log.contains(secret.trim()), "the log holds {secret}");
    }
}
