//! Mailed links: pages whose address carries a token.

use std::time::Duration;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_testkit::app::{Database, TestApp};

use super::window::{PASSWORD, Window, newest_token};

#[actix_web::test]
async fn threat_c10_a_verification_link_asks_and_the_answer_is_a_form() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let link = format!("/verify-email?token={}", newest_token(&app).await);
        let before = app.domain().audit.page(None, None, 100).await.unwrap();
        // A program that looks through mail, again and again.
        let mut scanner = Window::new(&app);
        for method in [Method::GET, Method::HEAD, Method::GET, Method::GET] {
            let request = scanner.request(method, &link);
            assert_eq!(scanner.load(request).await, 200);
            assert_eq!(scanner.page.header("referrer-policy"), Some("no-referrer"));
            assert_eq!(scanner.page.header("cache-control"), Some("no-store"));
        }
        assert_eq!(app.domain().audit.page(None, None, 100).await.unwrap(), before);
        ada.open("/dashboard").await;
        assert!(ada.html().contains("not verified yet"));

        assert_eq!(ada.open(&link).await, 200);
        assert!(ada.html().contains("ada@example.com") && ada.html().contains("This is mine"));
        let token = ada.hidden("token");
        assert_eq!(ada.send("/verify-email", &[("token", &token)]).await, 303);
        assert_eq!(ada.leads_to(), Some("/dashboard?notice=verified"));
        ada.open("/dashboard?notice=verified").await;
        assert!(ada.html().contains("is verified") && !ada.html().contains("not verified yet"));

        assert_eq!(ada.open(&link).await, 410);
        assert!(ada.html().contains("This link was used"));
    }
}

#[actix_web::test]
async fn threat_c10_a_reset_link_asks_and_the_answer_is_a_form() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        Window::signed_up(&app, "ada@example.com").await;
        app.send_mail().await;
        let mut window = Window::new(&app);
        window.open("/forgot-password").await;
        window.send("/forgot-password", &[("email", "ada@example.com")]).await;
        let token = newest_token(&app).await;
        let link = format!("/reset-password?token={token}");
        for _ in 0..3 {
            assert_eq!(window.open(&link).await, 200);
            assert_eq!(window.page.header("referrer-policy"), Some("no-referrer"));
        }
        assert!(
            window.html().contains("ada@example.com")
                && window.html().contains("every key of the account ends")
        );
        // A password that may not be chosen uses nothing up.
        window.send("/reset-password", &[("token", &token), ("password", "short")]).await;
        assert_eq!(window.page.status, 422);
        assert_eq!(window.page.header("referrer-policy"), Some("no-referrer"));
        window.send("/reset-password", &[("token", &token), ("password", "another fine password")]).await;
        assert_eq!(window.leads_to(), Some("/login?notice=reset"));
        window.open("/login").await;
        window.send("/login", &[("email", "ada@example.com"), ("password", "another fine password")]).await;
        assert_eq!(window.leads_to(), Some("/dashboard"));
        assert_eq!(window.open(&link).await, 410);
    }
}

#[actix_web::test]
async fn threat_c10_whoever_did_not_make_the_account_takes_it_over() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut eve = Window::signed_up(&app, "ada@example.com").await;
        let key = eve.secret();
        let link = format!("/verify-email?token={}", newest_token(&app).await);
        let mut ada = Window::new(&app);
        assert_eq!(ada.open(&link).await, 200);
        assert!(ada.html().contains("its password, 1 key, 1 login"), "{}", ada.html());
        assert!(ada.html().contains("I made this account") && !ada.html().contains("This is mine"));
        let token = ada.hidden("token");
        // A password that may not be chosen uses nothing up.
        ada.send("/verify-email/take-over", &[("token", &token), ("password", "short")]).await;
        assert_eq!(ada.page.status, 422);
        assert!(ada.html().contains("id=\"password-wrong\""), "{}", ada.html());

        ada.send("/verify-email/take-over", &[("token", &token), ("password", "another fine password")])
            .await;

        assert_eq!((ada.page.status, ada.leads_to()), (303, Some("/login?notice=taken-over")));
        assert!(!eve.is_logged_in().await);
        let probe = TestRequest::get().uri("/forward-auth").insert_header(("x-api-key", key.as_str()));
        assert_eq!(app.send(probe).await.status, 401);
        eve.open("/login").await;
        eve.send("/login", &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
        assert_eq!(eve.page.status, 401);
        ada.open("/login?notice=taken-over").await;
        assert!(ada.html().contains("The account is yours"));
        ada.send("/login", &[("email", "ada@example.com"), ("password", "another fine password")]).await;
        assert!(ada.is_logged_in().await);
        assert!(!ada.html().contains("not verified yet"));
        assert_eq!(ada.open(&link).await, 410);
    }
}

#[actix_web::test]
async fn threat_c10_a_verified_account_is_not_taken_over_by_its_first_mail() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    let first = newest_token(&app).await;
    let mut visitor = Window::new(&app);
    visitor.open("/forgot-password").await;
    visitor.send("/forgot-password", &[("email", "ada@example.com")]).await;
    let token = newest_token(&app).await;
    visitor.open(&format!("/reset-password?token={token}")).await;
    visitor.send("/reset-password", &[("token", &token), ("password", "another fine password")]).await;
    visitor.open("/forgot-password").await;
    let fields = [("token", first.as_str()), ("password", "yet another password")];
    assert_eq!(visitor.send("/verify-email/take-over", &fields).await, 404);
    assert!(!ada.is_logged_in().await);
}

#[actix_web::test]
async fn an_address_that_is_verified_in_another_browser_leads_to_the_login() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    let mut phone = Window::new(&app);
    phone.open(&format!("/verify-email?token={}", newest_token(&app).await)).await;
    let token = phone.hidden("token");
    assert_eq!(phone.send("/verify-email", &[("token", &token)]).await, 303);
    assert_eq!(phone.leads_to(), Some("/login?notice=verified"));
    phone.open("/login?notice=verified").await;
    assert!(phone.html().contains("the address is verified") && !phone.html().contains("not logged in"));
    assert!(ada.is_logged_in().await, "whoever made it stays");
}

#[actix_web::test]
async fn threat_c6_whatever_is_answered_at_an_address_with_a_token_tells_nobody_the_address() {
    const TOLD: Option<&str> = Some("no-referrer");
    let app = TestApp::with_limits(Database::Sqlite, "[limits.portal]\nconfirm = 6\n").await;
    Window::signed_up(&app, "ada@example.com").await;
    let token = newest_token(&app).await;
    let mut window = Window::new(&app);
    let (link, none) = (format!("/verify-email?token={token}"), format!("/reset-password?token={token}"));
    assert_eq!((window.open(&link).await, window.page.header("referrer-policy")), (200, TOLD));
    assert_eq!((window.open(&none).await, window.page.header("referrer-policy")), (404, TOLD));
    app.clock().advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!((window.open(&link).await, window.page.header("referrer-policy")), (410, TOLD));
    let foreign = window.request(Method::GET, &link).insert_header(("host", "evil.example.com"));
    assert_eq!((window.load(foreign).await, window.page.header("referrer-policy")), (421, TOLD));
    let other = window.request(Method::DELETE, &link);
    assert_eq!((window.load(other).await, window.page.header("referrer-policy")), (405, TOLD));
    let mut statuses = Vec::new();
    while statuses.last() != Some(&429) && statuses.len() < 20 {
        statuses.push(window.open(&link).await);
    }
    assert_eq!((statuses.last(), window.page.header("referrer-policy")), (Some(&429), TOLD));
    app.clock().advance(Duration::from_secs(60 * 60));
    app.close();
    assert_eq!((window.open(&link).await, window.page.header("referrer-policy")), (503, TOLD));
}

#[actix_web::test]
async fn a_link_that_is_no_good_says_why() {
    let app = TestApp::start(Database::Sqlite).await;
    Window::signed_up(&app, "ada@example.com").await;
    let token = newest_token(&app).await;
    let mut window = Window::new(&app);
    for path in ["/verify-email", "/reset-password"] {
        for query in ["", "?token=", "?token=x", "?token=%ff", &format!("?token={}", "A".repeat(43))] {
            assert_eq!(window.open(&format!("{path}{query}")).await, 404, "{path}{query}");
            assert!(window.html().contains("This link does not work"));
        }
    }
    // One of another purpose is unknown.
    assert_eq!(window.open(&format!("/reset-password?token={token}")).await, 404);
    app.clock().advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(window.open(&format!("/verify-email?token={token}")).await, 410);
    assert!(window.html().contains("This link has expired"));
}

#[actix_web::test]
async fn another_mail_ends_the_link_of_the_one_before() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let first = newest_token(&app).await;
        ada.open("/dashboard").await;
        assert_eq!(ada.send("/dashboard/verification", &[]).await, 303);
        assert_eq!(ada.leads_to(), Some("/dashboard?notice=mailed"));
        let second = newest_token(&app).await;
        assert_eq!(ada.open(&format!("/verify-email?token={first}")).await, 404);
        assert_eq!(ada.open(&format!("/verify-email?token={second}")).await, 200);
    }
}
