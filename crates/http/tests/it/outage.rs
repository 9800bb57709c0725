//! The database stops, freezes, and comes back.

use std::time::Duration;

use actix_web::test::TestRequest;
use keyward_testkit::app::{Answer, Persona, TestApp};
use keyward_testkit::chaos::ChaosProxy;
use keyward_testkit::postgres::PostgresDatabase;
use serde_json::json;

use crate::agora::{ACCOUNTS, exchange};

/// A server's own.
const LEASE: Duration = Duration::from_secs(1);

/// An app whose PostgreSQL stands behind a proxy.
async fn behind_proxy() -> (TestApp, ChaosProxy) {
    let database = PostgresDatabase::create();
    let direct = database.url();
    let server = direct.split(['@', '/']).nth(3).expect("a host").to_owned();
    let proxy = ChaosProxy::start(server.parse().expect("an address with a port"));
    let url = direct.replace(&server, &proxy.address().to_string());
    let app = TestApp::with_lease(Some(url), Some(database), "", LEASE).await;
    (app, proxy)
}

/// Everything that needs the database, asked once.
async fn ask_all(app: &TestApp, alpha: &Persona, token: &str) -> Vec<Answer> {
    let key = [("x-api-key", alpha.api_key.as_str())];
    let bearer = format!("Bearer {token}");
    let bearer = [("authorization", bearer.as_str())];
    let login = json!({"api_key": alpha.api_key, "api_secret": alpha.api_secret});
    let password = json!({"email": alpha.email, "password": alpha.password});
    let mut answers = Vec::new();
    for route in ["/tradeready/api/v1/account/info", "/forward-auth"] {
        answers.push(within_3_s(app.get(route, &key)).await);
        answers.push(within_3_s(app.get(route, &bearer)).await);
    }
    answers.push(within_3_s(app.post("/tradeready/api/v1/auth/login", &login)).await);
    answers.push(within_3_s(app.post("/tradeready/api/v1/auth/user-login", &password)).await);
    answers.push(
        within_3_s(app.post("/tradeready/api/v1/auth/register", &json!({"display_name": "Late"}))).await,
    );
    answers.push(within_3_s(app.get(ACCOUNTS, &bearer)).await);
    answers.push(within_3_s(exchange(app, &alpha.api_key)).await);
    answers.push(within_3_s(app.get("/ready", &[])).await);
    answers
}

/// The promise is a bound on waiting, so the bound is the assertion.
async fn within_3_s(answer: impl Future<Output = Answer>) -> Answer {
    tokio::time::timeout(Duration::from_secs(3), answer).await.expect("an answer within 3 s")
}

/// What the app remembers counts for a second, and no longer. Until then it answers as before.
async fn lapse(app: &TestApp, alpha: &Persona) {
    let lapsed = async {
        loop {
            let answer = app.get("/forward-auth", &[("x-api-key", alpha.api_key.as_str())]).await;
            match answer.status {
                200 => tokio::task::yield_now().await,
                503 => return,
                _ => panic!("a verdict: {answer:?}"),
            }
        }
    };
    // The promise is a bound: a second of lease, and a quarter in which a request waits for another.
    tokio::time::timeout(Duration::from_secs(2), lapsed).await.expect("an outage within 2 s");
}

async fn assert_outage(app: &TestApp, alpha: &Persona, token: &str) {
    lapse(app, alpha).await;
    for answer in ask_all(app, alpha, token).await {
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{answer:?}");
    }
    let info = app.get("/tradeready/api/v1/account/info", &[("x-api-key", alpha.api_key.as_str())]).await;
    assert_eq!(info.text("/error/code"), "SERVICE_UNAVAILABLE");
    let garbage = app.get("/tradeready/api/v1/account/info", &[("x-api-key", "ak_live_garbage")]).await;
    assert_eq!(garbage.status, 401, "a malformed key needs no database to be refused");
    assert_eq!(app.get("/health", &[]).await.status, 200);
    let session = app.get(ACCOUNTS, &[("authorization", &format!("Bearer {token}"))]).await;
    assert_eq!(session.text("/code"), "service_unavailable");
    assert_eq!(app.get("/agora/v0/metrics", &[]).await.status, 200, "public figures need no database");
}

/// Good again by itself, within a bound.
async fn assert_recovers(app: &TestApp, alpha: &Persona, token: &str) {
    let recovered = async {
        while app.get("/ready", &[]).await.status != 200 {
            // sleep: recovery is the server's own doing; the test can only look again.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), recovered).await.expect("a recovery");
    let statuses: Vec<u16> = ask_all(app, alpha, token).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 201, 200, 200, 200]);
}

#[actix_web::test]
async fn threat_d5_a_stopped_database_is_503_and_never_a_verdict() {
    let (app, proxy) = behind_proxy().await;
    let alpha = app.register("Alpha").await;
    let token = app.log_in(&alpha).await;
    proxy.down();
    assert_outage(&app, &alpha, &token).await;
    proxy.forward();
    assert_recovers(&app, &alpha, &token).await;
}

#[actix_web::test]
async fn threat_d5_a_frozen_database_is_503_and_never_a_verdict() {
    let (app, proxy) = behind_proxy().await;
    let alpha = app.register("Alpha").await;
    let token = app.log_in(&alpha).await;
    proxy.freeze();
    assert_outage(&app, &alpha, &token).await;
    proxy.forward();
    assert_recovers(&app, &alpha, &token).await;
}

#[actix_web::test]
async fn threat_d5_a_restarted_database_is_good_at_the_first_request() {
    let database = PostgresDatabase::create();
    let url = database.url();
    let app = TestApp::with_url(Some(url), None, "").await;
    let alpha = app.register("Alpha").await;
    database.cut_connections();
    let request = TestRequest::get().uri("/tradeready/api/v1/account/info");
    let answer = app.send(request.insert_header(("x-api-key", alpha.api_key.as_str()))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    database.cut_connections();
    assert_eq!(
        app.post("/tradeready/api/v1/auth/register", &json!({"display_name": "Late"})).await.status,
        201
    );
}

#[actix_web::test]
async fn an_unreadable_row_is_500_in_the_envelope_and_says_nothing_of_it() {
    let database = PostgresDatabase::create();
    let app = TestApp::with_url(Some(database.url()), None, "").await;
    let alpha = app.register("Alpha").await;
    database.tamper("UPDATE accounts SET starting_balance = 'hunter2'");
    let answer = app.get("/tradeready/api/v1/account/info", &[("x-api-key", alpha.api_key.as_str())]).await;
    assert_eq!(answer.status, 500);
    let expected = json!({"error": {"code": "INTERNAL_ERROR", "message": "An unexpected error occurred."}});
    assert_eq!(answer.json(), expected);
}
