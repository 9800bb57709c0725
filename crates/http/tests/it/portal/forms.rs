//! What a form proves before anything is done.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_domain::audit::AuditEvent;
use keyward_testkit::app::{Database, TestApp};

use super::headers::rows;
use super::window::{HERE, PASSWORD, SESSION, VISITOR, Window};

async fn trail(app: &TestApp) -> Vec<AuditEvent> {
    app.domain().audit.page(None, None, 100).await.unwrap()
}

/// Every unsafe route, as somebody asks who is logged in and whose form is good, but for one thing.
async fn refused_everywhere(spoil: impl Fn(TestRequest) -> TestRequest) {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    ada.open("/dashboard").await;
    let mut visitor = Window::new(&app);
    visitor.open("/login").await;
    let before = trail(&app).await;
    for row in rows().iter().filter(|row| row.methods == ["POST"]) {
        let path = row.path.replace("{key_id}", "0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b");
        let window = if row.credentials.is_empty() { &mut visitor } else { &mut ada };
        let fields = [("name", "Eve"), ("email", "eve@example.com"), ("password", PASSWORD)];
        let request = spoil(window.filled_in(&path, &fields));
        let page = window.page.clone();
        assert_eq!(window.load(request).await, 403, "{path}: {}", window.html());
        window.page = page; // Whose form is filled in again.
    }
    assert_eq!(trail(&app).await, before);
}

#[actix_web::test]
async fn threat_w1_a_form_of_another_site_is_refused_at_every_route() {
    refused_everywhere(|request| request.insert_header(("origin", "https://evil.example.com"))).await;
}

#[actix_web::test]
async fn threat_w1_a_form_that_does_not_say_where_it_comes_from_is_refused_at_every_route() {
    refused_everywhere(|request| request).await;
}

#[actix_web::test]
async fn threat_w1_a_form_without_its_proof_is_refused_at_every_route() {
    refused_everywhere(|request| {
        request.insert_header(("origin", HERE)).set_form([("form_token", "another"), ("name", "Eve")])
    })
    .await;
}

#[actix_web::test]
async fn threat_w1_where_a_form_comes_from_is_what_the_browser_says() {
    let app = TestApp::start(Database::Sqlite).await;
    let (here, local) = (Some(HERE), Some("http://localhost:8080"));
    let site = ("sec-fetch-site", "");
    for (origin, from, host, is_taken) in [
        (here, None, "127.0.0.1:8080", true),
        (here, Some("same-origin"), "127.0.0.1:8080", true),
        (here, Some("cross-site"), "127.0.0.1:8080", false),
        (here, Some("same-site"), "127.0.0.1:8080", false),
        (local, None, "localhost:8080", true),
        (local, None, "127.0.0.1:8080", false),
        (Some("http://[::1]:8080"), None, "[::1]:8080", true),
        (Some("http://localhost:9000"), None, "localhost:8080", false),
        (Some("https://127.0.0.1:8080"), None, "127.0.0.1:8080", false),
        (Some("http://127.0.0.1:8081"), None, "127.0.0.1:8080", false),
        (Some("http://127.0.0.1.evil.com:8080"), None, "127.0.0.1:8080", false),
        (Some("null"), Some("same-origin"), "127.0.0.1:8080", true),
        (Some("null"), Some("cross-site"), "127.0.0.1:8080", false),
        (Some("null"), Some("none"), "127.0.0.1:8080", false),
        (Some("null"), None, "127.0.0.1:8080", false),
        (None, Some("same-origin"), "127.0.0.1:8080", true),
        (None, Some("none"), "127.0.0.1:8080", false),
        (None, None, "127.0.0.1:8080", false),
        (Some(""), None, "127.0.0.1:8080", false),
        (Some("http://127.0.0.1:8080/"), Some("same-site"), "127.0.0.1:8080", false),
    ] {
        let mut window = Window::new(&app);
        window.open("/forgot-password").await;
        let mut request = window.filled_in("/forgot-password", &[("email", "ada@example.com")]);
        request = request.insert_header(("host", host));
        for (name, value) in [("origin", origin), (site.0, from)] {
            if let Some(value) = value {
                request = request.insert_header((name, value));
            }
        }
        let expected = if is_taken { 200 } else { 403 };
        assert_eq!(window.load(request).await, expected, "{origin:?} {from:?} {host}");
    }
    // Two of them are none.
    let mut window = Window::new(&app);
    window.open("/forgot-password").await;
    let request = window.filled_in("/forgot-password", &[("email", "ada@example.com")]);
    let request =
        request.append_header(("origin", HERE)).append_header(("origin", "https://evil.example.com"));
    assert_eq!(window.load(request).await, 403);
}

#[actix_web::test]
async fn threat_w1_a_form_is_good_for_the_browser_that_it_was_made_for() {
    let app = TestApp::start(Database::Sqlite).await;
    let (mut eve, mut ada) = (Window::new(&app), Window::new(&app));
    eve.open("/login").await;
    ada.open("/login").await;
    assert_ne!(eve.cookies[VISITOR], ada.cookies[VISITOR]);
    // Eve's form in Ada's browser.
    ada.page = eve.page.clone();
    assert_eq!(ada.send("/login", &[("email", "ada@example.com"), ("password", PASSWORD)]).await, 403);
    // A visitor's form once somebody is logged in, and the other way around.
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    let visitors = ada.cookies[VISITOR].clone();
    ada.open("/forgot-password").await;
    let logs_out = ada.html().split("action=\"/logout\"").nth(1).unwrap().to_owned();
    let (of_session, of_visitor) = (between(&logs_out), between(ada.html().split("<main").nth(1).unwrap()));
    assert_ne!(of_session, of_visitor);
    let fields = [("form_token", of_visitor.as_str())];
    let request = ada.request(Method::POST, "/logout").set_form(fields).insert_header(("origin", HERE));
    assert_eq!(ada.load(request).await, 403);
    ada.open("/dashboard").await;
    assert_eq!(ada.send("/forgot-password", &[("email", "ada@example.com")]).await, 403);
    assert_eq!(ada.cookies[VISITOR], visitors, "the browser keeps what its open forms are bound to");
    // A browser that keeps no cookies.
    let mut forgetful = Window::new(&app);
    forgetful.open("/login").await;
    forgetful.cookies.clear();
    assert_eq!(forgetful.send("/login", &[("email", "a@example.com"), ("password", "x")]).await, 403);
    assert!(forgetful.html().contains("keeps no cookies"));
}

/// The first proof in this part of a page.
fn between(part: &str) -> String {
    let (_, rest) = part.split_once("name=\"form_token\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[actix_web::test]
async fn threat_w1_a_cookie_that_stands_there_twice_is_none() {
    let app = TestApp::start(Database::Sqlite).await;
    let ada = Window::signed_up(&app, "ada@example.com").await;
    let session = &ada.cookies[SESSION];
    for (cookies, status) in [
        (format!("{SESSION}={session}; {SESSION}={session}"), 200),
        (format!("{SESSION}={session}; {SESSION}={}", "A".repeat(43)), 303),
        (format!("{SESSION}={}; {SESSION}={session}", "A".repeat(43)), 303),
        (format!("x{SESSION}={session}"), 303),
        (format!("{SESSION}x={session}"), 303),
        (session.clone(), 303),
    ] {
        let request = TestRequest::get().uri("/dashboard").insert_header(super::window::HOST);
        let answer = app.send(request.insert_header(("cookie", cookies.as_str()))).await;
        assert_eq!(answer.status, status, "{cookies}");
    }
}

#[actix_web::test]
async fn what_is_no_form_is_refused() {
    let app = TestApp::start(Database::Sqlite).await;
    let window = Window::new(&app);
    for (kind, body, status) in [
        ("application/json", b"{}".to_vec(), 400),
        ("multipart/form-data; boundary=x", b"--x--".to_vec(), 400),
        ("application/x-www-form-urlencoded", b"email=%ff".to_vec(), 400),
        ("application/x-www-form-urlencoded", b"email=\xff".to_vec(), 400),
        ("application/x-www-form-urlencoded", vec![b'a'; 65 * 1024], 413),
        ("application/x-www-form-urlencoded", b"".to_vec(), 403),
    ] {
        let request = window.request(Method::POST, "/login").insert_header(("content-type", kind));
        let answer = app.send(request.insert_header(("origin", HERE)).set_payload(body)).await;
        assert_eq!(answer.status, status, "{kind}");
    }
}
