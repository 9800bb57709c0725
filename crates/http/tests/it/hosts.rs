//! Dialects are enabled, and mapped to hosts, by configuration.

use std::sync::Arc;

use actix_web::test::{TestRequest, call_service, init_service};
use keyward_http::{DialectName, DialectsSettings, Metrics, State};
use keyward_testkit::app::{Database, TestApp};

const INFO: &str = "/api/v1/account/info";

#[actix_web::test]
async fn a_mapped_host_speaks_one_dialect_alone() {
    let toml = "[dialects.hosts]\n\"api.example.com\" = \"tradeready\"\n";
    let app = TestApp::with_config(Database::Sqlite, toml).await;
    let alpha = app.register("Alpha").await;
    let key = ("x-api-key", alpha.api_key.as_str());
    for host in ["api.example.com", "API.Example.COM:8080", "api.example.com.", "api.example.com.:80"] {
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

/// The configuration file allows no host of a dialect that is not enabled; the surfaces do not lean on that.
#[actix_web::test]
async fn a_host_of_a_dialect_that_is_not_there_has_operations_alone() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    let state = app.state();
    let unspoken = ("unspoken.example.com".to_owned(), DialectName::Agrenting);
    let disabled = ("disabled.example.com".to_owned(), DialectName::Tradeready);
    let settings = *state.dialects.enabled.get(&DialectName::Tradeready).unwrap();
    for (enabled, host) in [
        (vec![DialectName::Tradeready, DialectName::Agrenting], unspoken.clone()),
        (vec![DialectName::Tradeready], unspoken),
        (vec![DialectName::Agrenting], disabled),
    ] {
        let enabled = enabled.into_iter().map(|name| (name, settings)).collect();
        let dialects = DialectsSettings { enabled, hosts: [host.clone()].into() };
        let service = init_service(keyward_http::app(speaking(&state, dialects))).await;
        let (host, _) = host;
        let ask = async |path: &str| {
            let request = TestRequest::get().uri(path).insert_header(("host", host.as_str()));
            let request = request.insert_header(("x-api-key", alpha.api_key.as_str()));
            let answer = call_service(&service, request.to_request()).await;
            let kind = answer.headers().get("content-type").cloned();
            (answer.status().as_u16(), kind.map(|kind| kind.to_str().unwrap().to_owned()))
        };
        for path in [INFO, "/tradeready/api/v1/account/info", "/tradeready", "/api/v1/nowhere", "/"] {
            assert_eq!(ask(path).await, (404, Some("application/problem+json".to_owned())), "{host} {path}");
        }
        for path in ["/health", "/ready", "/forward-auth", "/.well-known/jwks.json"] {
            assert_eq!(ask(path).await.0, 200, "{host} {path}");
        }
    }
}

/// The same server with other dialects.
fn speaking(state: &State, dialects: DialectsSettings) -> Arc<State> {
    Arc::new(State {
        domain: state.domain.clone(),
        health: state.health.clone(),
        published_keys: state.published_keys.clone(),
        clock: state.clock.clone(),
        entropy: state.entropy.clone(),
        public_url: state.public_url.clone(),
        github_url: state.github_url.clone(),
        dialects,
        portal: state.portal,
        proxies: state.proxies.clone(),
        cursors: state.cursors.clone(),
        supply: state.supply.clone(),
        admin: state.admin.clone(),
        metrics: Metrics::default(),
    })
}

#[actix_web::test]
async fn the_host_of_an_absolute_target_wins_over_the_header() {
    let toml = "[dialects.hosts]\n\"api.example.com\" = \"tradeready\"\n";
    let app = TestApp::with_config(Database::Sqlite, toml).await;
    let ask = |target: &str, header: &'static str| {
        app.send(TestRequest::get().uri(target).insert_header(("host", header)))
    };
    let own = ask("http://api.example.com:80/nowhere", "www.example.com").await;
    assert_eq!(own.json()["error"]["code"], "NOT_FOUND");
    let other = ask("http://www.example.com/nowhere", "api.example.com").await;
    assert_eq!(other.header("content-type"), Some("application/problem+json"));
}
