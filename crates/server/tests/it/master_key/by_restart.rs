//! A configured key, or servers beside each other: a new key waits in a file, until all run by it.

use std::fs;

use keyward_testkit::postgres::PostgresDatabase;

use super::world::{Client, KNOWN_KEY, key_in, keys, master_key, next_key, own_key, place, write_key};
use crate::process::Place;

/// A place whose key is in a file of somebody else's.
fn with_a_configured_key() -> Place {
    let place = place();
    let file = place.directory.path().join("secret.key");
    write_key(&file, KNOWN_KEY);
    place.with("KEYWARD_MASTER_KEY_FILE", &file.display().to_string())
}

#[test]
fn a_configured_key_is_exchanged_by_a_restart() {
    let place = with_a_configured_key();
    let server = place.serve();
    let client = Client::register(&server);

    let answer = master_key(&place, "rotate");

    assert_eq!(keys(&answer), [("superseded", true), ("current", false)]);
    assert_eq!(answer["key_file"], next_key(&place).display().to_string());
    assert!(!own_key(&place).exists(), "the key that is configured is not the server's to keep");
    let told = place.run(&["master-key", "status"]);
    assert!(String::from_utf8(told.stdout).unwrap().contains("data/master.key.next"));
    for (deed, why) in [("rotate", "409: A rotation of the master key is under way"), ("finish", "409")] {
        let said = place.refused(&["master-key", deed]);
        assert!(said.contains(why), "{deed}: {said}");
    }
    server.kill();
    client.is_known_to(&place.serve()); // By the old one, which opens the database still.

    let secret = place.directory.path().join("secret.key");
    fs::rename(next_key(&place), &secret).unwrap();
    let server = place.serve();
    client.is_known_to(&server);
    assert_eq!(keys(&master_key(&place, "status")), [("superseded", false), ("current", true)]);
    assert!(place.refused(&["master-key", "cancel"]).contains("409"));
    assert_eq!(keys(&master_key(&place, "finish")), [("current", true)]);
    client.is_known_to(&server);
    server.kill();

    write_key(&secret, KNOWN_KEY);
    assert!(place.refused(&["serve"]).contains("KEYWARD_MASTER_KEY_FILE: is no master key of this database"));
}

#[test]
fn a_new_key_that_was_lost_or_seen_is_called_off() {
    let place = with_a_configured_key();
    let server = place.serve();
    let client = Client::register(&server);
    master_key(&place, "rotate");
    let seen = key_in(&next_key(&place));
    assert_eq!(keys(&master_key(&place, "cancel")), [("current", true)]);
    assert!(!next_key(&place).exists());
    client.is_known_to(&server);
    server.kill();

    let place = place.without("KEYWARD_MASTER_KEY_FILE").with("KEYWARD_MASTER_KEY", &seen);
    assert!(place.refused(&["serve"]).contains("KEYWARD_MASTER_KEY: is no master key of this database"));
    let place = place.with("KEYWARD_MASTER_KEY", KNOWN_KEY);
    client.is_known_to(&place.serve());
}

#[test]
fn servers_beside_each_other_go_over_to_a_new_key_one_by_one() {
    let database = PostgresDatabase::create();
    let [one, other] = [place(), place()].map(|place| {
        let place = place.with("KEYWARD_DATABASE_URL", &database.url());
        place.with("KEYWARD_PUBLIC_URL", "http://127.0.0.1:8080") // Clients know one address.
    });
    for place in [&one, &other] {
        write_key(&own_key(place), KNOWN_KEY);
    }
    let serve = |place: &Place| place.serve().at_its_own_address();
    let (first, second) = (serve(&one), serve(&other));
    let client = Client::register(&first);
    assert_eq!(keys(&master_key(&one, "rotate")), [("superseded", true), ("current", false)]);
    assert!(other.refused(&["master-key", "rotate"]).contains("409"));
    assert!(!next_key(&other).exists());
    let new = key_in(&next_key(&one));
    fs::rename(next_key(&one), own_key(&one)).unwrap();

    second.kill();
    write_key(&own_key(&other), &new);
    let second = serve(&other);
    client.is_known_to(&second);
    assert!(one.refused(&["master-key", "finish"]).contains("still runs by the old master key"));
    first.kill();
    let first = serve(&one);
    assert_eq!(keys(&master_key(&other, "finish")), [("current", true)]);
    client.is_known_to(&first);
    assert_eq!(keys(&master_key(&one, "status")), [("current", true)]);
}
