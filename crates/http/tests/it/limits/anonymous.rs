//! Who shows nothing, and where nothing is.

use std::time::Duration;

use actix_web::test::TestRequest;
use keyward_testkit::app::{Database, TestApp};

use super::client::{INFO, LOGIN, from, get, left, register};

#[actix_web::test]
async fn what_shows_no_credential_takes_from_one_bucket_of_its_network() {
    let app = TestApp::with_limits(Database::Sqlite, "[limits]\nanonymous = 6\n").await;
    let nothing: [(&str, &[(&str, &str)]); 6] = [
        ("/nowhere", &[]),
        ("/tradeready/nowhere", &[("x-api-key", "whatever")]),
        (LOGIN, &[]), // By the wrong method.
        (INFO, &[("x-api-key", " ")]),
        ("/forward-auth", &[("authorization", "Basic x")]),
        ("/forward-auth", &[("x-api-key", "one"), ("x-api-key", "another")]),
    ];
    for ((path, headers), remaining) in nothing.iter().zip((0..6).rev()) {
        let answer = get(&app, "192.0.2.1", path, headers).await;
        assert!([401, 404, 405].contains(&answer.status), "{path}: {answer:?}");
        assert_eq!(left(&answer), (6, remaining), "{path}");
    }
    for (path, headers) in nothing {
        let refused = get(&app, "192.0.2.1", path, headers).await;
        assert_eq!((refused.status, left(&refused)), (429, (6, 0)), "{path}");
        let words =
            if path.starts_with("/tradeready") { "application/json" } else { "application/problem+json" };
        assert_eq!(refused.header("content-type"), Some(words), "{path}");
        assert_eq!(get(&app, "192.0.2.2", path, headers).await.header("retry-after"), None, "{path}");
    }
    app.clock().advance(Duration::from_secs(10));
    assert_eq!(get(&app, "192.0.2.1", "/nowhere", &[]).await.status, 404);
}

#[actix_web::test]
async fn an_empty_bucket_of_nobody_s_does_not_hold_up_who_shows_a_key() {
    let app = TestApp::with_limits(Database::Sqlite, "[limits]\nanonymous = 1\n").await;
    let alpha = register(&app, "192.0.2.1", "Alpha", None).await;
    for status in [404, 429] {
        assert_eq!(get(&app, "192.0.2.1", "/nowhere", &[]).await.status, status);
    }
    let key = [("x-api-key", alpha.api_key.as_str())];
    for (path, limit) in [(INFO, 600), ("/forward-auth", 6_000)] {
        let answer = get(&app, "192.0.2.1", path, &key).await;
        assert_eq!((answer.status, left(&answer)), (200, (limit, limit - 1)), "{path}");
    }
}

#[actix_web::test]
async fn every_refusal_carries_the_headers() {
    let app = TestApp::with_limits(Database::Sqlite, "").await;
    let large = TestRequest::post().uri(LOGIN).insert_header(("content-type", "application/json"));
    let large = app.send(from("192.0.2.1", large.set_payload(vec![b' '; 70_000]))).await;
    assert_eq!((large.status, left(&large)), (413, (5, 4)));
    let options =
        app.send(from("192.0.2.1", TestRequest::with_uri(LOGIN).method("OPTIONS".parse().unwrap()))).await;
    assert_eq!((options.status, left(&options)), (405, (600, 599)));
    app.close();
    let ready = get(&app, "192.0.2.1", "/ready", &[]).await;
    assert_eq!((ready.status, left(&ready)), (503, (6_000, 6_000)));
}
