//! What pages for visitors give away: nothing of who has an account, but for the sign-up.

use keyward_testkit::app::{Database, TestApp};

use super::window::{PASSWORD, SESSION, Window};

/// The page without what differs between any two of it.
fn compared(window: &Window<'_>, typed: &str) -> (u16, String) {
    let html = window.html().replace(&window.hidden("form_token"), "…").replace(typed, "…");
    (window.page.status, html)
}

#[actix_web::test]
async fn threat_e1_failed_logins_are_one_page() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        Window::signed_up(&app, "ada@example.com").await;
        let mut pages = Vec::new();
        for (email, password) in
            [("ada@example.com", "wrong"), ("ADA@Example.com", "wrong"), ("nobody@example.com", PASSWORD)]
        {
            let mut window = Window::new(&app);
            window.open("/login").await;
            window.send("/login", &[("email", email), ("password", password)]).await;
            assert!(!window.cookies.contains_key(SESSION));
            pages.push(compared(&window, email));
        }
        assert_eq!(pages[0].0, 401);
        assert!(pages.iter().all(|page| *page == pages[0]), "{pages:#?}");
    }
}

#[actix_web::test]
async fn threat_e5_whoever_has_forgotten_a_password_sees_one_page() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        Window::signed_up(&app, "ada@example.com").await;
        app.send_mail().await;
        let mut pages = Vec::new();
        for email in ["ada@example.com", "nobody@example.com"] {
            let mut window = Window::new(&app);
            window.open("/forgot-password").await;
            window.send("/forgot-password", &[("email", email)]).await;
            assert!(!window.html().contains(email));
            let html = window.html().replace(window.cookies.values().next().unwrap(), "…");
            pages.push((window.page.status, html));
        }
        assert_eq!(pages[0].0, 200);
        assert_eq!(pages[0], pages[1]);
        assert_eq!(app.send_mail().await.len(), 1);
    }
}

#[actix_web::test]
async fn what_is_wrong_is_said_beside_its_field_and_passwords_are_not_repeated() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut window = Window::new(&app);
    window.open("/signup").await;
    window.send("/signup", &[("name", " "), ("email", "no address"), ("password", "hunter2")]).await;
    assert_eq!(window.page.status, 422);
    let html = window.html();
    for id in ["name-wrong", "email-wrong", "password-wrong"] {
        assert!(html.contains(&format!("id=\"{id}\"")), "{html}");
    }
    assert!(html.contains("value=\"no address\"") && !html.contains("hunter2"), "{html}");
    for (password, why) in [
        ("password1", "would try"),
        ("ada@example.com", "would try"),
        (&"x".repeat(129), "128 characters at most"),
    ] {
        window.open("/signup").await;
        window
            .send("/signup", &[("name", "Ada"), ("email", "ada@example.com"), ("password", password)])
            .await;
        assert_eq!(window.page.status, 422);
        assert!(
            window.html().contains(why)
                && !window.html().contains(&format!("\"{password}\" type=\"password"))
        );
    }
    window.open("/login").await;
    assert_eq!(window.send("/login", &[("email", "x"), ("password", "")]).await, 422);
    window.open("/forgot-password").await;
    assert_eq!(window.send("/forgot-password", &[("email", "x")]).await, 422);
}

#[actix_web::test]
async fn threat_e4_an_address_that_is_taken_is_refused_and_its_owner_told() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        Window::signed_up(&app, "ada@example.com").await;
        app.send_mail().await;
        let mut window = Window::new(&app);
        window.open("/signup").await;
        window
            .send("/signup", &[("name", "Eve"), ("email", "ADA@example.com"), ("password", PASSWORD)])
            .await;
        assert_eq!(window.page.status, 409);
        assert!(window.html().contains("<title>Error: Sign up"), "{}", window.html());
        assert!(window.html().contains("role=\"alert\" tabindex=\"-1\" autofocus"));
        let form =
            window.html().split("<form method=\"post\" action=\"/signup\">").nth(1).unwrap().to_owned();
        assert!(form.split("</form>").next().unwrap().contains("href=\"/forgot-password\""), "{form}");
        assert!(!window.cookies.contains_key(SESSION));
        assert_eq!(app.send_mail().await[0].to.as_typed(), "ada@example.com");
    }
}

#[actix_web::test]
async fn threat_g6_a_throw_away_address_is_refused_beside_its_field() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut window = Window::new(&app);
    for email in ["ada@mailinator.com", "ada@some.MAILINATOR.com"] {
        window.open("/signup").await;
        window.send("/signup", &[("name", "Ada"), ("email", email), ("password", PASSWORD)]).await;
        assert_eq!(window.page.status, 422, "{email}");
        assert!(window.html().contains("id=\"email-wrong\""), "{}", window.html());
        assert!(!window.cookies.contains_key(SESSION));
    }
    assert!(app.send_mail().await.is_empty());
}

#[actix_web::test]
async fn threat_g2_too_many_failed_logins_wait() {
    let toml = "[limits]\npassword_checks = 100\n[limits.portal]\nlogin = 100\n";
    let app = TestApp::with_limits(Database::Sqlite, toml).await;
    let mut window = Window::new(&app);
    window.open("/login").await;
    let form = window.page.clone();
    let mut statuses = Vec::new();
    for _ in 0..11 {
        window.page = form.clone();
        statuses.push(window.send("/login", &[("email", "nobody@example.com"), ("password", "x")]).await);
    }
    assert_eq!(statuses, [vec![401; 10], vec![429]].concat());
    assert!(window.page.header("retry-after").is_some());
}

#[actix_web::test]
async fn where_registration_is_closed_nobody_signs_up() {
    let app = TestApp::with_config(Database::Sqlite, "[portal]\nregistration = \"closed\"\n").await;
    let before = app.domain().audit.page(None, None, 100).await.unwrap();
    let mut window = Window::new(&app);
    assert_eq!(window.open("/login").await, 200);
    assert!(!window.html().contains("/signup"), "{}", window.html());
    let form = window.page.clone();
    assert_eq!(window.open("/signup").await, 403);
    assert!(window.html().contains("Nobody can sign up here") && !window.html().contains("href=\"/signup\""));
    window.page = form;
    let fields = [("name", "Eve"), ("email", "eve@example.com"), ("password", PASSWORD)];
    assert_eq!(window.send("/signup", &fields).await, 403);
    assert!(!window.cookies.contains_key(SESSION));
    assert_eq!(app.domain().audit.page(None, None, 100).await.unwrap(), before);
}

#[actix_web::test]
async fn a_password_that_is_too_long_is_refused_and_not_cut() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut window = Window::new(&app);
    window.open("/signup").await;
    assert!(
        !window
            .html()
            .split("id=\"password\"")
            .nth(1)
            .unwrap()
            .split('>')
            .next()
            .unwrap()
            .contains("maxlength")
    );
    let long = "x9".repeat(75);
    window.send("/signup", &[("name", "Ada"), ("email", "ada@example.com"), ("password", &long)]).await;
    assert_eq!(window.page.status, 422);
    assert!(window.html().contains("Use 128 characters at most."));
}
