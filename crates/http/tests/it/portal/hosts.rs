//! The portal answers at its own host.

use actix_web::http::Method;
use keyward_testkit::app::{Database, TestApp};

use super::headers::rows;
use super::window::Window;

#[actix_web::test]
async fn threat_a9_every_page_answers_421_at_an_unknown_host() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    let hosts = ["evil.example.com", "127.0.0.1.evil.com:8080", "localhost.evil.com", "128.0.0.1", "a b", ""];
    let assets = ["/portal.css", "/portal.js", "/portal.svg"];
    for row in rows().iter().filter(|row| !assets.contains(&row.path.as_str())) {
        let path = row.path.replace("{key_id}", "0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b");
        let method: Method = row.methods[0].parse().unwrap();
        for host in hosts {
            let request = ada.request(method.clone(), &path).insert_header(("host", host));
            let request = request.insert_header(("x-forwarded-host", "127.0.0.1:8080"));
            assert_eq!(ada.load(request).await, 421, "{method} {path} at {host:?}");
        }
    }
    // Where there is none at all.
    let request = actix_web::test::TestRequest::get().uri("/login");
    assert_eq!(app.send(request).await.status, 421);
}

#[actix_web::test]
async fn all_names_of_loopback_are_one() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut window = Window::new(&app);
    for host in [
        "localhost:8080",
        "LOCALHOST:8080",
        "[::1]:8080",
        "127.0.0.1:8080",
        "127.0.0.1",
        "localhost:9000",
        "127.0.0.2:8080",
        "keyward.localhost:8080",
    ] {
        let request = window.request(Method::GET, "/login").insert_header(("host", host));
        assert_eq!(window.load(request).await, 200, "{host}");
    }
}

#[actix_web::test]
async fn the_bare_address_leads_to_the_login_or_the_dashboard() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut window = Window::new(&app);
    assert_eq!((window.open("/").await, window.leads_to()), (303, Some("/login")));
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    assert_eq!((ada.open("/").await, ada.leads_to()), (303, Some("/dashboard")));
}

#[actix_web::test]
async fn the_host_of_a_dialect_has_no_portal() {
    let toml = "[dialects.hosts]\n\"api.example.com\" = \"tradeready\"\n";
    let app = TestApp::with_config(Database::Sqlite, toml).await;
    for path in ["/", "/login", "/dashboard", "/portal.css"] {
        let answer = app.get(path, &[("host", "api.example.com")]).await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].as_str()),
            (404, Some("NOT_FOUND")),
            "{path}"
        );
    }
}
