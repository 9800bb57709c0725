//! `POST /admin/v1/backups`: what comes, what does not, and who is told why.

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::to_bytes;
use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use keyward_domain::Ports;
use keyward_domain::audit::Action;
use keyward_domain::backups::{BackupSeal, BeginBackupError};
use keyward_domain::store::StoreError;
use keyward_testkit::admin::FakeAdmins;
use keyward_testkit::app::{Answer, Database, TestApp};
use keyward_testkit::backups::FakeBackups;
use keyward_testkit::domain::TestDomain;
use serde_json::{Value, json};

use crate::fakes::state;

const PATH: &str = "/admin/v1/backups";

async fn ask(app: &TestApp) -> Answer {
    let bearer = format!("Bearer {}", app.admin_key());
    app.send(TestRequest::default().method(Method::POST).uri(PATH).insert_header(("authorization", bearer)))
        .await
}

fn request() -> TestRequest {
    TestRequest::post().uri(PATH).insert_header(("authorization", format!("Bearer {}", FakeAdmins::KEY)))
}

#[actix_web::test]
async fn a_backup_of_sqlite_is_sealed_and_in_the_trail() {
    let app = TestApp::start(Database::Sqlite).await;
    app.register("Alpha").await;
    app.clock().advance(Duration::from_secs(1));
    let answer = ask(&app).await;
    let kind = answer.header("content-type");
    assert_eq!((answer.status, kind), (200, Some("application/octet-stream")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let (database, seal) = answer.body.split_at(answer.body.len() - BackupSeal::LENGTH);
    assert!(BackupSeal::parse(seal).is_some(), "{seal:?}");
    assert!(database.starts_with(b"SQLite format 3\0"));
    let newest = app.domain().audit.page(None, None, 1).await.unwrap();
    assert_eq!((newest[0].action, newest[0].actor.as_str()), (Action::BackupMade, "admin:admin"));
    assert_eq!(ask(&app).await.status, 200, "the next one has its turn");
}

#[actix_web::test]
async fn on_postgres_the_problem_names_its_own_tools() {
    let app = TestApp::start(Database::Postgres).await;
    let answer = ask(&app).await;
    let detail = "The database is PostgreSQL's: back it up with pg_dump and restore it with pg_restore, as \
                  docs/operating.md shows.";
    assert_eq!(answer.status, 409);
    assert_eq!(answer.json(), json!({"title": "Conflict", "status": 409, "detail": detail}));
    assert_eq!(app.domain().audit.page(None, None, 1).await.unwrap().len(), 1, "a signing key, no backup");
}

#[actix_web::test]
async fn a_second_backup_at_the_same_time_and_an_outage_are_problems() {
    let under_way = "A backup is being made already. Try again when it is done.";
    let cases = [
        (BeginBackupError::UnderWay, json!({"title": "Conflict", "status": 409, "detail": under_way})),
        (StoreError::Busy.into(), json!({"title": "Service Unavailable", "status": 503})),
    ];
    for (refusal, problem) in cases {
        let test = TestDomain::new();
        let ports = Ports { backups: Arc::new(FakeBackups::refusing(refusal)), ..test.ports() };
        let app = init_service(keyward_http::app(state(&test, ports))).await;
        let answer = call_service(&app, request().to_request()).await;
        assert_eq!(answer.status().as_u16(), problem["status"].as_u64().unwrap() as u16);
        assert_eq!(read_body_json::<Value, _>(answer).await, problem);
    }
}

#[actix_web::test]
async fn a_backup_that_breaks_off_ends_without_an_end() {
    let test = TestDomain::new();
    let pieces = [Ok(b"half".to_vec()), Err(StoreError::Unavailable("the secret is hunter2".to_owned()))];
    let ports = Ports { backups: Arc::new(FakeBackups::of(pieces)), ..test.ports() };
    let app = init_service(keyward_http::app(state(&test, ports))).await;
    let answer = call_service(&app, request().to_request()).await;
    assert_eq!(answer.status().as_u16(), 200);
    let broken = to_bytes(answer.into_body()).await.unwrap_err();
    assert!(!broken.to_string().contains("hunter2"), "{broken}");
}

#[actix_web::test]
async fn threat_p4_whoever_shows_no_admin_key_begins_no_backup() {
    let (test, backups) = (TestDomain::new(), FakeBackups::of([Ok(b"everything".to_vec())]));
    let ports = Ports { backups: Arc::new(backups.clone()), ..test.ports() };
    let app = init_service(keyward_http::app(state(&test, ports))).await;
    let answer = call_service(&app, TestRequest::post().uri(PATH).to_request()).await;
    assert_eq!((answer.status().as_u16(), backups.events().len()), (401, 0));
    let answer = call_service(&app, request().to_request()).await;
    assert_eq!((answer.status().as_u16(), backups.events().len()), (200, 1));
}
