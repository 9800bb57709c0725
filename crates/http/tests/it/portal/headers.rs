//! What every answer of the portal carries.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use keyward_http::{RouteRow, State, route_table};
use keyward_testkit::app::{Answer, Database, TestApp};
use keyward_testkit::domain::TestDomain;

use super::window::{HOST, Window};
use crate::fakes::state;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; form-action 'self' https://github.com";

pub(super) fn rows() -> Vec<RouteRow> {
    route_table().into_iter().filter(|row| row.surface == "portal").collect()
}

fn undressed(answer: &Answer) -> Vec<&'static str> {
    let wanted = [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ];
    let mut missing: Vec<_> = wanted
        .iter()
        .filter(|(name, value)| answer.header(name) != Some(value))
        .map(|(name, _)| *name)
        .collect();
    let is_told = |value: &str| value == "same-origin" || value == "no-referrer";
    if !answer.header("referrer-policy").is_some_and(is_told) {
        missing.push("referrer-policy");
    }
    if !answer.header("permissions-policy").is_some_and(|value| value.contains("camera=()")) {
        missing.push("permissions-policy");
    }
    missing
}

#[actix_web::test]
async fn threat_w3_every_answer_of_the_portal_is_dressed() {
    let app = TestApp::start(Database::Sqlite).await;
    let ada = Window::signed_up(&app, "ada@example.com").await;
    let nobody = Window::new(&app);
    let mut statuses = Vec::new();
    for row in rows() {
        let path = row.path.replace("{key_id}", "0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b");
        for window in [&ada, &nobody] {
            for method in [Method::GET, Method::HEAD, Method::POST, Method::DELETE] {
                let foreign =
                    window.request(method.clone(), &path).insert_header(("host", "evil.example.com"));
                let huge = window.request(method.clone(), &path).set_payload(vec![b'a'; 70_000]);
                let huge = huge.insert_header(("content-type", "application/x-www-form-urlencoded"));
                for request in [window.request(method.clone(), &path), foreign, huge] {
                    let answer = app.send(request).await;
                    assert_eq!(undressed(&answer), [""; 0], "{method} {path}: {}", answer.status);
                    statuses.push(answer.status);
                }
            }
        }
    }
    for status in [200, 303, 400, 404, 405, 413, 421] {
        assert!(statuses.contains(&status), "the test sees {status}");
    }
}

#[actix_web::test]
async fn threat_w5_no_cache_keeps_a_page() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    let is_kept = |answer: &Answer| answer.header("cache-control") != Some("no-store");
    assert!(!is_kept(&ada.page), "the page that shows a key");
    let assets = ["/portal.css", "/portal.js", "/portal.svg"];
    for row in rows().iter().filter(|row| !assets.contains(&row.path.as_str())) {
        let path = row.path.replace("{key_id}", "0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b");
        for method in [Method::GET, Method::POST] {
            let status = ada.load(ada.request(method.clone(), &path)).await;
            assert!(!is_kept(&ada.page), "{method} {path}: {status}");
        }
    }
}

#[actix_web::test]
async fn threat_w3_a_refusal_for_too_many_requests_and_one_in_an_outage_are_dressed() {
    let app = TestApp::with_limits(Database::Sqlite, "[limits.portal]\npages = 1\n").await;
    let get = || TestRequest::get().uri("/login").insert_header(HOST);
    assert_eq!(app.send(get()).await.status, 200);
    let limited = app.send(get()).await;
    assert_eq!((limited.status, undressed(&limited)), (429, Vec::new()));
    assert!(String::from_utf8_lossy(&limited.body).contains("Too many requests"));

    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    app.close();
    assert_eq!(ada.open("/dashboard").await, 503);
    assert_eq!(undressed(&ada.page), [""; 0]);
    assert!(ada.page.header("retry-after").is_some());
}

/// The portal of a server with this public URL.
async fn at(public_url: &str, host: &str) -> (u16, Option<String>, String) {
    let test = TestDomain::new();
    let made = state(&test, test.ports());
    let Ok(made) = Arc::try_unwrap(made) else { panic!("it is shared") };
    let made = Arc::new(State { public_url: public_url.to_owned(), ..made });
    let app = init_service(keyward_http::app(made)).await;
    let request = TestRequest::get().uri("/login").insert_header(("host", host)).to_request();
    let response = call_service(&app, request).await;
    let header = response.headers().get("strict-transport-security");
    let header = header.map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = actix_web::test::read_body(response).await;
    (status, header, String::from_utf8_lossy(&body).into_owned())
}

#[actix_web::test]
async fn threat_p2_browsers_are_told_to_stay_with_https_where_there_is_https() {
    let (status, header, _) = at("https://id.example.com", "id.example.com").await;
    assert_eq!((status, header.as_deref()), (200, Some("max-age=31536000")));
    let (status, header, _) = at("http://127.0.0.1:8080", "localhost:8080").await;
    assert_eq!((status, header), (200, None));
}

#[actix_web::test]
async fn threat_p2_nobody_is_asked_for_a_password_over_plain_http() {
    let (status, _, html) = at("http://id.example.com", "id.example.com").await;
    assert_eq!(status, 403);
    assert!(html.contains("Sign-in needs https") && !html.contains("password\""), "{html}");
}

#[actix_web::test]
async fn wherever_plain_http_may_be_meant_for_the_machine_itself_the_portal_is_open() {
    for (url, host) in [
        ("http://keyward.localhost:8080", "keyward.localhost:8080"),
        ("http://127.0.0.5:8080", "127.0.0.5:8080"),
        ("http://[::1]:8080", "[::1]:8080"),
    ] {
        let (status, _, html) = at(url, host).await;
        assert_eq!(status, 200, "{url}: {html}");
    }
}

#[actix_web::test]
async fn what_a_page_names_by_its_content_is_kept_and_is_never_refused() {
    let app = TestApp::with_limits(Database::Sqlite, "[limits.portal]\npages = 1\n").await;
    let mut window = Window::new(&app);
    assert_eq!(window.open("/login").await, 200);
    let html = window.html();
    for path in ["/portal.css", "/portal.js", "/portal.svg"] {
        let (_, rest) =
            html.split_once(&format!("\"{path}?v=")).unwrap_or_else(|| panic!("no {path} in {html}"));
        let named = format!("{path}?v={}", rest.split('"').next().unwrap());
        for (asked, kept) in [
            (named.as_str(), "public, max-age=31536000, immutable"),
            (path, "no-cache"),
            (&format!("{path}?v=another"), "no-cache"),
        ] {
            assert_eq!(window.open(asked).await, 200, "{asked}");
            assert_eq!(window.page.header("cache-control"), Some(kept), "{asked}");
        }
    }
}
