//! Starts that are refused: one line that names what to change, no secret in it, and nothing created.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use keyward_testkit::postgres::PostgresDatabase;

use crate::process::Place;

fn key(byte: u8) -> String {
    BASE64.encode([byte; 32])
}

fn write_key(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_bad_value_is_refused_by_name_and_leaves_nothing() {
    let short = BASE64.encode([7; 31]);
    let bad = [
        ("KEYWARD_LISTEN", "8080"),
        ("KEYWARD_PUBLIC_URL", "ftp://example.com"),
        ("KEYWARD_PUBLIC_URL", "http://keys.example.com"),
        ("KEYWARD_PUBLIC_URL", "https://user:pass@example.com"),
        ("KEYWARD_PUBLIC_URL", "https://example.com/keyward"),
        ("KEYWARD_INSECURE_HTTP", "yes"),
        ("KEYWARD_DATA_DIR", ""),
        ("KEYWARD_DATA_DIR", "/proc/nowhere"),
        ("KEYWARD_DATA_DIR", "/dev/null"),
        ("KEYWARD_MASTER_KEY_FILE", ""),
        ("KEYWARD_MASTER_KEY_FILE", "/nowhere"),
        ("KEYWARD_MASTER_KEY_FILE", "/dev"),
        ("KEYWARD_ADMIN_KEY_FILE", "/dev/null"),
        ("KEYWARD_DATABASE_URL", "postgress://u:hunter2@127.0.0.1/keyward"),
        ("KEYWARD_DATABASE_URL", "keyward.db"),
        ("KEYWARD_DATABASE_URL", "mysql://127.0.0.1/keyward"),
        ("KEYWARD_DATABASE_URL", "sqlite:"),
        ("KEYWARD_MASTER_KEY", "hunter2"),
        ("KEYWARD_MASTER_KEY", &short),
        ("KEYWARD_ADMIN_KEY", "hunter2"),
        ("KEYWARD_SMTP_URL", "http://user:hunter2@example.com"),
        ("KEYWARD_SMTP_URL", "smtp://user:hunter2@example.com?tls=none"),
        ("KEYWARD_SMTP_URL", "smtp://user:hunter2@127.0.0.1?tls=opportunistic"),
        ("KEYWARD_MAIL_FROM", "Keyward"),
        ("KEYWARD_MAIL_FROM", "Keyward\nBcc: a@b.example <no-reply@example.com>"),
        ("KEYWARD_EMAIL_DISPOSABLE_ALLOW", "/nowhere"),
        ("KEYWARD_EMAIL_DISPOSABLE_DENY", "/dev"),
        ("KEYWARD_GITHUB_CLIENT_ID", "alone"),
        ("KEYWARD_GITHUB_CLIENT_SECRET", "hunter2"),
        ("KEYWARD_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("KEYWARD_TRUSTED_PROXIES", "10.0.0.0/8, ::/0"),
        ("KEYWARD_TRUSTED_PROXIES", "::ffff:0:0/96"),
        ("KEYWARD_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("KEYWARD_RATE_LIMITS", "maybe"),
        ("KEYWARD_REDIS_URL", "http://example.com"),
        ("KEYWARD_LOG", "keyward=loud"),
    ];
    for (name, value) in bad {
        let place = Place::new().with(name, value);
        let said = place.refused(&["serve"]);
        assert!(said.contains(name), "{name}={value}: {said}");
        assert!(!said.contains("hunter2") && !said.contains(&short), "{name}: {said}");
        assert_eq!(place.files(), Vec::<String>::new(), "{name}={value}");
    }
}

#[test]
fn threat_g6_lists_of_domains_that_cannot_be_used_stop_the_start() {
    let cases = [
        ("com", "", "disposable_allow: ", "line 1 is no domain"),
        ("fine.example", "# fine\n\nnot a domain", "disposable_deny: ", "line 3 is no domain"),
        ("a.example\nb.example", "B.EXAMPLE", "disposable_deny: b.example", "is allowed and denied"),
    ];
    for (allow, deny, named, why) in cases {
        let place = Place::new();
        let file = |name: &str, text: &str| {
            let path = place.directory.path().join(name);
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let (allow, deny) = (file("allow.txt", allow), file("deny.txt", deny));
        let toml = format!("[email]\ndisposable_allow = {allow:?}\ndisposable_deny = {deny:?}\n");
        file("keyward.toml", &toml);
        let said = place.refused(&["serve"]);
        assert!(said.contains(&format!("keyward.toml: email.{named}")) && said.contains(why), "{said}");
        assert!(!place.data_dir().exists());
    }
}

#[test]
fn a_bad_line_of_the_file_is_refused_by_its_key() {
    let bad = [
        ("listen = \"8080\"", "keyward.toml: listen"),
        ("lisen = \"127.0.0.1:0\"", "keyward.toml: lisen"),
        ("master_key = \"hunter2\"", "keyward.toml: master_key"),
        ("[dialects]\nenabled = [\"github\"]", "keyward.toml: dialects.enabled"),
        ("[dialects.tradeready]\nregistration = \"ajar\"", "keyward.toml: dialects.tradeready.registration"),
        ("[portal]\nregistration = \"approval\"", "keyward.toml: portal.registration"),
        (
            "[dialects.tradeready]\ntoken_lifetime_seconds = 0",
            "keyward.toml: dialects.tradeready.token_lifetime_seconds",
        ),
        ("[limits]\nanonymous = 0", "keyward.toml: limits.anonymous"),
        ("[limits.tradeready]\nlogin = \"many\"", "keyward.toml: limits.tradeready.login"),
        ("[dialects.tradeready]\nalgorithm = \"HS256\"", "keyward.toml: dialects.tradeready.algorithm"),
        (
            "[dialects.agora]\nmetrics_file = \"/nowhere\"",
            "keyward.toml: dialects.agora.metrics_file: /nowhere",
        ),
        ("[dialects.agora]\nmetrics_file = \"/dev/null\"", "keyward.toml: dialects.agora.metrics_file"),
        (
            "[dialects.agora]\nmetrics_file = \"keyward.toml\"",
            "keyward.toml: dialects.agora.metrics_file: keyward.toml",
        ),
        ("[dialects.hosts]\n\"example.com\" = \"nobody\"", "keyward.toml: dialects.hosts.example.com"),
        (
            "[dialects.hosts]\n\"example.com:80\" = \"tradeready\"",
            "keyward.toml: dialects.hosts.example.com:80",
        ),
        (
            "[dialects]\nenabled = []\n[dialects.hosts]\n\"example.com\" = \"tradeready\"",
            "keyward.toml: dialects.hosts.example.com",
        ),
        (
            "[dialects.hosts]\n\"example.com\" = \"agora\"\n\"Example.com.\" = \"tradeready\"",
            "keyward.toml: dialects.hosts.",
        ),
        ("[passwords]\nscheme = \"md5\"", "keyward.toml: passwords.scheme"),
        ("[database]\nconnections = 0", "keyward.toml: database.connections"),
        ("[signing_keys]\nrotate_after_days = 0", "keyward.toml: signing_keys.rotate_after_days"),
        ("[signing_keys]\npublish_minutes = 9", "keyward.toml: signing_keys.publish_minutes"),
        ("data_dir = 7.5", "keyward.toml: data_dir"),
        ("master_key = \"hunter2", "line 1"),
    ];
    for (text, named) in bad {
        let place = Place::new().with("KEYWARD_LISTEN", "127.0.0.1:0");
        fs::write(place.directory.path().join("keyward.toml"), text).unwrap();
        // The environment wins over the file, so these lines must be the only ones that say it.
        let place = if text.starts_with("listen") { place.without("KEYWARD_LISTEN") } else { place };
        let place = if text.starts_with("data_dir") { place.without("KEYWARD_DATA_DIR") } else { place };
        let said = place.refused(&["serve"]);
        assert!(said.contains(named) && !said.contains("hunter2"), "{text}: {said}");
        assert_eq!(place.files(), ["keyward.toml"], "{text}");
    }
}

#[test]
fn threat_k9_a_key_file_that_others_may_read_is_refused() {
    for mode in [0o644, 0o640, 0o604, 0o660, 0o700] {
        let place = Place::new();
        let file = place.directory.path().join("secret");
        write_key(&file, &key(7), mode);
        let place = place.with("KEYWARD_MASTER_KEY_FILE", &file.display().to_string());
        let said = place.refused(&["serve"]);
        assert!(said.contains("KEYWARD_MASTER_KEY_FILE") && !said.contains(&key(7)), "{said}");
        assert_eq!(place.files(), ["secret"]);
    }
}

#[test]
fn a_key_file_that_its_owner_alone_may_read_is_good() {
    for mode in [0o600, 0o400] {
        let place = Place::new();
        let file = place.directory.path().join("secret");
        write_key(&file, &format!("{}\n", key(7)), mode);
        let server = place.with("KEYWARD_MASTER_KEY_FILE", &file.display().to_string()).serve();
        assert!(!server.banner.contains("master key"));
    }
}

#[test]
fn a_wrong_master_key_is_refused_by_the_place_it_came_from() {
    let place = Place::new();
    place.serve().kill();
    let before = place.files();

    let by_variable = place.with("KEYWARD_MASTER_KEY", &key(7));
    let said = by_variable.refused(&["serve"]);
    assert!(said.contains("KEYWARD_MASTER_KEY:") && !said.contains(&key(7)), "{said}");

    let file = by_variable.directory.path().join("other.key");
    write_key(&file, &key(8), 0o600);
    let by_file_variable = by_variable
        .without("KEYWARD_MASTER_KEY")
        .with("KEYWARD_MASTER_KEY_FILE", &file.display().to_string());
    assert!(by_file_variable.refused(&["serve"]).contains("KEYWARD_MASTER_KEY_FILE:"));
    fs::remove_file(&file).unwrap();

    let place = by_file_variable.without("KEYWARD_MASTER_KEY_FILE");
    write_key(&place.data_dir().join("master.key"), &key(9), 0o600);
    assert!(place.refused(&["serve"]).contains("data/master.key:"));
    assert_eq!(place.files(), before);
}

#[test]
fn a_lost_master_key_is_never_remade() {
    for postgres in [None, Some(PostgresDatabase::create())] {
        let place = Place::new();
        let place = match &postgres {
            Some(database) => place.with("KEYWARD_DATABASE_URL", &database.url()),
            None => place,
        };
        place.serve().kill();
        fs::remove_file(place.data_dir().join("master.key")).unwrap();
        let before = place.files();
        let said = place.refused(&["serve"]);
        assert!(said.contains("data/master.key:"), "{said}");
        assert_eq!(place.files(), before);
    }
}

#[test]
fn a_database_that_cannot_be_reached_is_refused_and_leaves_nothing() {
    let unreachable = "postgres://keyward:hunter2@127.0.0.1:1/keyward";
    for url in [unreachable, "sqlite:/nowhere/keyward.db"] {
        let place = Place::new().with("KEYWARD_DATABASE_URL", url);
        let said = place.refused(&["serve"]);
        assert!(said.contains("KEYWARD_DATABASE_URL") && !said.contains("hunter2"), "{said}");
        assert_eq!(place.files(), Vec::<String>::new());
    }
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let place = Place::new();
    let file = place.directory.path().join("notes.txt");
    fs::write(&file, "these are my notes, not a database".repeat(100)).unwrap();
    let before = fs::read(&file).unwrap();
    let place = place.with("KEYWARD_DATABASE_URL", &format!("sqlite:{}", file.display()));
    assert!(place.refused(&["serve"]).contains("KEYWARD_DATABASE_URL"));
    assert_eq!(fs::read(&file).unwrap(), before);
    assert_eq!(place.files(), ["notes.txt"]);
}

#[test]
fn a_second_server_on_one_sqlite_file_is_refused() {
    let place = Place::new();
    let server = place.serve();
    assert!(place.refused(&["serve"]).contains("in use"));
    assert_eq!(server.get("/ready", None).status, 200);
}

#[test]
fn an_address_in_use_is_refused_and_leaves_nothing() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = Place::new().with("KEYWARD_LISTEN", &taken.local_addr().unwrap().to_string());
    assert!(place.refused(&["serve"]).contains("KEYWARD_LISTEN"));
    assert_eq!(place.files(), Vec::<String>::new());

    let place = place.without("KEYWARD_LISTEN");
    let toml = format!("listen = \"{}\"\n", taken.local_addr().unwrap());
    fs::write(place.directory.path().join("keyward.toml"), toml).unwrap();
    assert!(place.refused(&["serve"]).contains("keyward.toml: listen:"));
}

#[test]
fn migrating_another_deployment_s_database_is_refused() {
    let place = Place::new();
    place.serve().kill();
    let place = place.with("KEYWARD_MASTER_KEY", &key(7));
    assert!(place.refused(&["migrate"]).contains("KEYWARD_MASTER_KEY:"));
}
