//! Dialects are enabled, and mapped to hosts, by configuration.

use keyward_testkit::app::{Database, TestApp};

const INFO: &str = "/api/v1/account/info";

#[actix_web::test]
async fn a_mapped_host_speaks_one_dialect_alone() {
    let toml = "[dialects.hosts]\n\"api.example.com\" = \"tradeready\"\n";
    let app = TestApp::with_config(Database::Sqlite, toml).await;
    let alpha = app.register("Alpha").await;
    let key = ("x-api-key", alpha.api_key.as_str());
    for host in ["api.example.com", "API.Example.COM:8080"] {
        assert_eq!(app.get(INFO, &[("host", host), key]).await.status, 200, "{host}");
        let nowhere = app.get("/nowhere", &[("host", host)]).await;
        assert_eq!(nowhere.json()["error"]["code"], "NOT_FOUND", "{host}");
        let base_path = app.get(&format!("/tradeready{INFO}"), &[("host", host), key]).await;
        assert_eq!(base_path.status, 404, "{host}");
        assert_eq!(app.get("/health", &[("host", host)]).await.status, 200, "{host}");
    }
    let elsewhere = app.get("/nowhere", &[("host", "www.example.com")]).await;
    assert_eq!(elsewhere.header("content-type"), Some("application/problem+json"));
}

#[actix_web::test]
async fn a_dialect_that_is_not_enabled_is_not_there() {
    let app = TestApp::with_config(Database::Sqlite, "[dialects]\nenabled = [\"agora\"]\n").await;
    for path in [INFO, "/tradeready/api/v1/account/info"] {
        let answer = app.get(path, &[]).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, Some("application/problem+json")),
            "{path}"
        );
    }
}
