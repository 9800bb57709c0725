//! The public keys, and for how long whoever verifies by them may keep them.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_testkit::app::{Answer, Database, TestApp};

const PATH: &str = "/.well-known/jwks.json";

async fn ask(app: &TestApp, method: Method, known: &str) -> Answer {
    app.send(TestRequest::default().method(method).uri(PATH).insert_header(("if-none-match", known))).await
}

#[actix_web::test]
async fn the_jwks_holds_the_key_of_every_token_and_nothing_private() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    let token = app.log_in(&alpha).await;
    let jwks = app.get(PATH, &[]).await;
    assert_eq!(jwks.header("content-type"), Some("application/json"));
    let keys = jwks.json()["keys"].as_array().unwrap().clone();
    let header = jsonwebtoken::decode_header(&token).unwrap();
    assert!(keys.iter().any(|key| key["kid"].as_str() == header.kid.as_deref()));
    for key in keys {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
}

#[actix_web::test]
async fn who_has_the_keys_already_is_told_so_and_for_how_long_they_are_good() {
    let app = TestApp::start(Database::Sqlite).await;
    let first = app.get(PATH, &[]).await;
    assert_eq!((first.status, first.header("cache-control")), (200, Some("public, max-age=300")));
    let etag = first.header("etag").unwrap();
    assert!(etag.starts_with('"') && etag.ends_with('"'), "a strong one: {etag}");
    for known in [etag.to_owned(), format!("\"other\", {etag}"), format!("W/{etag}"), "*".to_owned()] {
        for method in [Method::GET, Method::HEAD] {
            let again = ask(&app, method, &known).await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{known}");
            for header in ["etag", "cache-control"] {
                assert_eq!(again.header(header), first.header(header), "{known}");
            }
            assert!(again.header("request-id").is_some_and(|id| Some(id) == again.header("x-request-id")));
            assert_eq!(again.header("content-type"), None);
        }
    }
}

#[actix_web::test]
async fn who_has_other_keys_or_says_nothing_readable_gets_them_all() {
    let app = TestApp::start(Database::Sqlite).await;
    let first = app.get(PATH, &[]).await;
    let bare = first.header("etag").unwrap().trim_matches('"').to_owned();
    for known in ["\"other\"", "", &bare, "\"", &format!("\"{bare}"), "\u{e9}"] {
        let again = ask(&app, Method::GET, known).await;
        assert_eq!((again.status, &again.body), (200, &first.body), "{known}");
    }
}

#[actix_web::test]
async fn other_keys_have_another_name_and_the_same_keys_the_same() {
    let app = TestApp::start(Database::Sqlite).await;
    let before = app.get(PATH, &[]).await;
    let again = app.get(PATH, &[]).await;
    assert_eq!(again.header("etag"), before.header("etag"));

    let bearer = format!("Bearer {}", app.admin_key());
    let rotate = TestRequest::post().uri("/admin/v1/signing-keys/rotate");
    let rotated =
        app.send(rotate.insert_header(("authorization", bearer)).set_json(serde_json::json!({}))).await;
    assert_eq!(rotated.status, 200, "{rotated:?}");

    let after = ask(&app, Method::GET, before.header("etag").unwrap()).await;
    assert_eq!(after.status, 200);
    assert_ne!((after.header("etag"), &after.body), (before.header("etag"), &before.body));
}

#[actix_web::test]
async fn keys_that_sign_sooner_may_be_kept_for_a_shorter_time() {
    let soon = "[signing_keys]\npublish_minutes = 10\n";
    let app = TestApp::with_config(Database::Sqlite, soon).await;
    let kept = app.get(PATH, &[]).await;
    assert_eq!(kept.header("cache-control"), Some("public, max-age=200"));
}
