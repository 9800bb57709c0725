//! The API's description: it lists what is mounted, for programs and for people.
//!
//! That answers are as described is held by every test: see `TestApp::send`.

use std::collections::BTreeSet;

use actix_web::test::TestRequest;
use keyward_http::{openapi_document, route_table};
use keyward_testkit::app::{Database, TestApp};
use serde_json::Value;

fn document() -> Value {
    openapi_document("https://id.example.com", |_| true)
}

/// Method, path and operation of each.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| {
        methods
            .as_object()
            .unwrap()
            .iter()
            .map(|(method, operation)| (method.to_uppercase(), path.clone(), operation.clone()))
    });
    all.collect()
}

#[test]
fn every_route_has_its_operation_and_every_operation_its_route() {
    let described: BTreeSet<_> =
        operations(&document()).into_iter().map(|(method, path, _)| (method, path)).collect();
    let shown_by = |row: &keyward_http::RouteRow| row.methods[0].replace("ANY", "GET");
    let mounted: BTreeSet<_> = route_table().iter().map(|row| (shown_by(row), row.path.clone())).collect();
    assert_eq!(described, mounted);
}

#[test]
fn an_operation_says_what_its_route_needs() {
    let document = document();
    for row in route_table() {
        let method = row.methods[0].replace("ANY", "GET").to_lowercase();
        let operation = &document["paths"][&row.path][method];
        let kinds: Vec<&str> = row.credentials.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(operation["x-keyward-credentials"], serde_json::json!(kinds), "{}", row.path);
        let security = operation["security"].as_array().unwrap();
        assert_eq!(security.is_empty(), kinds.is_empty(), "{}", row.path);
        let scopes: Vec<String> = row.scope.iter().map(ToString::to_string).collect();
        for (_, needed) in security.iter().flat_map(|scheme| scheme.as_object().unwrap()) {
            assert_eq!(*needed, serde_json::json!(scopes), "{}", row.path);
        }
    }
}

#[test]
fn names_of_operations_are_unique_and_what_is_referred_to_is_there() {
    let document = document();
    let mut names = BTreeSet::new();
    for (_, path, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{path}");
        assert!(names.insert(name), "{path}");
    }
    let (text, mut count) = (document.to_string(), 0);
    for found in text.split("\"$ref\":\"#").skip(1) {
        let pointer = found.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
        count += 1;
    }
    assert!(count > 100, "{count}");
}

#[test]
fn every_operation_may_be_limited_and_may_be_unable_to_decide() {
    let document = document();
    for (method, path, operation) in operations(&document) {
        for status in ["429", "503"] {
            let reference =
                operation["responses"][status]["$ref"].as_str().unwrap_or_else(|| panic!("{path}"));
            let response = document.pointer(reference.strip_prefix('#').unwrap()).unwrap();
            assert!(response["headers"]["Retry-After"].is_object(), "{method} {path} {status}");
        }
        for response in operation["responses"].as_object().unwrap().values() {
            let shared = response["$ref"].as_str().and_then(|at| document.pointer(at.strip_prefix('#')?));
            assert!(shared.unwrap_or(response)["headers"]["Request-Id"].is_object(), "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn a_server_describes_itself_and_nothing_else() {
    let app = TestApp::start(Database::Sqlite).await;
    let answer = app.get("/openapi.json", &[]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], app.state().public_url.as_str());
    assert!(document["paths"]["/tradeready/api/v1/auth/register"].is_object());

    let without = TestApp::with_config(Database::Sqlite, "[dialects]\nenabled = [\"agora\"]\n").await;
    let other = without.get("/openapi.json", &[]).await.json();
    assert!(other["paths"]["/health"].is_object());
    assert!(!other["paths"].as_object().unwrap().keys().any(|path| path.starts_with("/tradeready")));
}

#[actix_web::test]
async fn who_has_the_document_already_is_told_so() {
    let app = TestApp::start(Database::Sqlite).await;
    let first = app.get("/openapi.json", &[]).await;
    let etag = first.header("etag").unwrap();
    for known in [etag.to_owned(), format!("\"other\", {etag}")] {
        let again = app.get("/openapi.json", &[("if-none-match", &known)]).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{known}");
    }
    assert_eq!(app.get("/openapi.json", &[("if-none-match", "\"other\"")]).await.status, 200);
}

#[actix_web::test]
async fn threat_w3_the_page_needs_nothing_from_elsewhere_and_may_run_nothing() {
    let app = TestApp::start(Database::Sqlite).await;
    let page = app.get("/docs", &[]).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy =
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    assert_eq!(page.header("content-security-policy"), Some(policy));
    let text = String::from_utf8(page.body.clone()).unwrap();
    let loaded =
        ["<script", "<img", "<iframe", "<form", "<object", "url(", "@import", " onclick", "javascript:"];
    assert_eq!(loaded.map(|word| text.contains(word)), [false; 9]);
    let addresses = text.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let elsewhere: Vec<&str> = addresses.filter(|address| !address.starts_with('#')).collect();
    assert_eq!(elsewhere, ["docs.css", "openapi.json"]);
    assert!(
        text.contains("<title>Keyward API</title>")
            && !text.contains("{\"error\"")
            && !text.contains(" style=")
    );

    let style = app.get("/docs.css", &[]).await;
    assert_eq!((style.status, style.header("content-type")), (200, Some("text/css; charset=utf-8")));
    assert!(!String::from_utf8(style.body).unwrap().contains("url("));
}

#[actix_web::test]
async fn the_page_shows_every_operation() {
    let app = TestApp::start(Database::Sqlite).await;
    let page = String::from_utf8(app.get("/docs", &[]).await.body).unwrap();
    for (method, path, operation) in operations(&document()) {
        let name = operation["operationId"].as_str().unwrap();
        for part in [format!("id=\"{name}\""), format!("href=\"#{name}\""), format!("<code>{path}</code>")] {
            assert!(page.contains(&part), "{method} {path}: {part}");
        }
    }
}

#[actix_web::test]
async fn the_description_is_read_and_not_written() {
    let app = TestApp::start(Database::Sqlite).await;
    for path in ["/openapi.json", "/docs", "/docs.css"] {
        let head = app.send(TestRequest::default().method(actix_web::http::Method::HEAD).uri(path)).await;
        assert_eq!(head.status, 200, "{path}");
        let posted = app.send(TestRequest::post().uri(path)).await;
        assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD")), "{path}");
    }
}
