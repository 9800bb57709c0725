//! What `/metrics` tells, and what nobody can make it tell.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_domain::mail::MailFailed;
use keyward_http::route_table;
use keyward_testkit::app::{Database, TestApp};
use serde_json::json;

use crate::scrape::Scrape;

const DURATION: &str = "keyward_http_request_duration_seconds_count";

async fn scrape(app: &TestApp) -> Scrape {
    let answer = app.get("/metrics", &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    Scrape::parse(std::str::from_utf8(&answer.body).unwrap())
}

/// Some of everything.
async fn traffic(app: &TestApp) {
    let alpha = app.register("Alpha").await;
    let token = app.log_in(&alpha).await;
    let password = json!({"email": alpha.email, "password": alpha.password});
    app.post("/tradeready/api/v1/auth/user-login", &password).await;
    for _ in 0..3 {
        app.get("/forward-auth", &[("x-api-key", &alpha.api_key)]).await;
        app.get("/forward-auth", &[("authorization", &format!("Bearer {token}"))]).await;
    }
    app.get("/forward-auth", &[]).await;
    app.get("/nowhere", &[]).await;
}

#[actix_web::test]
async fn figures_tell_what_has_happened() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        traffic(&app).await;
        let scrape = scrape(&app).await;
        let answered = |route, method, status| {
            scrape.sum(DURATION, &[("route", route), ("method", method), ("status", status)])
        };
        assert_eq!(answered("/forward-auth", "GET", "2xx"), 6.0);
        assert_eq!(answered("/forward-auth", "GET", "4xx"), 1.0);
        assert_eq!(answered("/api/v1/auth/register", "POST", "2xx"), 1.0);
        assert_eq!(answered("none", "GET", "4xx"), 1.0);
        assert_eq!(scrape.sum(DURATION, &[("surface", "tradeready")]), 3.0);
        assert_eq!(scrape.sum("keyward_http_requests_in_flight", &[]), 1.0);

        let recalls = |credential, outcome| {
            scrape.sum("keyward_cache_recalls_total", &[("credential", credential), ("outcome", outcome)])
        };
        assert!(recalls("key", "hit") >= 2.0 && recalls("key", "miss") >= 1.0);
        assert!(recalls("token", "hit") >= 2.0);
        assert_eq!(scrape.sum("keyward_cache_entries", &[("kind", "account")]), 1.0);
        assert_eq!(scrape.sum("keyward_password_hash_duration_seconds_count", &[]), 2.0);
        // One for each algorithm in use.
        assert_eq!(scrape.sum("keyward_signing_keys", &[("state", "active")]), 2.0);
        assert_eq!(scrape.sum("keyward_token_signatures_verified_total", &[]), 1.0);
        assert!(scrape.sum("keyward_database_call_seconds_count", &[]) >= 2.0);
        assert!(scrape.sum("process_resident_memory_bytes", &[]) > 1e6);
        assert!(scrape.sum("process_open_fds", &[]) > 3.0);
        match database {
            Database::Sqlite => {
                assert!(scrape.sum("keyward_writer_batch_jobs_count", &[]) >= 1.0);
                assert_eq!(scrape.samples("keyward_lease_age_seconds", &[]).len(), 0);
            }
            Database::Postgres => {
                assert_eq!(scrape.samples("keyward_writer_jobs_waiting", &[]).len(), 0);
                assert_eq!(scrape.samples("keyward_lease_age_seconds", &[]).len(), 1);
                assert_eq!(scrape.samples("keyward_revocations_poll_age_seconds", &[]).len(), 1);
            }
        }
    }
}

#[actix_web::test]
async fn figures_tell_what_limits_have_decided() {
    for database in Database::BOTH {
        let app = TestApp::with_limits(database, "").await;
        let wrong = json!({"api_key": "ak_live_x", "api_secret": "sk_live_x"});
        for _ in 0..7 {
            app.post("/tradeready/api/v1/auth/login", &wrong).await;
        }
        let scrape = scrape(&app).await;
        let decided = |limit, outcome| {
            scrape.sum("keyward_limit_decisions_total", &[("limit", limit), ("outcome", outcome)])
        };
        assert_eq!(
            (decided("tradeready.login", "passed"), decided("tradeready.login", "refused")),
            (5.0, 2.0)
        );
        assert_eq!((decided("operations", "passed"), decided("operations", "refused")), (1.0, 0.0));
        assert_eq!(decided("new_accounts", "passed"), 0.0);
        assert!(scrape.sum("keyward_limit_buckets", &[]) >= 1.0);
        let in_memory = match database {
            Database::Sqlite => 1,
            Database::Postgres => 0,
        };
        assert_eq!(scrape.samples("keyward_limit_counters", &[]).len(), in_memory);
        assert!(scrape.families.contains_key("keyward_limit_counters"));
        assert_eq!(scrape.sum("keyward_connections_refused_total", &[]), 0.0);
    }
}

#[actix_web::test]
async fn figures_tell_what_waits_to_be_mailed_and_for_how_long() {
    let app = TestApp::start(Database::Sqlite).await;
    assert_eq!(scrape(&app).await.samples("keyward_outbox_waiting", &[]).len(), 0, "nobody has looked yet");
    app.mailer().fail_next(MailFailed::ForNow("busy".to_owned()));
    app.register("Alpha").await;
    app.send_mail().await;
    app.clock().advance(Duration::from_secs(5));
    let scrape = scrape(&app).await;
    let outcomes = ["sent", "postponed", "abandoned"]
        .map(|outcome| scrape.sum("keyward_mails_total", &[("outcome", outcome)]));
    assert_eq!(outcomes, [0.0, 1.0, 0.0]);
    let waiting =
        ["keyward_outbox_waiting", "keyward_outbox_oldest_seconds"].map(|name| scrape.sum(name, &[]));
    assert_eq!(waiting, [1.0, 5.0]);
}

#[actix_web::test]
async fn threat_e5_figures_of_mail_do_not_tell_which_accounts_there_are() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    app.send_mail().await;
    let mut told = Vec::new();
    for identity in [alpha.email.as_str(), "nobody@example.com", "nobody"] {
        app.post("/tradeready/api/v1/auth/forgot-password", &json!({"username": identity})).await;
        let sent = app.send_mail().await.len();
        assert_eq!(sent, usize::from(identity == alpha.email), "{identity}");
        let figures = scrape(&app).await;
        told.push(
            ["sent", "postponed", "abandoned"]
                .map(|outcome| figures.sum("keyward_mails_total", &[("outcome", outcome)])),
        );
    }
    assert_eq!(told, [[2.0, 0.0, 0.0], [3.0, 0.0, 0.0], [4.0, 0.0, 0.0]]);
}

#[actix_web::test]
async fn a_route_counts_as_one_wherever_it_is_mounted() {
    let app =
        TestApp::with_config(Database::Sqlite, "[dialects.hosts]\n\"api.example.com\" = \"tradeready\"\n")
            .await;
    app.get("/api/v1/account/info", &[]).await;
    app.get("/tradeready/api/v1/account/info", &[]).await;
    app.get("/api/v1/account/info", &[("host", "api.example.com")]).await;
    let labels = [("surface", "tradeready"), ("route", "/api/v1/account/info"), ("status", "4xx")];
    assert_eq!(scrape(&app).await.sum(DURATION, &labels), 3.0);
}

#[actix_web::test]
async fn a_failure_is_counted_by_its_status() {
    let app = TestApp::start(Database::Sqlite).await;
    app.close();
    assert_eq!(app.get("/ready", &[]).await.status, 503);
    let scrape = scrape(&app).await;
    assert_eq!(scrape.sum("keyward_http_failures_total", &[("status", "503")]), 1.0);
    assert_eq!(scrape.sum("keyward_http_failures_total", &[]), 1.0);
}

/// Each label with each of its values.
fn label_values(scrape: &Scrape) -> BTreeSet<(String, String)> {
    let samples = scrape.families.values().flat_map(|family| &family.samples);
    samples.flat_map(|sample| sample.labels.clone()).collect()
}

#[actix_web::test]
async fn threat_k1_no_request_adds_a_label() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    // One of each kind first, so that what comes afterwards can only be what the client made up.
    for path in ["/health", "/nowhere", "/tradeready/api/v1/agents/x"] {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "BREW"]
        {
            app.send(TestRequest::default().method(method.parse::<Method>().unwrap()).uri(path)).await;
        }
    }
    scrape(&app).await;
    let before = label_values(&scrape(&app).await);
    for number in 0..50 {
        let secret = format!("{}{number}", alpha.api_key);
        for uri in [
            format!("/{secret}"),
            format!("/tradeready/{secret}"),
            format!("/tradeready/api/v1/agents/{secret}"),
            format!("/health?key={secret}"),
            format!("/nowhere/%22%7D%20{number}%0Akeyward_forged_total%201"),
        ] {
            let method = Method::from_bytes(format!("M{number}").as_bytes()).unwrap();
            app.send(TestRequest::default().method(method).uri(&uri)).await;
            app.get(&uri, &[("host", &secret), ("x-forwarded-for", "203.0.113.9"), ("user-agent", &secret)])
                .await;
        }
    }
    let scrape = scrape(&app).await;
    assert_eq!(label_values(&scrape), before);
    assert!(scrape.sum(DURATION, &[("method", "other")]) >= 250.0);
    let surfaces: BTreeSet<_> = route_table().iter().map(|row| row.surface).chain(["none"]).collect();
    let known: BTreeSet<_> =
        before.iter().filter(|(label, _)| label == "surface").map(|(_, value)| value.as_str()).collect();
    assert!(known.is_subset(&surfaces), "{known:?}");
}

#[actix_web::test]
async fn an_operator_may_keep_the_figures_for_admins() {
    let app = TestApp::with_config(Database::Sqlite, "[metrics]\naccess = \"admin\"\n").await;
    let alpha = app.register("Alpha").await;
    for headers in [vec![], vec![("x-api-key", alpha.api_key.as_str())]] {
        let refused = app.get("/metrics", &headers).await;
        assert_eq!(
            (refused.status, refused.header("www-authenticate")),
            (401, Some("Bearer")),
            "{headers:?}"
        );
    }
    let bearer = format!("Bearer {}", app.admin_key());
    assert_eq!(app.get("/metrics", &[("authorization", &bearer)]).await.status, 200);
}

/// What the page for operators lists: each family in the first column of a table.
fn documented() -> BTreeSet<String> {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let is_figure = |name: &&str| name.starts_with("keyward_") || name.starts_with("process_");
    rows.map(|(name, _)| name).filter(is_figure).map(str::to_owned).collect()
}

#[actix_web::test]
async fn operators_are_told_of_every_figure_that_there_is_and_of_no_other() {
    let app = TestApp::start(Database::Sqlite).await;
    let told: BTreeSet<_> = scrape(&app).await.families.into_keys().collect();
    assert_eq!(told, documented());
}
