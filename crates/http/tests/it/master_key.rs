//! The routes of the master key: what their transcript cannot show.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_testkit::app::{Answer, Database, TestApp};
use serde_json::{Value, json};
use tokio::time::timeout;

async fn ask(app: &TestApp, method: Method, path: &str) -> Answer {
    let bearer = format!("Bearer {}", app.admin_key());
    app.send(TestRequest::default().method(method).uri(path).insert_header(("authorization", bearer))).await
}

async fn keys(app: &TestApp) -> Value {
    ask(app, Method::GET, "/admin/v1/master-key").await.json()["data"].clone()
}

#[actix_web::test]
async fn threat_d6_a_rotation_runs_to_its_end_though_its_client_is_gone() {
    let app = TestApp::start(Database::Sqlite).await;
    let before = keys(&app).await;
    let gone = timeout(Duration::ZERO, ask(&app, Method::POST, "/admin/v1/master-key/rotate")).await;
    assert!(gone.is_err(), "it was asked, and not waited for");
    let settled = async {
        loop {
            let now = keys(&app).await;
            if now.as_array().is_some_and(|keys| keys.len() == 1) && now != before {
                break now;
            }
            tokio::task::yield_now().await;
        }
    };
    let after = timeout(Duration::from_secs(20), settled).await.expect("an end");
    assert_eq!((&after[0]["state"], &after[0]["running"]), (&json!("current"), &json!(true)));
}

#[actix_web::test]
async fn of_eight_rotations_at_once_one_is_done_and_the_others_are_told_so() {
    let app = TestApp::start(Database::Sqlite).await;
    let path = "/admin/v1/master-key/rotate";
    let answers = futures_util::future::join_all((0..8).map(|_| ask(&app, Method::POST, path))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(keys(&app).await.as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn an_outage_is_503_here_too() {
    let app = TestApp::start(Database::Sqlite).await;
    app.close();
    for (method, deed) in [(Method::GET, ""), (Method::POST, "/rotate"), (Method::POST, "/finish")] {
        let answer = ask(&app, method, &format!("/admin/v1/master-key{deed}")).await;
        assert_eq!(answer.status, 503, "{deed}");
    }
}

#[actix_web::test]
async fn a_file_in_the_place_of_the_new_key_that_is_none_is_refused_by_name() {
    let app = TestApp::start(Database::Sqlite).await;
    let file = app.data_dir().join("data/master.key.next");
    std::fs::write(&file, "hunter2\n").unwrap();
    let answer = ask(&app, Method::POST, "/admin/v1/master-key/rotate").await;
    let detail = answer.text("/detail");
    assert_eq!(answer.status, 409);
    assert!(detail.contains("master.key.next") && !detail.contains("hunter2"), "{detail}");
}
