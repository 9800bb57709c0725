//! As many pass as there is room for, whatever comes at the same time.

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use keyward_testkit::app::{Database, TestApp};
use serde_json::json;

use super::client::{LOGIN, from, register};

#[actix_web::test]
async fn threat_g1_of_10000_requests_at_once_exactly_100_pass_at_a_guarded_route() {
    let app = TestApp::with_limits(Database::Sqlite, "[limits.tradeready]\nlogin = 100\n").await;
    passes_exactly(&app, 10_000, 10_000).await;
}

#[actix_web::test]
async fn threat_g1_of_400_requests_exactly_100_pass_on_postgresql() {
    let app = TestApp::with_limits(Database::Postgres, "[limits.tradeready]\nlogin = 100\n").await;
    // In waves, so that a busy machine makes no 503 of them.
    passes_exactly(&app, 400, 40).await;
}

/// The clock stands still: nothing is refilled.
async fn passes_exactly(app: &TestApp, requests: usize, at_once: usize) {
    let body = json!({"api_key": "ak_live_nobody", "api_secret": "sk_live_nobody"});
    let (mut passed, mut refused) = (0, 0);
    for _ in 0..requests / at_once {
        let request = || from("192.0.2.1", TestRequest::post().uri(LOGIN).set_json(&body));
        for answer in join_all((0..at_once).map(|_| app.send(request()))).await {
            match answer.status {
                401 => passed += 1,
                429 => refused += 1,
                other => panic!("{other}"),
            }
        }
    }
    assert_eq!((passed, refused), (100, requests - 100));
}

#[actix_web::test]
async fn threat_g1_of_10000_checks_at_once_exactly_100_pass_at_forward_auth() {
    let app = TestApp::with_limits(Database::Sqlite, "[limits]\nforward_auth_free = 102\n").await;
    let alpha = register(&app, "192.0.2.1", "Alpha", None).await;
    let ask = |number: usize| {
        // An account's limit is one, wherever it asks from and by whichever of its keys.
        let key = if number.is_multiple_of(2) { &alpha.api_key } else { &alpha.agent_api_key };
        let request = TestRequest::get().uri("/forward-auth").insert_header(("x-api-key", key.as_str()));
        app.send(from(if number.is_multiple_of(3) { "192.0.2.1" } else { "198.51.100.1" }, request))
    };
    for number in 0..2 {
        assert_eq!(ask(number).await.status, 200, "and it is remembered");
    }
    let statuses: Vec<u16> =
        join_all((0..10_000).map(ask)).await.into_iter().map(|answer| answer.status).collect();
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(200), count(429)), (100, 9_900));
}
