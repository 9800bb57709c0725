//! A server that keeps its key itself, on SQLite: it goes over to the new one while it serves.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;

use super::world::{
    Client, KNOWN_FINGERPRINT, KNOWN_KEY, execute, key_in, keys, master_key, next_key, own_key, place,
    write_key,
};
use crate::process::Place;

/// What a start by the wrong key says.
fn refusal(place: &Place) -> String {
    let before = place.files();
    let said = place.refused(&["serve"]);
    assert_eq!(place.files(), before, "nothing is created");
    said
}

#[test]
fn a_rotation_changes_the_key_and_nothing_that_was_made_before() {
    let place = place();
    let server = place.serve();
    let client = Client::register(&server);
    let old = key_in(&own_key(&place));
    let name = master_key(&place, "status")["data"][0]["fingerprint"].as_str().unwrap().to_owned();

    let answer = master_key(&place, "rotate");

    assert_eq!(keys(&answer), [("current", true)]);
    assert_ne!(answer["data"][0]["fingerprint"], name.as_str());
    let new = key_in(&own_key(&place));
    assert_ne!(new, old);
    assert_eq!(key_in(&place.data_dir().join(format!("master.key.{name}"))), old, "older backups need it");
    assert!(!next_key(&place).exists());
    assert_eq!(fs::metadata(own_key(&place)).unwrap().permissions().mode() & 0o7777, 0o600);
    client.is_known_to(&server);
    let doctor = place.run(&["doctor"]);
    assert!(doctor.status.success(), "{doctor:?}");
    server.terminate();
    assert!(server.wait().success());

    let server = place.serve();
    client.is_known_to(&server);
    assert_eq!(keys(&master_key(&place, "rotate")), [("current", true)], "and again");
    client.is_known_to(&server);
    server.kill();

    write_key(&own_key(&place), &old);
    let said = refusal(&place);
    assert!(said.contains("data/master.key: is no master key of this database"), "{said}");
    let doctor = place.run(&["doctor"]);
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("FAIL master key"), "{doctor:?}");
}

#[test]
fn an_older_copy_of_the_database_needs_the_older_key() {
    let place = place();
    let server = place.serve();
    let client = Client::register(&server);
    server.terminate();
    server.wait();
    let old = key_in(&own_key(&place));
    let files = ["keyward.db", "keyward.db-wal", "keyward.db-shm"].map(|name| place.data_dir().join(name));
    let backup = files.each_ref().map(|file| fs::read(file).ok());
    let server = place.serve();
    master_key(&place, "rotate");
    server.terminate();
    server.wait();

    for (file, copy) in files.iter().zip(backup) {
        match copy {
            Some(copy) => fs::write(file, copy).unwrap(),
            None if file.exists() => fs::remove_file(file).unwrap(),
            None => {}
        }
    }
    assert!(refusal(&place).contains("data/master.key: is no master key of this database"));
    write_key(&own_key(&place), &old);
    client.is_known_to(&place.serve());
}

#[test]
fn a_database_that_a_release_without_slots_has_founded_opens_and_rotates() {
    let place = place();
    write_key(&own_key(&place), KNOWN_KEY);
    assert!(place.run(&["migrate"]).status.success());
    execute(
        &place,
        &format!(
            "DROP TABLE master_key_slots;
             DELETE FROM __diesel_schema_migrations WHERE version = '20261129000100';
             INSERT INTO deployment (id, master_key_fingerprint) VALUES (1, x'{KNOWN_FINGERPRINT}')"
        ),
    );
    let server = place.serve();
    let client = Client::register(&server);
    let status = master_key(&place, "status");
    assert_eq!((keys(&status), status["data"][0]["added_at"].is_null()), (vec![("current", true)], true));
    assert_eq!(status["data"][0]["fingerprint"], KNOWN_FINGERPRINT[..16]);

    assert_eq!(keys(&master_key(&place, "rotate")), [("current", true)]);

    client.is_known_to(&server);
    server.kill();
    client.is_known_to(&place.serve());
    write_key(&own_key(&place), KNOWN_KEY);
    assert!(refusal(&place).contains("data/master.key: is no master key of this database"));
}

#[test]
fn threat_k4_a_slot_that_was_altered_stops_the_start() {
    let place = place();
    place.serve().kill();
    execute(&place, "UPDATE master_key_slots SET wrapped_root = zeroblob(61)");
    let said = refusal(&place);
    assert!(said.contains("data/master.key: ") && said.contains("altered"), "{said}");
    // Without its slots the database is not taken for one of a release that had none.
    execute(&place, "DELETE FROM master_key_slots");
    assert!(refusal(&place).contains("data/master.key: is no master key of this database"));
}

#[test]
fn threat_k9_a_new_master_key_is_in_no_log_no_answer_and_no_row() {
    let place = place().with("KEYWARD_LOG", "trace");
    let server = place.serve();
    let mut secrets = vec![key_in(&own_key(&place))];
    let mut said = Vec::new();
    for arguments in [
        ["master-key", "rotate", "--json"].as_slice(),
        &["master-key", "rotate"],
        &["master-key", "status"],
        &["audit", "--json"],
        &["doctor"],
    ] {
        let output = place.run(arguments);
        assert!(output.status.success(), "{output:?}");
        said.extend([output.stdout, output.stderr].concat());
        secrets.push(key_in(&own_key(&place)));
    }
    secrets.dedup();
    assert_eq!(secrets.len(), 3, "it was rotated twice");
    server.terminate();
    server.wait();
    let audit = String::from_utf8(said.clone()).unwrap();
    assert!(audit.contains("master_key.rotated") && audit.contains("admin:admin"), "{audit}");
    said.extend(fs::read(place.directory.path().join("log")).unwrap());
    said.extend(fs::read(place.data_dir().join("keyward.db")).unwrap());
    for secret in secrets {
        let bytes = BASE64.decode(&secret).unwrap();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        for form in [secret.as_bytes(), &bytes, hex.as_bytes()] {
            assert!(!said.windows(form.len()).any(|window| window == form), "{secret}");
        }
    }
}
