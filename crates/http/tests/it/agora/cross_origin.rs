//! Which answers the pages of other sites may read.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_http::route_table;
use keyward_testkit::app::{Answer, Database, TestApp};

const PUBLIC: [&str; 3] =
    ["/agora/v0/metrics", "/agora/v0/metrics/total-supply", "/agora/v0/metrics/circulating-supply"];

async fn ask(app: &TestApp, method: &str, path: &str, origin: &'static str) -> Answer {
    let method: Method = method.parse().expect("a method");
    let request = TestRequest::default().method(method).uri(path).insert_header(("origin", origin));
    let request = request.insert_header(("host", "127.0.0.1:8080"));
    app.send(request.insert_header(("access-control-request-method", "GET"))).await
}

fn cross_origin_headers(answer: &Answer) -> Vec<&str> {
    let names = answer.headers.iter().map(|(name, _)| name.as_str());
    names.filter(|name| name.starts_with("access-control-")).collect()
}

fn assert_open(answer: &Answer, what: &str) {
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "{what}: {answer:?}");
    let exposed = answer.header("access-control-expose-headers").unwrap_or_default();
    for header in
        ["Request-Id", "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]
    {
        assert!(exposed.split(", ").any(|exposed| exposed == header), "{what}: {header}");
    }
    assert_eq!(answer.header("access-control-allow-credentials"), None, "{what}");
    assert!(answer.header("request-id").is_some(), "{what}");
}

#[actix_web::test]
async fn threat_w2_any_page_may_read_the_public_figures_whatever_is_answered() {
    let partial = "[dialects.agora]\nmetrics_file = \"tests/dialects/agora/supply/partial.json\"\n";
    let app =
        TestApp::with_limits(Database::Sqlite, &format!("{partial}[limits.agora]\ngeneral = 24\n")).await;
    for base_path in PUBLIC {
        for path in [base_path, base_path.trim_start_matches("/agora")] {
            for method in ["GET", "HEAD", "OPTIONS", "POST"] {
                let answer = ask(&app, method, path, "https://pages.example").await;
                assert_open(&answer, &format!("{method} {path} ({})", answer.status));
                assert_ne!(answer.status, 429);
            }
        }
    }
    // Requests that no method answers take from another limit.
    for method in ["GET", "OPTIONS"].into_iter().cycle().take(24) {
        let answer = ask(&app, method, PUBLIC[0], "null").await;
        assert_open(&answer, &format!("{method} ({})", answer.status));
    }
    assert_eq!(ask(&app, "GET", PUBLIC[0], "null").await.status, 429);
}

#[actix_web::test]
async fn threat_w2_no_page_of_another_site_may_read_anything_else() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut asked = 0;
    for row in route_table().iter().filter(|row| !PUBLIC.contains(&row.path.as_str())) {
        let filled = |path: &str| path.replace(['{', '}'], "");
        for path in [Some(row.path.as_str()), row.root_path].into_iter().flatten() {
            for method in ["GET", "OPTIONS", row.methods[0]].into_iter().filter(|method| *method != "ANY") {
                let answer = ask(&app, method, &filled(path), "https://pages.example").await;
                assert_eq!(cross_origin_headers(&answer), [""; 0], "{method} {path}");
                asked += 1;
            }
        }
    }
    for nowhere in ["/agora/v0/metrics/nowhere", "/v0/nowhere", "/agora", "/"] {
        let answer = ask(&app, "OPTIONS", nowhere, "https://pages.example").await;
        assert_eq!(cross_origin_headers(&answer), [""; 0], "{nowhere}");
    }
    assert!(asked > 200, "{asked}");
}
