//! What a client is told is true.

use std::time::Duration;

use keyward_domain::time::Clock;
use keyward_testkit::app::{Answer, Database, TestApp};
use serde_json::json;

use super::client::{LOGIN, get, left, number, post, register};

async fn attempt(app: &TestApp) -> Answer {
    post(app, "192.0.2.1", LOGIN, &json!({"api_key": "ak_live_x", "api_secret": "sk_live_x"})).await
}

#[actix_web::test]
async fn threat_g1_a_refusal_says_in_the_vendor_s_words_how_long_to_wait_and_no_less_will_do() {
    for database in Database::BOTH {
        let app = TestApp::with_limits(database, "").await;
        for remaining in (0..5).rev() {
            let answer = attempt(&app).await;
            assert_eq!((answer.status, left(&answer)), (401, (5, remaining)));
            assert_eq!(answer.header("retry-after"), None);
        }
        app.clock().advance(Duration::from_millis(1_500));
        let refused = attempt(&app).await;
        assert_eq!((refused.status, left(&refused)), (429, (5, 0)));
        // One is back after 12 seconds, of which 1.5 are over.
        assert_eq!(refused.header("retry-after"), Some("11"));
        assert_eq!(
            refused.json(),
            json!({"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "Too many requests.", "details":
                {"limit": 5, "window_seconds": 60, "retry_after_seconds": 11}}})
        );
        let now = app.clock().now().unix_micros().unsigned_abs();
        let reset = number(&refused, "x-ratelimit-reset");
        assert_eq!(reset, (now + 10_500_000).div_ceil(1_000_000));

        app.clock().advance(Duration::from_secs(10));
        assert_eq!(attempt(&app).await.status, 429, "a second early");
        app.clock().advance(Duration::from_secs(1));
        assert_eq!(attempt(&app).await.status, 401, "as was said");
    }
}

#[actix_web::test]
async fn refusals_that_are_ours_alone_are_problems() {
    let app =
        TestApp::with_limits(Database::Sqlite, "[limits]\nforward_auth_free = 1\noperations = 1\n").await;
    let alpha = register(&app, "192.0.2.1", "Alpha", None).await;
    let key = [("x-api-key", alpha.api_key.as_str())];
    for (path, headers) in [("/forward-auth", &key[..]), ("/.well-known/jwks.json", &[])] {
        assert_eq!(get(&app, "192.0.2.1", path, headers).await.status, 200, "{path}");
        let refused = get(&app, "192.0.2.1", path, headers).await;
        let expected =
            json!({"title": "Too Many Requests", "status": 429, "detail": "There were too many requests."});
        assert_eq!((refused.status, refused.json()), (429, expected), "{path}");
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        assert_eq!((refused.header("retry-after"), left(&refused)), (Some("60"), (1, 0)), "{path}");
    }
}

#[actix_web::test]
async fn liveness_and_readiness_are_never_refused() {
    let app = TestApp::with_limits(Database::Sqlite, "[limits]\noperations = 1\nanonymous = 1\n").await;
    for path in ["/.well-known/jwks.json", "/health", "/ready", "/tradeready/health", "/health"] {
        let answer = get(&app, "192.0.2.1", path, &[]).await;
        assert_eq!((answer.status, left(&answer)), (200, (1, 0)), "{path}");
    }
}

#[actix_web::test]
async fn off_means_off_and_the_headers_tell_the_limits_all_the_same() {
    let app = TestApp::start(Database::Sqlite).await;
    for _ in 0..50 {
        let answer = attempt(&app).await;
        assert_eq!((answer.status, left(&answer)), (401, (5, 5)));
        let answer = get(&app, "192.0.2.1", "/nowhere", &[]).await;
        assert_eq!((answer.status, left(&answer)), (404, (600, 600)));
        let answer = get(&app, "192.0.2.1", "/admin/v1/accounts", &[("authorization", "Bearer x")]).await;
        assert_eq!((answer.status, left(&answer)), (401, (10, 10)));
    }
    for _ in 0..12 {
        let wrong = json!({"email": "nobody@example.com", "password": "not-the-password"});
        assert_eq!(post(&app, "192.0.2.1", super::client::USER_LOGIN, &wrong).await.status, 401);
    }
}
