//! Bodies that no client should send.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::dev::ServerHandle;
use actix_web::test::TestRequest;
use keyward_testkit::app::{Answer, Database, TestApp};
use tokio::sync::oneshot;

const REGISTER: &str = "/tradeready/api/v1/auth/register";

async fn post(app: &TestApp, body: impl Into<Vec<u8>>) -> Answer {
    let request = TestRequest::post().uri(REGISTER).insert_header(("content-type", "application/json"));
    app.send(request.set_payload(body.into())).await
}

/// How many things have ever been written down.
pub(crate) async fn deeds(app: &TestApp) -> usize {
    app.domain().audit.page(None, None, 100).await.unwrap().len()
}

#[actix_web::test]
async fn threat_d3_an_unusable_body_is_refused_and_nothing_is_written() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let before = deeds(&app).await;
        let deep = |depth: usize| {
            format!("{{\"display_name\":\"A\",\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth))
        };
        let unreadable: [Vec<u8>; 10] = [
            b"".to_vec(),
            b"\xff\xfe".to_vec(),
            b"{\"display_name\":\"\xc3\x28\"}".to_vec(),
            b"{\"display_name\":\"\\ud800\"}".to_vec(),
            b"{\"display_name\":\"A\",\"x\":\"\xff\"}".to_vec(),
            b"{\"display_name\":\"A\",\"display_name\":\"B\"}".to_vec(),
            b"null".to_vec(),
            b"\xef\xbb\xbf{\"display_name\":\"A\"}".to_vec(),
            deep(33).into_bytes(),
            deep(30_000).into_bytes(),
        ];
        for body in unreadable {
            let answer = post(&app, body.clone()).await;
            assert_eq!(answer.status, 422, "{}", String::from_utf8_lossy(&body));
            assert_eq!(answer.json()["error"]["code"], "VALIDATION_ERROR");
        }
        assert_eq!(deeds(&app).await, before);
    }
}

#[actix_web::test]
async fn threat_d3_the_largest_body_is_64_kib() {
    let app = TestApp::start(Database::Sqlite).await;
    let padded = |bytes: usize| {
        let start = b"{\"display_name\":\"A\"".to_vec();
        let padding = vec![b' '; bytes - start.len() - 1];
        [start, padding, b"}".to_vec()].concat()
    };
    assert_eq!(post(&app, padded(64 * 1024)).await.status, 201);
    for bytes in [64 * 1024 + 1, 1_000_000, 3_000_000] {
        let answer = post(&app, padded(bytes)).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].as_str()),
            (413, Some("PAYLOAD_TOO_LARGE"))
        );
    }
}

#[actix_web::test]
async fn a_refused_registration_leaves_its_address_free() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let body = |balance: &str| {
            format!(r#"{{"display_name":"A","email":"a@example.com","starting_balance":"{balance}"}}"#)
        };
        assert_eq!(post(&app, body("-1")).await.status, 422);
        assert_eq!(post(&app, body("1")).await.status, 201);
        let before = deeds(&app).await;
        assert_eq!(post(&app, body("1")).await.status, 409);
        assert_eq!(deeds(&app).await, before);
    }
}

/// The app behind a socket, and what stops it.
pub(crate) fn listen(app: &TestApp) -> (SocketAddr, ServerHandle) {
    let state = app.state();
    let server = HttpServer::new(move || keyward_http::app(state.clone())).workers(1).disable_signals();
    let server = server.bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    (address, handle)
}

/// A client that sends chunks for ever, and what it was told until it was cut off.
fn send_without_end(address: SocketAddr, path: &str) -> String {
    let mut reading = TcpStream::connect(address).unwrap();
    reading.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut writing = reading.try_clone().unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n"
    );
    let sender = thread::spawn(move || {
        let chunk = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
        let mut sent = writing.write_all(head.as_bytes());
        while sent.is_ok() {
            sent = writing.write_all(chunk.as_bytes());
        }
    });
    let (mut told, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match reading.read(&mut buffer) {
            Ok(0) => break,
            Ok(bytes) => told.extend_from_slice(&buffer[..bytes]),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::ConnectionReset, "it went on being read");
                break;
            }
        }
    }
    drop(reading);
    sender.join().unwrap();
    String::from_utf8(told).unwrap()
}

#[actix_web::test]
async fn threat_d3_a_body_without_end_is_answered_and_then_cut_off() {
    let app = TestApp::start(Database::Sqlite).await;
    let (address, handle) = listen(&app);
    let nobody_reads =
        ["/forward-auth", "/nowhere", "/tradeready/nowhere", "/tradeready/api/v1/account/info"];
    for (path, status) in
        [(REGISTER, 413)].into_iter().chain(nobody_reads.into_iter().zip([401, 404, 404, 405]))
    {
        let (tell, told) = oneshot::channel();
        thread::spawn(move || tell.send(send_without_end(address, path)));
        let told = told.await.expect("the client ended well");
        assert!(told.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {told}");
        assert!(told.contains("connection: close\r\n"), "{path}: {told}");
    }
    handle.stop(false).await;
}
