//! Changing the password.

use keyward_domain::audit::Action;
use keyward_testkit::app::{Database, TestApp};

use super::window::{PASSWORD, SESSION, Window};

const ANOTHER: &str = "another fine password";

async fn log_in(window: &mut Window<'_>, password: &str) -> u16 {
    window.open("/login").await;
    window.send("/login", &[("email", "ada@example.com"), ("password", password)]).await
}

#[actix_web::test]
async fn threat_a5_changing_the_password_ends_every_other_login_and_renews_this_one() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let mut elsewhere = Window::new(&app);
        assert_eq!(log_in(&mut elsewhere, PASSWORD).await, 303);
        ada.open("/dashboard").await;
        assert!(ada.html().contains("href=\"/dashboard/password\""));
        let before = ada.cookies.clone();

        ada.open("/dashboard/password").await;
        ada.send("/dashboard/password", &[("present", PASSWORD), ("password", ANOTHER)]).await;

        assert_eq!((ada.page.status, ada.leads_to()), (303, Some("/dashboard?notice=password")));
        assert_ne!(ada.cookies[SESSION], before[SESSION]);
        ada.open("/dashboard?notice=password").await;
        assert!(
            ada.html().contains("Your password is changed")
                && ada.html().contains("The password was changed")
        );
        let mut kept = Window::new(&app);
        kept.cookies = before;
        assert!(!kept.is_logged_in().await && !elsewhere.is_logged_in().await);
        assert_eq!(log_in(&mut kept, PASSWORD).await, 401);
        assert_eq!(log_in(&mut kept, ANOTHER).await, 303);
    }
}

#[actix_web::test]
async fn threat_a5_a_stolen_session_does_not_change_the_password() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut eve = Window::signed_up(&app, "ada@example.com").await;
    for (present, chosen, field) in
        [("a guess", ANOTHER, "present"), ("", ANOTHER, "present"), (PASSWORD, "short", "password")]
    {
        eve.open("/dashboard/password").await;
        assert_eq!(eve.send("/dashboard/password", &[("present", present), ("password", chosen)]).await, 422);
        assert!(eve.html().contains(&format!("id=\"{field}-wrong\"")), "{}", eve.html());
        assert!(!eve.html().contains(ANOTHER) && !eve.html().contains(PASSWORD));
    }
    assert!(eve.is_logged_in().await);
    let trail = app.domain().audit.page(None, None, 100).await.unwrap();
    assert!(trail.iter().all(|event| event.action != Action::PasswordChanged));
    assert_eq!(log_in(&mut Window::new(&app), PASSWORD).await, 303);
}

#[actix_web::test]
async fn threat_a5_a_stolen_session_tries_no_more_passwords_than_a_stranger() {
    let toml = "[limits]\npassword_checks = 100\n[limits.portal]\nlogin = 100\n";
    let app = TestApp::with_limits(Database::Sqlite, toml).await;
    let mut eve = Window::signed_up(&app, "ada@example.com").await;
    eve.open("/dashboard/password").await;
    let form = eve.page.clone();
    let mut statuses = Vec::new();
    for _ in 0..11 {
        eve.page = form.clone();
        statuses
            .push(eve.send("/dashboard/password", &[("present", "a guess"), ("password", ANOTHER)]).await);
    }
    assert_eq!(statuses, [vec![422; 10], vec![429]].concat());
    assert!(eve.page.header("retry-after").is_some());
}
