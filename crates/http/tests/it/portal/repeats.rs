//! A form that is sent twice: a double click, a page that is loaded again.

use keyward_domain::audit::{Action, AuditEvent};
use keyward_testkit::app::{Database, TestApp};

use super::window::{HERE, PASSWORD, Window};

const KEYS: &str = "/dashboard/keys";
const NEW: [(&str, &str); 4] =
    [("label", "bot"), ("purpose", "bot"), ("expires", "never"), ("access", "all")];
const ADA: [(&str, &str); 3] = [("name", "Ada"), ("email", "ada@example.com"), ("password", PASSWORD)];

/// Sends the form of the page that is shown twice. What each answer shows.
async fn twice(window: &mut Window<'_>, path: &str, fields: &[(&str, &str)]) -> [(u16, String); 2] {
    let form = window.page.clone();
    let mut answers = Vec::new();
    for _ in 0..2 {
        window.page = form.clone();
        let status = window.send(path, fields).await;
        answers.push((status, window.secret()));
    }
    answers.try_into().expect("two")
}

async fn how_many(app: &TestApp, action: Action) -> usize {
    let trail = app.domain().audit.page(None, None, 100).await.unwrap();
    trail.iter().filter(|event: &&AuditEvent| event.action == action).count()
}

/// The page to rotate the newest key.
async fn rotate_page(window: &mut Window<'_>) -> String {
    window.open("/dashboard").await;
    let html = window.html();
    let mut links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let link = links.find(|link| link.ends_with("/rotate")).expect("a key").to_owned();
    window.open(&link).await;
    link
}

#[actix_web::test]
async fn threat_k6_a_form_that_is_sent_twice_makes_one_key_and_shows_it_twice() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        ada.open("/dashboard/keys/new").await;
        let [first, second] = twice(&mut ada, KEYS, &NEW).await;
        assert_eq!(first.0, 200);
        assert_eq!(first, second);
        assert_eq!(how_many(&app, Action::KeyCreated).await, 1);
        // Each page has another form.
        ada.open("/dashboard/keys/new").await;
        assert_eq!(ada.send(KEYS, &NEW).await, 200);
        assert_ne!(ada.secret(), first.1);
    }
}

#[actix_web::test]
async fn threat_k6_a_rotation_that_is_sent_twice_shows_the_new_key_twice() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let rotate = rotate_page(&mut ada).await;
        let [first, second] = twice(&mut ada, &rotate, &[("grace", "0")]).await;
        assert_eq!(first.0, 200);
        assert_eq!(first, second);
        assert_eq!(how_many(&app, Action::KeyRotated).await, 1);
        assert_eq!(app.get("/forward-auth", &[("x-api-key", &second.1)]).await.status, 200);
    }
}

#[actix_web::test]
async fn threat_k6_a_sign_up_that_is_sent_twice_makes_one_account_and_shows_its_key_twice() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::new(&app);
        ada.open("/signup").await;
        let [first, second] = twice(&mut ada, "/signup", &ADA).await;
        assert_eq!(first.0, 200);
        assert_eq!(first, second);
        assert_eq!(how_many(&app, Action::AccountRegistered).await, 1);
        assert_eq!(app.send_mail().await.len(), 1, "nobody is told that the address is taken");
        assert!(ada.is_logged_in().await);
    }
}

#[actix_web::test]
async fn threat_k7_another_account_and_another_browser_see_nothing_of_a_form_s_answer() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::new(&app);
    ada.open("/signup").await;
    let signup = ada.form_id().expect("a form that makes something");
    ada.send("/signup", &ADA).await;
    let first = ada.secret();
    ada.open("/dashboard/keys/new").await;
    let create = ada.form_id().expect("a form that makes something");
    ada.send(KEYS, &NEW).await;
    let second = ada.secret();

    let mut eve = Window::new(&app);
    eve.open("/signup").await;
    let (own, html) = (eve.form_id().unwrap(), eve.html());
    eve.page.body = html.replace(&own, &signup).into_bytes();
    assert_eq!(eve.send("/signup", &ADA).await, 409, "{}", eve.html());
    assert!(!eve.html().contains(&first));

    let mut eve = Window::signed_up(&app, "eve@example.com").await;
    eve.open("/dashboard/keys/new").await;
    let (own, html) = (eve.form_id().unwrap(), eve.html());
    eve.page.body = html.replace(&own, &create).into_bytes();
    assert_eq!(eve.send(KEYS, &NEW).await, 200);
    assert_ne!(eve.secret(), second, "it is a key of Eve's own");
}

#[actix_web::test]
async fn a_form_that_was_sent_is_not_sent_again_with_something_else_in_it() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    ada.open("/dashboard/keys/new").await;
    let form = ada.page.clone();
    assert_eq!(ada.send(KEYS, &NEW).await, 200);
    ada.page = form;
    let other = NEW.map(|(name, value)| if name == "label" { (name, "another") } else { (name, value) });
    assert_eq!(ada.send(KEYS, &other).await, 409);
    assert!(ada.html().contains("This form was sent before"));
    assert_eq!(how_many(&app, Action::KeyCreated).await, 1);
}

#[actix_web::test]
async fn threat_k7_a_form_without_an_id_of_ours_makes_nothing() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    for id in ["", "1", &"A".repeat(42), &"A".repeat(44), &"+".repeat(43)] {
        ada.open("/dashboard/keys/new").await;
        let (own, html) = (ada.form_id().unwrap(), ada.html());
        ada.page.body = html.replace(&own, id).into_bytes();
        let request = ada.filled_in(KEYS, &NEW).insert_header(("origin", HERE));
        assert_eq!(ada.load(request).await, 403, "{id}");
    }
    assert_eq!(how_many(&app, Action::KeyCreated).await, 0);
}
