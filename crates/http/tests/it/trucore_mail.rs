//! What goes by mail at TruCore: what its routes give away, and what they cannot set.

use actix_web::test::{TestRequest, init_service};
use keyward_domain::mail::MailFailed;
use keyward_domain::store::StoreError;
use keyward_testkit::app::{Answer, Database, Persona, TestApp};
use keyward_testkit::domain::{TestDomain, alpha_bot};
use keyward_testkit::mail::mailed_token;
use keyward_testkit::passwords::HashingWork;
use serde_json::json;

use crate::fakes::state;

const AUTH: &str = "/trucore/auth";
/// Both spellings of the path.
const FORGOT: [&str; 2] = ["/trucore/auth/reset-password/request", "/trucore/auth/password-reset/request"];

async fn forgot(app: &TestApp, path: &str, email: &str) -> Answer {
    app.post(path, &json!({"email": email})).await.without_request_id()
}

/// A token that this dialect gave the account.
async fn session(app: &TestApp, of: &Persona) -> String {
    let body = json!({"email": of.email, "password": of.password});
    format!("Bearer {}", app.post(&format!("{AUTH}/login"), &body).await.text("/token"))
}

async fn ask_again(app: &TestApp, bearer: &str) -> Answer {
    let request = TestRequest::post().uri(&format!("{AUTH}/verify-email/request"));
    app.send(request.insert_header(("authorization", bearer))).await.without_request_id()
}

#[actix_web::test]
async fn threat_e5_asking_for_a_reset_answers_with_the_same_bytes_at_either_spelling() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let alpha = app.register("Alpha").await;
        app.send_mail().await;
        let known = forgot(&app, FORGOT[0], &alpha.email).await;
        assert_eq!(known.status, 200);
        let failures =
            [None, Some(MailFailed::ForNow("away".to_owned())), Some(MailFailed::ForGood("no".to_owned()))];
        for failure in failures {
            app.mailer().set_outage(failure);
            for path in FORGOT {
                for email in [alpha.email.as_str(), "nobody@example.com", "ALPHA@EXAMPLE.COM"] {
                    assert_eq!(forgot(&app, path, email).await, known, "{path} {email}");
                }
            }
            app.send_mail().await;
        }
    }
}

#[actix_web::test]
async fn threat_e5_asking_for_a_reset_costs_one_insert_and_no_hash_whoever_is_meant() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let app = init_service(keyward_http::app(state(&test, test.ports()))).await;
    test.store.take_calls();
    test.passwords.take_work();
    for path in FORGOT {
        for email in ["alpha@example.com", "nobody@example.com"] {
            let request = TestRequest::post().uri(path).set_json(json!({"email": email})).to_request();
            assert_eq!(actix_web::test::call_service(&app, request).await.status(), 200, "{path}");
            assert_eq!(test.store.take_calls(), ["Outbox::enqueue"], "{path} {email}");
        }
    }
    assert_eq!(test.passwords.take_work(), HashingWork::default());
    assert_eq!(test.mailer.tries(), 0, "nobody waits for a mail");
}

#[actix_web::test]
async fn threat_e5_asking_for_another_link_answers_alike_whether_or_not_one_is_sent() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let alpha = app.register("Alpha").await;
        let token = mailed_token(&app.send_mail().await[0]);
        let bearer = session(&app, &alpha).await;
        let unverified = ask_again(&app, &bearer).await;
        assert_eq!((unverified.status, app.send_mail().await.len()), (200, 1));
        assert_eq!(
            app.post(&format!("{AUTH}/verify-email/confirm"), &json!({"token": token})).await.status,
            400
        );
        ask_again(&app, &bearer).await;
        let token = mailed_token(&app.send_mail().await[0]);
        assert_eq!(
            app.post(&format!("{AUTH}/verify-email/confirm"), &json!({"token": token})).await.status,
            200
        );
        assert_eq!(ask_again(&app, &bearer).await, unverified);
        assert!(app.send_mail().await.is_empty());
    }
}

#[actix_web::test]
async fn an_outage_is_503_at_each_route_of_mail_and_never_a_verdict() {
    let test = TestDomain::new();
    let app = init_service(keyward_http::app(state(&test, test.ports()))).await;
    test.store.set_outage(Some(StoreError::Unavailable("gone".to_owned())));
    let token = "A".repeat(43);
    for (route, body) in [
        ("login", json!({"email": "alpha@example.com", "password": "my-secure-password"})),
        ("reset-password/request", json!({"email": "alpha@example.com"})),
        ("reset-password/validate", json!({"token": token})),
        ("reset-password/confirm", json!({"token": token, "new_password": "another-fine-password"})),
        ("verify-email/confirm", json!({"token": token})),
    ] {
        let request = TestRequest::post().uri(&format!("{AUTH}/{route}")).set_json(body).to_request();
        let response = actix_web::test::call_service(&app, request).await;
        assert_eq!(response.status(), 503, "{route}");
        assert!(response.headers().contains_key("retry-after"), "{route}");
    }
}

/// Members that no request may set, beside those that it may.
fn with_extras(of: &Persona, body: serde_json::Value) -> serde_json::Value {
    let mut all = json!({
        "email": of.email, "email_verified": true, "email_verified_at": 1, "tenant_id": "cust_000000000000",
        "user_id": of.account_id, "account_id": of.account_id, "status": "active", "plan": "enterprise",
        "plan_tier": "enterprise", "trust_tier": "CLAIMED", "epoch": 1, "purpose": "reset_password", "to": of.email,
        "expires_at": "9999-12-31T23:59:59Z", "password": "another-fine-password", "link": "https://evil.example",
        "role": "admin", "scopes": [],
    });
    let members = all.as_object_mut().expect("an object");
    members.extend(body.as_object().expect("an object").clone());
    all
}

#[actix_web::test]
async fn threat_a3_no_member_of_a_body_about_mail_sets_what_its_route_does_not_name() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (alpha, beta) = (app.register("Alpha").await, app.register("Beta").await);
        app.send_mail().await;
        let bearer = session(&app, &alpha).await;
        let standing = async |of: &Persona| {
            let account = app.domain().accounts.find(of.account_id.parse().expect("an id")).await;
            account.expect("a store").expect("an account")
        };
        let (alpha_before, beta_before) = (standing(&alpha).await, standing(&beta).await);

        let request = TestRequest::post().uri(&format!("{AUTH}/verify-email/request"));
        let request = request.insert_header(("authorization", bearer.as_str()));
        assert_eq!(app.send(request.set_json(with_extras(&beta, json!({})))).await.status, 200);
        let mails = app.send_mail().await;
        assert_eq!((mails.len(), mails[0].to.as_typed()), (1, alpha.email.as_str()));
        assert_eq!(standing(&alpha).await, alpha_before);

        let body = with_extras(&beta, json!({"token": mailed_token(&mails[0])}));
        assert_eq!(app.post(&format!("{AUTH}/verify-email/confirm"), &body).await.status, 200);
        let body = with_extras(&beta, json!({"email": alpha.email}));
        assert_eq!(app.post(FORGOT[0], &body).await.status, 200);
        let mails = app.send_mail().await;
        assert_eq!((mails.len(), mails[0].to.as_typed()), (1, alpha.email.as_str()));
        let link = mails[0].content.link().expect("a link").expose();
        assert!(link.starts_with("http://127.0.0.1:8080/reset-password?token="), "{link}");
        let token = json!({"token": mailed_token(&mails[0])});
        let validated =
            app.post(&format!("{AUTH}/password-reset/validate"), &with_extras(&beta, token.clone())).await;
        assert_eq!(validated.json(), json!({"valid": true}));
        let body =
            with_extras(&beta, json!({"token": token["token"], "new_password": "another-fine-password"}));
        assert_eq!(app.post(&format!("{AUTH}/password-reset/confirm"), &body).await.status, 200);

        let after = standing(&alpha).await;
        assert_eq!((after.plan, after.status), (alpha_before.plan, alpha_before.status));
        assert_eq!(after.email.expect("an address").address, alpha_before.email.expect("an address").address);
        assert_eq!(standing(&beta).await, beta_before);
    }
}
