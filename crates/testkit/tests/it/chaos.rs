//! The proxy in front of a server that answers with what it was sent.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use keyward_testkit::chaos::ChaosProxy;

/// How long to watch that nothing comes. Only a fault would make it come sooner, so that a slow machine does not
/// fail these tests.
const A_WHILE: Duration = Duration::from_millis(50);

fn start_echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map(Result::unwrap) {
            thread::spawn(move || {
                let (mut from, mut to) = (&stream, &stream);
                let _ = std::io::copy(&mut from, &mut to);
            });
        }
    });
    address
}

fn connect(proxy: &ChaosProxy) -> TcpStream {
    TcpStream::connect(proxy.address()).unwrap()
}

fn assert_echoes(stream: &mut TcpStream) {
    stream.write_all(b"ping").unwrap();
    assert_arrives(stream);
}

fn assert_arrives(stream: &mut TcpStream) {
    let mut answer = [0; 4];
    stream.set_read_timeout(None).unwrap();
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"ping");
}

fn assert_silent(stream: &mut TcpStream) {
    stream.set_read_timeout(Some(A_WHILE)).unwrap();
    let error = stream.read(&mut [0; 4]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
}

fn assert_closed(stream: &mut TcpStream) {
    stream.set_read_timeout(None).unwrap();
    match stream.read(&mut [0; 4]) {
        Ok(length) => assert_eq!(length, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

#[test]
fn it_forwards_both_ways() {
    let proxy = ChaosProxy::start(start_echo());
    let mut streams = [connect(&proxy), connect(&proxy)];
    for stream in &mut streams {
        assert_echoes(stream);
        assert_echoes(stream);
    }
}

#[test]
fn it_hands_on_the_end_of_a_stream() {
    let proxy = ChaosProxy::start(start_echo());
    let mut stream = connect(&proxy);
    stream.write_all(b"ping").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, b"ping");
}

#[test]
fn frozen_it_accepts_and_moves_nothing_until_it_forwards_again() {
    let proxy = ChaosProxy::start(start_echo());
    let mut open_before = connect(&proxy);
    assert_echoes(&mut open_before);

    proxy.freeze();
    let mut opened_since = connect(&proxy);
    for stream in [&mut open_before, &mut opened_since] {
        stream.write_all(b"ping").unwrap();
        assert_silent(stream);
    }

    proxy.forward();
    assert_arrives(&mut open_before);
    assert_arrives(&mut opened_since);
}

#[test]
fn down_it_closes_what_is_open_and_refuses_what_is_new() {
    let proxy = ChaosProxy::start(start_echo());
    let mut stream = connect(&proxy);
    assert_echoes(&mut stream);

    proxy.down();

    assert_closed(&mut stream);
    let refused = TcpStream::connect(proxy.address()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn down_it_also_closes_what_was_frozen() {
    let proxy = ChaosProxy::start(start_echo());
    proxy.freeze();
    let mut stream = connect(&proxy);
    stream.write_all(b"ping").unwrap();
    proxy.down();
    assert_closed(&mut stream);
}

#[test]
fn it_comes_back_on_the_same_port_as_often_as_it_goes() {
    let proxy = ChaosProxy::start(start_echo());
    let address = proxy.address();
    for _ in 0..5 {
        assert_echoes(&mut connect(&proxy));
        proxy.down();
        proxy.down();
        proxy.forward();
        proxy.forward();
        assert_eq!(proxy.address(), address);
    }
    assert_echoes(&mut connect(&proxy));
}

#[test]
fn an_upstream_that_refuses_shows_as_a_closed_connection() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = ChaosProxy::start(nobody);
    assert_closed(&mut connect(&proxy));
}

#[test]
fn dropped_it_closes_everything() {
    let proxy = ChaosProxy::start(start_echo());
    let address = proxy.address();
    let mut stream = connect(&proxy);
    assert_echoes(&mut stream);
    drop(proxy);
    assert_closed(&mut stream);
    assert!(TcpStream::connect(address).is_err());
}
