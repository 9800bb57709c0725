//! How a backup is made: who may, what is written down, and what happens when it cannot be made.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::thread;

use serde_json::Value;

use super::{back_up, done, running};
use crate::commands::free_address;
use crate::process::Place;

#[test]
fn threat_p4_a_backup_is_made_by_the_admin_api_and_its_event_names_the_admin() {
    let (place, _server) = running();
    back_up(&place, "all.backup");
    let trail = done(&place, &["audit", "--limit", "1"]);
    let event = &trail["data"][0];
    let told: [&Value; 3] = ["action", "actor", "target"].map(|member| &event[member]);
    assert_eq!(told, ["backup.made", "admin:admin", "database"]);
}

#[test]
fn threat_p4_whoever_shows_no_admin_key_gets_no_backup() {
    let (place, server) = running();
    let stranger = Place::new()
        .with("KEYWARD_URL", &server.url)
        .with("KEYWARD_ADMIN_KEY", "the-key-of-nobody-of-at-least-32-characters");
    assert!(stranger.refused(&["backup", "all.backup"]).contains("401"));
    assert_eq!(stranger.files(), [""; 0]);
    assert!(done(&place, &["audit", "--limit", "1"])["data"][0]["action"] != "backup.made");
}

#[test]
fn a_file_that_is_there_is_left_as_it_is() {
    let (place, server) = running();
    let file = place.directory.path().join("all.backup");
    fs::write(&file, "something else").unwrap();
    let said = place.refused(&["backup", "all.backup"]);
    assert!(said.contains("all.backup") && said.contains("exists"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "something else");
    // Nobody asked the server.
    assert!(done(&place, &["audit", "--limit", "1"])["data"][0]["action"] != "backup.made");
    drop(server);
}

#[test]
fn a_backup_that_cannot_be_written_or_asked_for_is_one_line_and_leaves_nothing() {
    let (place, server) = running();
    assert!(place.refused(&["backup", "nowhere/all.backup"]).contains("nowhere"));
    let before = place.files();
    drop(server);
    assert!(place.refused(&["backup", "all.backup"]).contains("http://127.0.0.1"));
    assert_eq!(place.files(), before);
}

#[test]
fn an_answer_that_breaks_off_or_is_altered_on_the_way_is_no_backup() {
    let (place, _server) = running();
    let whole = fs::read(back_up(&place, "all.backup")).unwrap();
    let mut altered = whole.clone();
    altered[5_000] ^= 1;
    let cut = whole[..whole.len() - 1].to_vec();
    let framed = |body: &[u8], end: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n", body.len());
        [head.as_bytes(), body, b"\r\n", end].concat()
    };
    let answers = [
        (framed(&altered, b"0\r\n\r\n"), "checksum"),
        (framed(&cut, b"0\r\n\r\n"), "not a whole one"),
        // As a server ends it that could not go on.
        (framed(&whole[..9_000], b""), "broke off"),
    ];
    for (answer, why) in answers {
        let address = free_address();
        let listener = TcpListener::bind(&address).unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            stream.write_all(&answer).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            // Closed while something is unread, a connection loses what is on its way.
            let _ = stream.read_to_end(&mut request);
        });
        let client = Place::new()
            .with("KEYWARD_URL", &format!("http://{address}"))
            .with("KEYWARD_ADMIN_KEY", "the-key-of-jane-of-at-least-32-characters");
        let said = client.refused(&["backup", "all.backup"]);
        server.join().unwrap();
        assert!(said.contains(why), "{why}: {said}");
        assert_eq!(client.files(), [""; 0]);
    }
}
