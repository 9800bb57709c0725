//! A limit on what succeeds.

use actix_web::test::TestRequest;
use keyward_testkit::app::{Answer, Database, TestApp};
use serde_json::json;

use super::client::{REGISTER, from, left, post};

const FEW: &str = "[limits]\nnew_accounts_per_hour = 2\n[limits.tradeready]\nregister = 100\n";

async fn register(app: &TestApp, name: &str) -> Answer {
    let body = json!({"display_name": name, "email": format!("{name}@example.com")});
    post(app, "192.0.2.1", REGISTER, &body).await
}

#[actix_web::test]
async fn threat_e4_only_registrations_that_succeed_take_from_the_new_accounts() {
    for database in Database::BOTH {
        let app = TestApp::with_limits(database, FEW).await;
        let first = register(&app, "a").await;
        assert_eq!((first.status, left(&first)), (201, (2, 1)));
        for _ in 0..5 {
            let taken = register(&app, "a").await;
            assert_eq!((taken.status, left(&taken).0), (409, 100));
            let invalid = post(&app, "192.0.2.1", REGISTER, &json!({"display_name": ""})).await;
            assert_eq!((invalid.status, left(&invalid).0), (422, 100));
        }
        let second = register(&app, "b").await;
        assert_eq!((second.status, left(&second)), (201, (2, 0)));
        let third = register(&app, "c").await;
        assert_eq!((third.status, left(&third)), (429, (2, 0)));
        assert_eq!(
            third.json()["error"]["details"],
            json!({"limit": 2, "window_seconds": 3600, "retry_after_seconds": 1800})
        );
        // What was refused took nothing from the other limit: twelve did, and the next one is refused again.
        let body = json!({"display_name": "c"});
        assert_eq!(post(&app, "192.0.2.2", REGISTER, &body).await.status, 201, "another network");
    }
}

#[actix_web::test]
async fn a_registration_that_is_told_again_takes_nothing() {
    for database in Database::BOTH {
        let app = TestApp::with_limits(database, FEW).await;
        let ask = async || {
            let body = json!({"display_name": "a", "email": "a@example.com"});
            let request = TestRequest::post().uri(REGISTER).set_json(body);
            let named = request.insert_header(("idempotency-key", "0f8fad5b-d9cb-469f-a165-70867728950e"));
            app.send(from("192.0.2.1", named)).await
        };
        let first = ask().await;
        assert_eq!((first.status, left(&first)), (201, (2, 1)));
        for _ in 0..3 {
            let again = ask().await;
            assert_eq!((again.status, again.text("/api_key")), (201, first.text("/api_key")), "{database:?}");
        }
        let second = register(&app, "b").await;
        assert_eq!((second.status, left(&second)), (201, (2, 0)));
    }
}
