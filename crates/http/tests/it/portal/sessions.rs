//! Being logged in, and what ends it.

use std::time::Duration;

use keyward_domain::audit::Action;
use keyward_domain::ids::{AccountId, RequestId};
use keyward_domain::request::RequestContext;
use keyward_testkit::app::{Database, TestApp};
use keyward_testkit::builders::admin;

use super::window::{HERE, PASSWORD, SESSION, VISITOR, Window, newest_token};

const MINUTE: Duration = Duration::from_secs(60);

async fn logged_in<'a>(app: &'a TestApp, email: &str) -> Window<'a> {
    let mut window = Window::new(app);
    window.open("/login").await;
    window.send("/login", &[("email", email), ("password", PASSWORD)]).await;
    assert_eq!((window.page.status, window.leads_to()), (303, Some("/dashboard")), "{}", window.html());
    window
}

#[actix_web::test]
async fn threat_w4_cookies_are_bound_to_the_host_and_hidden_from_scripts() {
    let app = TestApp::start(Database::Sqlite).await;
    let ada = Window::signed_up(&app, "ada@example.com").await;
    let cookie = |window: &Window<'_>| {
        let set = window.page.headers.iter().filter(|(name, _)| name == "set-cookie");
        set.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let attributes = "Path=/; Secure; HttpOnly; SameSite=Strict";
    assert_eq!(cookie(&ada), [format!("{SESSION}={}; {attributes}", ada.cookies[SESSION])]);
    let mut visitor = Window::new(&app);
    visitor.open("/login").await;
    assert_eq!(cookie(&visitor), [format!("{VISITOR}={}; {attributes}", visitor.cookies[VISITOR])]);
    visitor.open("/signup").await;
    assert_eq!(cookie(&visitor), [""; 0], "a browser that has one keeps it");
}

#[actix_web::test]
async fn threat_w4_a_session_that_was_planted_is_worth_nothing_after_a_login() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        Window::signed_up(&app, "ada@example.com").await;
        let mut eve = Window::signed_up(&app, "eve@example.com").await;
        let planted = eve.cookies[SESSION].clone();
        for text in [planted.clone(), "A".repeat(43)] {
            let mut ada = Window::new(&app);
            ada.cookies.insert(SESSION.to_owned(), text.clone());
            ada.open("/forgot-password").await;
            ada.send("/login", &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
            assert_ne!(ada.cookies[SESSION], text);
            assert!(ada.is_logged_in().await);
        }
        assert!(!eve.is_logged_in().await);
    }
}

#[actix_web::test]
async fn threat_w4_a_session_ends_when_it_is_not_used_and_in_any_case_after_half_a_day() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (mut idle, mut busy) =
            (Window::signed_up(&app, "ada@example.com").await, logged_in(&app, "ada@example.com").await);
        for _ in 0..24 {
            app.clock().advance(MINUTE * 29);
            assert!(busy.is_logged_in().await);
        }
        assert!(!idle.is_logged_in().await);
        assert_eq!(idle.leads_to(), Some("/login?notice=signed-out"));
        app.clock().advance(MINUTE * 24); // Half a day since the login.
        assert!(!busy.is_logged_in().await);
        app.jobs().forget_sessions().await.unwrap();
    }
}

#[actix_web::test]
async fn threat_w4_how_long_a_session_lasts_is_a_setting() {
    let toml = "[sessions]\nidle_seconds = 60\nlifetime_seconds = 120\n";
    let app = TestApp::with_config(Database::Sqlite, toml).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    for _ in 0..2 {
        app.clock().advance(Duration::from_secs(40));
        assert!(ada.is_logged_in().await, "whoever does something is not idle");
    }
    app.clock().advance(Duration::from_secs(40)); // Two minutes since the login.
    assert!(!ada.is_logged_in().await);
    let mut ada = logged_in(&app, "ada@example.com").await;
    app.clock().advance(MINUTE);
    assert!(!ada.is_logged_in().await);
}

#[actix_web::test]
async fn threat_w4_logging_out_ends_the_session_at_the_server_and_in_the_browser() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let mut elsewhere = logged_in(&app, "ada@example.com").await;
        let kept = ada.cookies.clone();
        ada.open("/dashboard").await;
        assert_eq!(ada.send("/logout", &[]).await, 303);
        assert_eq!(ada.leads_to(), Some("/login?notice=logged-out"));
        assert!(!ada.cookies.contains_key(SESSION));
        ada.cookies = kept;
        assert!(!ada.is_logged_in().await, "whoever kept the cookie has nothing of it");
        assert!(elsewhere.is_logged_in().await);
        let trail = app.domain().audit.page(None, None, 100).await.unwrap();
        assert_eq!(trail.iter().filter(|event| event.action == Action::SessionEnded).count(), 1);
    }
}

#[actix_web::test]
async fn threat_w4_whoever_is_suspended_logs_out() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let kept = ada.cookies.clone();
        ada.open("/dashboard").await;
        let form = ada.page.clone();
        suspend(&app).await;
        assert_eq!(ada.open("/dashboard").await, 403);
        ada.page = form;
        assert_eq!(ada.send("/logout", &[]).await, 303);
        assert_eq!(ada.leads_to(), Some("/login?notice=logged-out"));
        assert!(!ada.cookies.contains_key(SESSION));
        resume(&app).await;
        ada.cookies = kept;
        assert!(!ada.is_logged_in().await);
    }
}

#[actix_web::test]
async fn whoever_is_logged_in_already_is_led_to_the_dashboard() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    for page in ["/login", "/signup"] {
        assert_eq!((ada.open(page).await, ada.leads_to()), (303, Some("/dashboard")), "{page}");
    }
}

#[actix_web::test]
async fn a_refusal_shows_who_is_logged_in() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    let unknown = "/dashboard/keys/0199a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b/revoke";
    for (path, status) in [(unknown, 404), ("/verify-email?token=x", 404), ("/forgot-password", 200)] {
        assert_eq!(ada.open(path).await, status, "{path}");
        assert!(ada.html().contains("Log out") && !ada.html().contains("href=\"/signup\""), "{path}");
    }
    ada.open("/dashboard").await;
    let foreign =
        ada.filled_in("/dashboard/end-tokens", &[]).insert_header(("origin", "https://evil.example.com"));
    assert_eq!(ada.load(foreign).await, 403);
    assert!(ada.html().contains("Log out"));
    assert_eq!(ada.send("/logout", &[]).await, 303, "by the form of a refusal");
    ada.open("/verify-email?token=x").await;
    assert!(!ada.html().contains("Log out"));
}

#[actix_web::test]
async fn threat_w4_ending_all_tokens_logs_everybody_out() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let mut elsewhere = logged_in(&app, "ada@example.com").await;
        let mut eve = Window::signed_up(&app, "eve@example.com").await;
        ada.open("/dashboard/end-tokens").await;
        assert!(elsewhere.is_logged_in().await, "to look at the page does nothing");
        assert_eq!(ada.send("/dashboard/end-tokens", &[]).await, 303);
        assert_eq!(ada.leads_to(), Some("/login?notice=ended"));
        assert!(!ada.cookies.contains_key(SESSION));
        assert!(!elsewhere.is_logged_in().await);
        assert!(eve.is_logged_in().await);
    }
}

#[actix_web::test]
async fn threat_w4_a_reset_logs_everybody_out() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        app.send_mail().await;
        let mut visitor = Window::new(&app);
        visitor.open("/forgot-password").await;
        visitor.send("/forgot-password", &[("email", "ada@example.com")]).await;
        let token = newest_token(&app).await;
        assert_eq!(visitor.open(&format!("/reset-password?token={token}")).await, 200);
        assert!(ada.is_logged_in().await);
        visitor.send("/reset-password", &[("token", &token), ("password", "another fine password")]).await;
        assert_eq!(visitor.leads_to(), Some("/login?notice=reset"));
        assert!(!ada.is_logged_in().await);
    }
}

/// The account that there is.
async fn only_account(app: &TestApp) -> AccountId {
    let trail = app.domain().audit.page(None, None, 100).await.unwrap();
    trail.iter().find_map(|event| event.account).unwrap()
}

async fn suspend(app: &TestApp) {
    let context = RequestContext::of_ours(RequestId::from_uuid(uuid::Uuid::nil()));
    app.domain().accounts.suspend(only_account(app).await, &admin("root"), &context).await.unwrap();
}

async fn resume(app: &TestApp) {
    let context = RequestContext::of_ours(RequestId::from_uuid(uuid::Uuid::nil()));
    app.domain().accounts.resume(only_account(app).await, &admin("root"), &context).await.unwrap();
}

#[actix_web::test]
async fn a_suspended_account_is_told_so_and_goes_on_after_a_resume() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        suspend(&app).await;
        assert_eq!(ada.open("/dashboard").await, 403);
        assert!(ada.html().contains("Your account is suspended"));
        let mut visitor = Window::new(&app);
        visitor.open("/login").await;
        visitor.send("/login", &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
        assert_eq!(visitor.page.status, 403, "the password is right");
        resume(&app).await;
        assert!(ada.is_logged_in().await);
    }
}

#[actix_web::test]
async fn threat_c11_a_login_leads_to_the_dashboard_whatever_the_address_says() {
    let app = TestApp::start(Database::Sqlite).await;
    Window::signed_up(&app, "ada@example.com").await;
    for query in
        ["?return_to=https://evil.example.com", "?next=//evil.example.com", "?notice=//evil.example.com"]
    {
        let mut ada = Window::new(&app);
        assert_eq!(ada.open(&format!("/login{query}")).await, 200);
        assert!(!ada.html().contains("evil"), "{query}");
        let fields =
            [("email", "ada@example.com"), ("password", PASSWORD), ("return_to", "https://evil.example.com")];
        let request = ada.filled_in(&format!("/login{query}"), &fields).insert_header(("origin", HERE));
        assert_eq!(ada.load(request).await, 303);
        assert_eq!(ada.leads_to(), Some("/dashboard"), "{query}");
    }
}
