//! Bodies on routes that read none.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;

use actix_web::test::TestRequest;
use keyward_testkit::app::{Database, TestApp};
use tokio::sync::oneshot;

use crate::bodies::{deeds, listen};

/// The routes, each with the credential that opens it, in an order in which all can be done.
async fn routes(app: &TestApp) -> Vec<(String, String)> {
    let alpha = app.register("Alpha").await;
    let manager = format!("Bearer {}", app.log_in(&alpha).await);
    let admin = format!("Bearer {}", app.admin_key());
    let agent =
        |deed: &&str| (format!("/tradeready/api/v1/agents/{}/{deed}", alpha.agent_id), manager.clone());
    let account = |deed: &&str| (format!("/admin/v1/accounts/{}/{deed}", alpha.account_id), admin.clone());
    let agents = ["clone", "regenerate-key", "reset", "archive"].iter().map(agent);
    agents.chain(["suspend", "resume", "archive"].iter().map(account)).collect()
}

#[actix_web::test]
async fn threat_d3_a_body_that_nobody_reads_is_bounded_all_the_same() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        for (path, bearer) in routes(&app).await {
            let send = async |bytes: usize, bearer: &str| {
                let request = TestRequest::post().uri(&path).insert_header(("authorization", bearer));
                app.send(request.set_payload(vec![0xff; bytes])).await
            };
            let before = deeds(&app).await;
            let refused = send(64 * 1024 + 1, &bearer).await;
            assert_eq!(refused.status, 413, "{path}: {refused:?}");
            let said = if path.starts_with("/admin") { "/title" } else { "/error/code" };
            let words = if path.starts_with("/admin") { "Payload Too Large" } else { "PAYLOAD_TOO_LARGE" };
            assert_eq!(refused.text(said), words, "{path}");
            assert_eq!(send(64 * 1024 + 1, "Bearer nobody").await.status, 401, "{path}");
            assert_eq!(deeds(&app).await, before, "{path}");
            let done = send(64 * 1024, &bearer).await;
            assert!(done.status == 200 || done.status == 201, "{path}: {done:?}");
        }
    }
}

/// Sends the half of a body and no more; gives what was answered.
fn send_half(address: SocketAddr, path: &str, bearer: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: {bearer}\r\n");
    write!(stream, "{head}content-length: 20\r\n\r\n0123456789").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told);
    String::from_utf8(told).unwrap()
}

#[actix_web::test]
async fn threat_d3_a_request_whose_body_does_not_arrive_does_nothing() {
    let app = TestApp::start(Database::Sqlite).await;
    let (address, handle) = listen(&app);
    for (path, bearer) in routes(&app).await {
        let before = deeds(&app).await;
        let (tell, told) = oneshot::channel();
        let asked = path.clone();
        thread::spawn(move || tell.send(send_half(address, &asked, &bearer)));
        let told = told.await.expect("the client ended well");
        assert!(told.starts_with("HTTP/1.1 422 "), "{path}: {told}");
        assert_eq!(deeds(&app).await, before, "{path}");
    }
    handle.stop(false).await;
}
