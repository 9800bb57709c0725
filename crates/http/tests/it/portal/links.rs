//! Mailed links: pages whose address carries a token.

use std::time::Duration;

use actix_web::http::Method;
use keyward_testkit::app::{Database, TestApp};

use super::window::{Window, newest_token};

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
