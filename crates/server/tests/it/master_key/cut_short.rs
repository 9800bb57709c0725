//! `kill -9` between any two steps of a rotation: a start finds a key that opens the database, and whoever asks again
//! gets on with the key that was made.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use super::world::{Client, KNOWN_KEY, key_in, keys, master_key, next_key, own_key, place, write_key};
use crate::process::Place;

/// A server is started on what the killed one left, and asked again. Gives the key that it has then.
fn goes_on(place: &Place, client: &Client) -> String {
    let server = place.serve();
    client.is_known_to(&server);
    assert_eq!(keys(&master_key(place, "rotate")), [("current", true)]);
    assert!(!next_key(place).exists());
    assert!(!place.files().iter().any(|file| file.ends_with(".new")), "no copy of a key is left");
    client.is_known_to(&server);
    server.kill();
    client.is_known_to(&place.serve());
    key_in(&own_key(place))
}

/// A server that was killed when the new key had its slot, and not yet its place.
fn announced() -> (Place, Client) {
    let place = place();
    let own = own_key(&place).display().to_string();
    let server = place.serve();
    let client = Client::register(&server);
    server.kill();
    // One whose key is configured stops there by itself.
    let place = place.with("KEYWARD_MASTER_KEY_FILE", &own);
    let server = place.serve();
    master_key(&place, "rotate");
    server.kill();
    (place.without("KEYWARD_MASTER_KEY_FILE"), client)
}

#[test]
fn threat_d6_killed_when_the_new_key_is_durable() {
    let place = place();
    let server = place.serve();
    let client = Client::register(&server);
    server.kill();
    write_key(&next_key(&place), KNOWN_KEY);
    assert_eq!(goes_on(&place, &client), KNOWN_KEY);
}

#[test]
fn threat_d6_killed_when_the_new_key_has_its_slot() {
    let (place, client) = announced();
    let made = key_in(&next_key(&place));
    assert_eq!(goes_on(&place, &client), made);
}

#[test]
fn threat_d6_killed_when_the_new_key_has_taken_its_place() {
    let (place, client) = announced();
    fs::rename(next_key(&place), own_key(&place)).unwrap();
    let made = key_in(&own_key(&place));
    assert_eq!(goes_on(&place, &client), made);
}

/// Kills it as soon as the disk shows how far it has come.
fn killed_as_soon_as(reached: impl Fn(&Place) -> bool) {
    let place = place();
    let server = place.serve();
    let client = Client::register(&server);
    let mut rotation = place.command(&["master-key", "rotate"]).stderr(Stdio::null()).spawn().unwrap();
    // Where it is too quick to be seen, it is killed when it is done.
    while !reached(&place) && rotation.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    server.kill();
    rotation.wait().unwrap();
    goes_on(&place, &client);
}

#[test]
fn threat_d6_killed_as_the_new_key_appears() {
    killed_as_soon_as(|place| next_key(place).exists());
}

#[test]
fn threat_d6_killed_as_the_old_key_is_put_aside() {
    killed_as_soon_as(|place| {
        let files = fs::read_dir(place.data_dir()).unwrap().map(|file| file.unwrap().path());
        let named = |path: PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        let aside = |name: String| name.strip_prefix("master.key.").is_some_and(|end| end.len() == 16);
        files.map(named).any(aside)
    });
}
