//! What operators ask, and what every answer carries.

use std::collections::HashSet;

use keyward_testkit::app::{Database, TestApp};

#[actix_web::test]
async fn a_server_says_that_it_lives_and_that_it_is_ready() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let health = app.get("/health", &[]).await;
        assert_eq!((health.status, health.text("/status").as_str()), (200, "ok"));
        let ready = app.get("/ready", &[]).await;
        assert_eq!((ready.status, ready.text("/status").as_str()), (200, "ready"));
    }
}

#[actix_web::test]
async fn every_answer_carries_a_request_id_of_its_own_and_is_not_stored() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut seen = HashSet::new();
    for path in
        ["/health", "/nowhere", "/tradeready/api/v1/account/info", "/tradeready/nowhere", "/forward-auth"]
    {
        let answer = app.get(path, &[("x-request-id", "mine"), ("request-id", "mine")]).await;
        let id = answer.header("request-id").unwrap().to_owned();
        assert_eq!(answer.header("x-request-id"), Some(id.as_str()), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert!(id != "mine" && seen.insert(id), "{path}");
    }
}

#[actix_web::test]
async fn an_unknown_path_outside_every_dialect_is_a_problem() {
    let app = TestApp::start(Database::Sqlite).await;
    let answer = app.get("/nowhere", &[]).await;
    assert_eq!((answer.status, answer.header("content-type")), (404, Some("application/problem+json")));
    assert_eq!(answer.json(), serde_json::json!({"title": "Not Found", "status": 404}));
}
