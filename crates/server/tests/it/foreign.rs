//! Commands that ask a server which is no Keyward, or a broken one.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use crate::process::Place;

/// A place beside a server that answers every request with this JSON.
fn beside(answer: &'static str) -> Place {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let _ = write!(stream, "{head}content-length: {}\r\n\r\n{answer}", answer.len());
        }
    });
    Place::new().with("KEYWARD_URL", &url).with("KEYWARD_ADMIN_KEY", "an-admin-key-of-at-least-32-characters")
}

#[test]
fn a_list_whose_cursor_comes_again_is_refused() {
    let place = beside(r#"{"data":[],"next_cursor":"again"}"#);
    assert!(place.refused(&["accounts", "list", "--all"]).contains("the same cursor again"));
    let output = place.run(&["audit", "--all", "--cursor", "again", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1, "one page came");
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}

#[test]
fn a_list_without_rows_is_no_list() {
    for answer in ["{}", r#"{"data":null}"#, r#"{"data":{},"next_cursor":null}"#, "[]"] {
        let place = beside(answer);
        for arguments in [&["keys", "list", "--all"][..], &["keys", "list"], &["audit", "--json"]] {
            assert!(place.refused(arguments).contains("does not answer like Keyward"), "{answer}");
        }
    }
}
