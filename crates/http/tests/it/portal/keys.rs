//! Keys in the portal: shown once, rotated, revoked.

use std::time::Duration;

use actix_web::test::TestRequest;
use keyward_domain::ids::RequestId;
use keyward_domain::keys::{CreateKey, Grace, KeyLabel, KeyPrefix, KeyPrefixes, KeyPurpose, SuccessorPrefix};
use keyward_domain::request::RequestContext;
use keyward_domain::scope::Scopes;
use keyward_testkit::app::{Database, TestApp};
use serde_json::json;

use super::window::{HERE, PASSWORD, Window, newest_token};

const KEYS: &str = "/dashboard/keys";
const ALL: [(&str, &str); 4] =
    [("label", "bot"), ("purpose", "bot"), ("expires", "never"), ("access", "all")];

async fn opens(app: &TestApp, key: &str) -> u16 {
    app.get("/forward-auth", &[("x-api-key", key)]).await.status
}

/// The addresses of the pages about the keys that the dashboard shows, newest first.
fn pages_of(window: &Window<'_>, deed: &str) -> Vec<String> {
    let html = window.html();
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|link| link.ends_with(deed)).map(str::to_owned).collect()
}

#[actix_web::test]
async fn threat_k7_a_secret_is_shown_in_one_answer_and_in_no_other() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let first = ada.secret();
        assert!(first.starts_with("kw_live_"));
        ada.open("/dashboard/keys/new").await;
        assert_eq!(ada.send("/dashboard/keys", &ALL).await, 200);
        assert_eq!(ada.page.header("cache-control"), Some("no-store"));
        let second = ada.secret();
        for secret in [&first, &second] {
            assert_eq!(opens(&app, secret).await, 200);
        }
        ada.open("/dashboard").await;
        let revoke = pages_of(&ada, "/revoke");
        let rotate = pages_of(&ada, "/rotate");
        assert_eq!((revoke.len(), rotate.len()), (2, 2));
        let pages = ["/dashboard", "/dashboard/keys/new", "/dashboard/end-tokens"].map(str::to_owned);
        for page in pages.iter().chain(&revoke).chain(&rotate) {
            assert_eq!(ada.open(page).await, 200);
            for secret in [&first, &second] {
                let handle = &secret["kw_live_".len() + 4..];
                assert!(!ada.html().contains(handle), "{page} shows more of a key than its preview");
            }
        }
        // The page with a secret is the answer to a form: asked for by its address there is none.
        assert_eq!(ada.open("/dashboard/keys").await, 303);
        assert_eq!(ada.leads_to(), Some("/dashboard"));
    }
}

#[actix_web::test]
async fn threat_k5_a_rotated_key_is_dead_at_once_unless_it_was_given_time() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let old = ada.secret();
        ada.open("/dashboard").await;
        let rotate = pages_of(&ada, "/rotate").remove(0);
        ada.open(&rotate).await;
        assert_eq!(opens(&app, &old).await, 200, "to look at the page does nothing");
        let (open, grace) = (ada.page.clone(), [("grace", "0")]);
        ada.open(&rotate).await;
        assert_eq!(ada.send(&rotate, &grace).await, 200);
        let new = ada.secret();
        assert_eq!((opens(&app, &old).await, opens(&app, &new).await), (401, 200));
        // It has ended: a form that was left open does not rotate it again.
        ada.page = open;
        assert_eq!(ada.send(&rotate, &grace).await, 409);

        ada.open("/dashboard").await;
        let rotate = pages_of(&ada, "/rotate").remove(0);
        ada.open(&rotate).await;
        assert_eq!(ada.send(&rotate, &[("grace", "12")]).await, 403, "no choice of the page");
        ada.open(&rotate).await;
        assert_eq!(ada.send(&rotate, &[("grace", "3600")]).await, 200);
        let newest = ada.secret();
        assert_eq!((opens(&app, &new).await, opens(&app, &newest).await), (200, 200));
        app.clock().advance(Duration::from_secs(3_600));
        assert_eq!((opens(&app, &new).await, opens(&app, &newest).await), (401, 200));
    }
}

#[actix_web::test]
async fn a_revoked_key_is_dead_and_says_so() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let key = ada.secret();
        ada.open("/dashboard").await;
        let revoke = pages_of(&ada, "/revoke").remove(0);
        assert_eq!(ada.open(&revoke).await, 200);
        assert_eq!(opens(&app, &key).await, 200, "to look at the page does nothing");
        assert_eq!(ada.send(&revoke, &[]).await, 303);
        assert_eq!(ada.leads_to(), Some("/dashboard?notice=revoked"));
        assert_eq!(opens(&app, &key).await, 401);
        ada.open("/dashboard").await;
        assert!(!ada.html().contains(">revoked<") && pages_of(&ada, "/revoke").is_empty());
        let which = format!("A key was revoked <span class=\"soft\">(Unnamed key, {}…)", &key[..12]);
        assert!(ada.html().contains(&which), "{}", ada.html());
        ada.open("/dashboard?ended").await;
        assert!(ada.html().contains(">revoked<") && pages_of(&ada, "/revoke").is_empty());
    }
}

#[actix_web::test]
async fn threat_a2_nobody_sees_or_changes_another_account_s_keys() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let key = ada.secret();
        ada.open("/dashboard").await;
        let (rotate, revoke) = (pages_of(&ada, "/rotate").remove(0), pages_of(&ada, "/revoke").remove(0));
        let mut eve = Window::signed_up(&app, "eve@example.com").await;
        for page in [&rotate, &revoke] {
            assert_eq!(eve.open(page).await, 404);
            assert!(!eve.html().contains("kw_live_"));
            eve.open("/dashboard/keys/new").await;
            assert_eq!(eve.send(page, &[("grace", "0")]).await, 404);
        }
        assert_eq!(eve.open("/dashboard/keys/no-id/rotate").await, 404);
        assert_eq!(opens(&app, &key).await, 200);
    }
}

#[actix_web::test]
async fn a_key_has_what_was_chosen_for_it() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    ada.open("/dashboard/keys/new").await;
    let fields = [
        ("label", " staging "),
        ("purpose", "mcp"),
        ("expires", "7"),
        ("access", "some"),
        ("scope", "account:read"),
        ("scope", "keys:manage"),
    ];
    assert_eq!(ada.send("/dashboard/keys", &fields).await, 200);
    let key = ada.secret();
    ada.open("/dashboard").await;
    assert!(ada.html().contains("<strong>staging</strong>"), "{}", ada.html());
    assert!(ada.html().contains("account:read, keys:manage"));
    app.clock().advance(Duration::from_secs(7 * 24 * 3_600 - 1));
    assert_eq!(opens(&app, &key).await, 200);
    app.clock().advance(Duration::from_secs(1));
    assert_eq!(opens(&app, &key).await, 401);
}

#[actix_web::test]
async fn what_cannot_be_chosen_is_refused_beside_its_field() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    for (name, value, wrong) in [
        ("label", "a\u{202e}b", "label-wrong"),
        ("label", &"x".repeat(65), "label-wrong"),
        ("purpose", "root", "purpose-wrong"),
        ("expires", "8", "expires-wrong"),
        ("expires", "-1", "expires-wrong"),
        ("access", "some", "access-wrong"),
        ("access", "", "access-wrong"),
    ] {
        ada.open("/dashboard/keys/new").await;
        let fields = ALL.map(|(field, good)| if field == name { (field, value) } else { (field, good) });
        assert_eq!(ada.send("/dashboard/keys", &fields).await, 422, "{name}={value}");
        assert!(ada.html().contains(&format!("id=\"{wrong}\"")), "{name}={value}");
    }
    // Whoever ticks a right and leaves "all" chosen means one of the two, and is asked which.
    for access in ["all", ""] {
        ada.open("/dashboard/keys/new").await;
        let fields = ALL.map(|(field, good)| if field == "access" { (field, access) } else { (field, good) });
        let fields = [&fields[..], &[("scope", "account:read")]].concat();
        assert_eq!(ada.send("/dashboard/keys", &fields).await, 422, "{access}");
        assert!(ada.html().contains("id=\"access-wrong\""), "{access}");
        assert!(ada.html().contains("value=\"account:read\" checked"), "what was ticked stays so");
    }
    ada.open("/dashboard/keys/new").await;
    let unknown =
        [("label", ""), ("purpose", "api"), ("expires", "7"), ("access", "some"), ("scope", "root")];
    let request = ada.filled_in("/dashboard/keys", &unknown).insert_header(("origin", HERE));
    assert_eq!(ada.load(request).await, 422);
}

#[actix_web::test]
async fn a_new_key_ends_after_90_days_unless_another_end_is_chosen() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    ada.open("/dashboard/keys/new").await;
    assert!(ada.html().contains("<option value=\"90\" selected>"), "{}", ada.html());
    ada.send("/dashboard/keys", &[("label", ""), ("expires", "never"), ("access", "all")]).await;
    assert!(ada.html().contains("<option value=\"never\" selected>"), "{}", ada.html());
}

#[actix_web::test]
async fn a_plan_s_number_of_keys_is_kept_and_said_before_a_form_is_filled_in() {
    let app = TestApp::start(Database::Sqlite).await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    ada.open("/dashboard/keys/new").await;
    let open = ada.page.clone();
    for number in 2..=10 {
        ada.open("/dashboard/keys/new").await;
        assert_eq!(ada.send(KEYS, &ALL).await, 200, "{number}");
    }
    // What was typed meanwhile is not lost.
    ada.page = open;
    assert_eq!(ada.send(KEYS, &ALL).await, 409);
    assert!(ada.html().contains("No more keys") && ada.html().contains("value=\"bot\" maxlength"));
    ada.open("/dashboard").await;
    assert!(ada.html().contains("10 of 10 keys") && ada.html().contains("No more keys"));
    assert!(!ada.html().contains("href=\"/dashboard/keys/new\""));
    ada.open("/dashboard/keys/new").await;
    assert!(ada.html().contains("No more keys") && !ada.html().contains("Make the key"));

    let revoke = {
        ada.open("/dashboard").await;
        pages_of(&ada, "/revoke").remove(0)
    };
    ada.open(&revoke).await;
    ada.send(&revoke, &[]).await;
    ada.open("/dashboard").await;
    assert!(ada.html().contains("9 of 10 keys") && !ada.html().contains("No more keys"));
}

/// The labels of all keys of this list, page by page.
async fn listed(window: &mut Window<'_>, first: &str) -> Vec<String> {
    let (mut labels, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(page) = next {
        assert_eq!(window.open(&page).await, 200);
        let html = window.html();
        let rows = html.split("<td role=\"cell\"><strong>").skip(1);
        labels.extend(rows.filter_map(|row| row.split('<').next()).map(str::to_owned));
        let link = html
            .split("href=\"")
            .find(|rest| rest.split_once("\">Older<").is_some_and(|(a, _)| !a.contains('<')));
        next = link.and_then(|rest| rest.split('"').next()).map(|link| link.replace("&amp;", "&"));
    }
    labels
}

#[actix_web::test]
async fn a_good_key_stays_in_sight_however_many_have_ended() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let mut ada = Window::signed_up(&app, "ada@example.com").await;
        let first = ada.secret();
        let own_keys = &app.domain().own_keys;
        let principal = app.domain().keys.authenticate(&first).await.unwrap();
        let context = || RequestContext::of_ours(RequestId::from_uuid(uuid::Uuid::nil()));
        let label = |text: &str| KeyLabel::parse(text).unwrap();
        let prefixes = KeyPrefixes {
            live: KeyPrefix::from_static("kw_live_"),
            sandbox: KeyPrefix::from_static("kw_test_"),
        };
        let command = CreateKey {
            label: label("rotated"),
            scopes: Scopes::ALL,
            purpose: KeyPurpose::Bot,
            expires_at: None,
            prefixes: prefixes.clone(),
        };
        let mut newest = own_keys.create(&principal, command, &context()).await.unwrap().key.id;
        for _ in 0..101 {
            app.clock().advance(Duration::from_secs(1));
            let rotated = own_keys
                .rotate(&principal, newest, Grace::NONE, SuccessorPrefix::OfSurface(&prefixes), &context())
                .await
                .unwrap();
            newest = rotated.issued.key.id;
        }
        assert_eq!(listed(&mut ada, "/dashboard").await, ["rotated", "Unnamed key"]);
        assert!(ada.html().contains("2 of 10 keys"));
        assert_eq!(listed(&mut ada, "/dashboard?ended").await, ["rotated"; 101]);
        // A cursor that is none of this list's is its beginning.
        assert_eq!(ada.open("/dashboard?after=AAAA").await, 200);
        assert!(ada.html().contains("Unnamed key"));
    }
}

#[actix_web::test]
async fn that_an_address_must_be_verified_is_said_before_a_form_is_filled_in() {
    let app = TestApp::with_config(Database::Sqlite, "[keys]\nverified_only = \"on\"\n").await;
    let mut ada = Window::signed_up(&app, "ada@example.com").await;
    ada.open("/dashboard").await;
    assert!(ada.html().contains("keys are made and changed once"));
    assert!(pages_of(&ada, "/revoke").is_empty() && pages_of(&ada, "/rotate").is_empty());
    ada.open("/dashboard/keys/new").await;
    assert!(ada.html().contains("keys are made and changed once") && !ada.html().contains("Make the key"));
    let token = newest_token(&app).await;
    ada.open(&format!("/verify-email?token={token}")).await;
    ada.send("/verify-email", &[("token", &token)]).await;
    ada.open("/dashboard/keys/new").await;
    assert_eq!(ada.send(KEYS, &ALL).await, 200);
}

#[actix_web::test]
async fn a_key_that_logs_in_keeps_its_prefix_and_whoever_rotates_it_is_warned() {
    let app = TestApp::start(Database::Sqlite).await;
    let account = json!({"display_name": "Ada", "email": "ada@example.com", "password": PASSWORD});
    let register = TestRequest::post().uri("/tradeready/api/v1/auth/register");
    let registered = app.send(register.set_json(account)).await;
    assert_eq!(registered.status, 201);
    let mut ada = Window::new(&app);
    ada.open("/login").await;
    ada.send("/login", &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
    ada.open("/dashboard").await;
    let (mut warned, mut unwarned) = (0, 0);
    for rotate in pages_of(&ada, "/rotate") {
        ada.open(&rotate).await;
        match ada.html().contains("logs in with a second secret") {
            true => warned += 1,
            false => unwarned += 1,
        }
        assert_eq!(ada.send(&rotate, &[("grace", "0")]).await, 200);
        let key = ada.secret();
        assert!(key.starts_with("ak_live_"), "{key}");
        assert_eq!(opens(&app, &key).await, 200);
    }
    assert_eq!((warned, unwarned), (1, 1), "the account's key, and its agent's");
}
