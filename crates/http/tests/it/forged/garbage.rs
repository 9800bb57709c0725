//! Garbage in the place of a key: 401, never 5xx, never let through.

use keyward_testkit::app::{Database, TestApp};

/// Routes that a key opens, and one that wants a token beside it.
const ROUTES: [&str; 4] =
    ["/tradeready/api/v1/account/info", "/api/v1/account/info", "/tradeready/api/v1/agents", "/forward-auth"];

#[actix_web::test]
async fn threat_g1_no_garbage_key_is_let_through_anywhere() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    let swapped = alpha.api_key.replace("ak_live_", "ak_test_");
    let cut = &alpha.api_key[..71];
    let long = "a".repeat(8_000);
    let garbage =
        ["ak_live_", "null", "../../etc/passwd", "' OR 1=1 --", &swapped, cut, &long, &alpha.api_secret];
    for route in ROUTES {
        for key in garbage {
            let answer = app.get(route, &[("x-api-key", key)]).await;
            assert_eq!(answer.status, 401, "{route} {key}");
        }
    }
}
