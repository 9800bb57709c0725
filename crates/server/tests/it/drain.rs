//! `SIGTERM`: what is under way ends well, nothing new begins, and the exit is 0 within ten seconds.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::process::{Place, Server};

const BODY: &str = r#"{"display_name":"Slow"}"#;

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.url.trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a deadline");
    stream
}

/// The exit, which must come within ten seconds.
fn exit_within_10_s(server: Server) -> bool {
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(server.wait().success()));
    ended.recv_timeout(Duration::from_secs(10)).expect("an exit within 10 s")
}

#[test]
fn a_request_whose_body_is_still_arriving_is_answered() {
    let place = Place::new();
    let server = place.serve();
    let mut slow = connect(&server);
    let head = format!(
        "POST /api/v1/auth/register HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        BODY.len()
    );
    let (first, rest) = BODY.split_at(5);
    slow.write_all(head.as_bytes()).unwrap();
    slow.write_all(first.as_bytes()).unwrap();
    // sleep: the server must have read the head before it is told to stop.
    thread::sleep(Duration::from_millis(300));
    server.terminate();
    // sleep: the rest must arrive while the server drains.
    thread::sleep(Duration::from_millis(500));
    slow.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(exit_within_10_s(server));
}

#[test]
fn an_idle_connection_is_closed_and_no_new_one_is_taken() {
    let place = Place::new();
    let server = place.serve();
    let mut idle = connect(&server);
    idle.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut start = [0; 12];
    idle.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    let address = server.url.trim_start_matches("http://").to_owned();
    server.terminate();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).expect("the idle connection is closed");
    assert!(exit_within_10_s(server));
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}
