//! Clients that dawdle, and clients with too many connections: each is let go, and everybody else is served.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::rt::System;
use keyward_server::compose::Seams;
use keyward_server::config::{Config, Environment};
use keyward_server::connections::{Caps, Patience, listen};
use tempfile::TempDir;

const HEALTH: &[u8] = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n";

/// A server in this process, on SQLite.
struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    _data: TempDir,
}

/// So short that a test does not wait, and long enough for a machine that is busy.
fn hurried() -> Patience {
    Patience {
        head: Duration::from_secs(1),
        request: Duration::from_secs(2),
        read: Duration::from_secs(1),
        keep_alive: Duration::from_secs(30),
        tick: Duration::from_millis(50),
    }
}

impl Running {
    fn start(patience: Patience, caps: Caps) -> Self {
        let data = tempfile::tempdir().unwrap();
        let directory = data.path().display().to_string();
        let file = data.path().join("keyward.toml");
        std::fs::write(&file, "").unwrap();
        let environment = Environment::of([("KEYWARD_DATA_DIR", directory.as_str())]);
        let config = Config::load(Some(&file), environment).unwrap();
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let keyward =
                    keyward_server::start(&config, "http://127.0.0.1", Seams::of_machine()).await.unwrap();
                let listener = TcpListener::bind("127.0.0.1:0").unwrap();
                let address = listener.local_addr().unwrap();
                let server = listen(listener, keyward.state.clone(), || {}, patience, caps).unwrap();
                tell.send((address, server.handle())).unwrap();
                server.await.unwrap();
                keyward.close();
            });
        });
        let (address, handle) = told.recv().unwrap();
        Self { address, handle, thread: Some(thread), _data: data }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        // So that a connection that is never closed fails the test and does not hang it.
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// Whether somebody else is answered. Patience is short here, and the machine may be busy: one try is not the last.
    fn answers(&self) -> bool {
        (0..20).any(|_| self.answers_now())
    }

    fn answers_now(&self) -> bool {
        is_answered(&mut self.connect())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        let ended = self.thread.take().unwrap().join();
        assert!(ended.is_ok() || thread::panicking());
    }
}

fn is_answered(stream: &mut TcpStream) -> bool {
    let mut start = [0; 12];
    let asked = stream.write_all(HEALTH).and_then(|()| stream.read_exact(&mut start));
    asked.is_ok() && &start == b"HTTP/1.1 200"
}

/// Reads until the server closes the connection, which it must.
fn read_to_the_end(stream: &mut TcpStream) -> String {
    let mut told = Vec::new();
    match stream.read_to_end(&mut told) {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset, "it was not closed"),
    }
    String::from_utf8_lossy(&told).into_owned()
}

fn any_number() -> Caps {
    Caps::new(1_000, 1_000, Vec::new(), Arc::default())
}

#[test]
fn threat_d2_a_head_that_stops_midway_is_cut_off() {
    let server = Running::start(hurried(), any_number());
    for start in ["G", "GET /health HTTP/1.1\r\nHost: x\r\nX-A: b"] {
        let mut slow = server.connect();
        slow.write_all(start.as_bytes()).unwrap();
        assert!(server.answers());
        let told = read_to_the_end(&mut slow);
        assert!(told.starts_with("HTTP/1.1 408"), "{told}");
    }
    let mut silent = server.connect();
    read_to_the_end(&mut silent);
}

#[test]
fn threat_d2_a_later_head_that_stops_midway_is_cut_off_too() {
    let server = Running::start(hurried(), any_number());
    for rest in ["G", "GET /health HTTP/1.1\r\nHost: x\r\nX-A: b"] {
        let mut slow = server.connect();
        assert!(is_answered(&mut slow));
        slow.write_all(rest.as_bytes()).unwrap();
        assert!(server.answers());
        read_to_the_end(&mut slow);
    }
}

#[test]
fn threat_d2_a_head_that_comes_byte_by_byte_is_cut_off() {
    let server = Running::start(hurried(), any_number());
    let mut slow = server.connect();
    assert!(is_answered(&mut slow));
    let mut dripping = slow.try_clone().unwrap();
    let drip = thread::spawn(move || {
        let mut sent = dripping.write_all(b"GET /health HTTP/1.1\r\n");
        while sent.is_ok() {
            // sleep: this client is slow, and never stops.
            thread::sleep(Duration::from_millis(20));
            sent = dripping.write_all(b"X: y\r\n");
        }
    });
    read_to_the_end(&mut slow);
    drop(slow);
    drip.join().unwrap();
    assert!(server.answers());
}

#[test]
fn threat_d2_a_body_that_stops_midway_is_cut_off() {
    let server = Running::start(hurried(), any_number());
    for path in ["/api/v1/auth/register", "/forward-auth", "/nowhere"] {
        let mut slow = server.connect();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{{"
        );
        slow.write_all(head.as_bytes()).unwrap();
        assert!(server.answers());
        read_to_the_end(&mut slow);
    }
}

#[test]
fn threat_d2_a_client_that_never_reads_is_cut_off() {
    // Its thousands of requests are work for a worker that others share.
    let patience = Patience { head: Duration::from_secs(30), request: Duration::from_secs(30), ..hurried() };
    let server = Running::start(patience, any_number());
    let mut deaf = server.connect();
    let many = b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000);
    // Its answers fill every buffer on the way; then the server stops to read, and this blocks until it closes.
    let error = loop {
        match deaf.write_all(&many) {
            Ok(()) => assert!(server.answers()),
            Err(error) => break error,
        }
    };
    assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset), "{error}");
    assert!(server.answers());
}

#[test]
fn threat_d2_a_client_that_is_quick_keeps_its_connection() {
    let server = Running::start(hurried(), any_number());
    let mut stream = server.connect();
    assert!(is_answered(&mut stream));
    // The rest of the answer, so that the next one begins at its start.
    let mut rest = [0; 4096];
    let _ = stream.read(&mut rest).unwrap();
    // sleep: longer than a request may take; between two of them that does not count.
    thread::sleep(Duration::from_millis(2_500));
    assert!(is_answered(&mut stream));
}

#[test]
fn threat_d2_connections_beyond_the_cap_are_closed_and_a_free_place_is_used_again() {
    let server = Running::start(hurried(), Caps::new(3, 1_000, Vec::new(), Arc::default()));
    let mut open: Vec<TcpStream> = (0..3).map(|_| server.connect()).collect();
    assert!(open.iter_mut().all(is_answered));
    let mut refused = server.connect();
    assert_eq!(read_to_the_end(&mut refused), "");
    assert!(!server.answers_now());
    open.pop();
    // The server hears of it a moment later.
    while !server.answers_now() {
        thread::yield_now();
    }
}
