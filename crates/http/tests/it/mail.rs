//! What goes by mail: what its routes give away, and what they cannot set.

use actix_web::test::{TestRequest, init_service};
use keyward_domain::mail::MailFailed;
use keyward_domain::store::StoreError;
use keyward_testkit::app::{Answer, Database, TestApp};
use keyward_testkit::domain::{TestDomain, alpha_bot};
use keyward_testkit::mail::mailed_token;
use keyward_testkit::passwords::HashingWork;
use serde_json::{Value, json};

use crate::fakes::state;

const AUTH: &str = "/tradeready/api/v1/auth";

async fn forgot(app: &TestApp, username: &str) -> Answer {
    app.post(&format!("{AUTH}/forgot-password"), &json!({"username": username})).await.without_request_id()
}

#[actix_web::test]
async fn threat_e5_asking_for_a_reset_answers_with_the_same_bytes() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let alpha = app.register("Alpha").await;
        let known = forgot(&app, &alpha.email).await;
        assert_eq!(known.status, 200);
        for typed in ["nobody@example.com", "Alpha", "Nobody", "a@b", "\u{0}", "'; DROP TABLE accounts; --"] {
            assert_eq!(forgot(&app, typed).await, known, "{typed}");
        }
        // A mail server that is away changes nothing of it, and neither does one that refuses.
        app.send_mail().await;
        for failure in [MailFailed::ForNow("away".to_owned()), MailFailed::ForGood("never".to_owned())] {
            app.mailer().set_outage(Some(failure));
            for typed in [&alpha.email, "nobody@example.com"] {
                assert_eq!(forgot(&app, typed).await, known, "{typed}");
            }
            app.send_mail().await;
        }
    }
}

#[actix_web::test]
async fn threat_e5_asking_for_a_reset_costs_the_same_calls_and_no_hash() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let app = init_service(keyward_http::app(state(&test, test.ports()))).await;
    test.store.take_calls();
    test.passwords.take_work();
    let mut answers = Vec::new();
    for typed in ["alpha@example.com", "nobody@example.com", "AlphaBot", "Nobody"] {
        let request = TestRequest::post().uri(&format!("{AUTH}/forgot-password"));
        let request = request.set_json(json!({"username": typed})).to_request();
        let response = actix_web::test::call_service(&app, request).await;
        answers.push((response.status(), actix_web::test::read_body(response).await));
        assert_eq!(test.store.take_calls(), ["Outbox::enqueue"], "{typed}");
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(test.passwords.take_work(), HashingWork::default());
    assert_eq!(test.mailer.tries(), 0, "nobody waits for a mail");
}

#[actix_web::test]
async fn an_outage_is_503_at_each_route_of_mail() {
    let test = TestDomain::new();
    let app = init_service(keyward_http::app(state(&test, test.ports()))).await;
    test.store.set_outage(Some(StoreError::Unavailable("gone".to_owned())));
    let token = "A".repeat(43);
    for (route, body) in [
        ("forgot-password", json!({"username": "alpha@example.com"})),
        ("reset-password", json!({"token": token, "new_password": "another-fine-password"})),
        ("verify-email", json!({"token": token})),
    ] {
        let request = TestRequest::post().uri(&format!("{AUTH}/{route}")).set_json(body).to_request();
        let response = actix_web::test::call_service(&app, request).await;
        assert_eq!(response.status(), 503, "{route}");
        assert!(response.headers().contains_key("retry-after"), "{route}");
    }
}

/// What the admin API says of an account.
async fn account(app: &TestApp, id: &str) -> Value {
    let bearer = format!("Bearer {}", app.admin_key());
    let page = app.get("/admin/v1/accounts", &[("authorization", &bearer)]).await.json();
    let accounts = page["data"].as_array().or_else(|| page["accounts"].as_array()).expect("a page").clone();
    accounts.into_iter().find(|account| account["account_id"] == id).expect("the account")
}

#[actix_web::test]
async fn threat_a3_no_member_of_a_body_sets_what_its_route_does_not_name() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (alpha, beta) = (app.register("Alpha").await, app.register("Beta").await);
        let before = account(&app, &beta.account_id).await;
        let extras = json!({
            "email_verified": true, "email": beta.email, "account_id": beta.account_id, "status": "active",
            "plan": "enterprise", "epoch": 1, "purpose": "reset_password", "expires_at": "9999-12-31T23:59:59Z",
            "password": "another-fine-password", "to": beta.email, "link": "https://evil.example",
        });
        let with = |body: Value| {
            let mut all = extras.as_object().expect("an object").clone();
            all.extend(body.as_object().expect("an object").clone());
            Value::Object(all)
        };
        // Both were asked for in one moment, so that either may be the first.
        let mails = app.send_mail().await;
        let token =
            mailed_token(mails.iter().find(|mail| mail.to.as_typed() == alpha.email).expect("a mail"));
        let body = with(json!({"token": token}));
        assert_eq!(app.post(&format!("{AUTH}/verify-email"), &body).await.status, 200);
        assert_eq!(account(&app, &alpha.account_id).await["email_verified"], true);
        let body = with(json!({"username": alpha.email}));
        assert_eq!(app.post(&format!("{AUTH}/forgot-password"), &body).await.status, 200);
        let mails = app.send_mail().await;
        assert_eq!((mails.len(), mails[0].to.as_typed()), (1, alpha.email.as_str()));
        let link = mails[0].content.link().expect("a link").expose();
        assert!(link.starts_with("http://127.0.0.1:8080/reset-password?token="), "{link}");
        let body = with(json!({"token": mailed_token(&mails[0]), "new_password": "another-fine-password"}));
        assert_eq!(app.post(&format!("{AUTH}/reset-password"), &body).await.status, 200);
        let expected = json!({"plan": account(&app, &alpha.account_id).await["plan"], "status": "active"});
        assert_eq!(expected, json!({"plan": "free", "status": "active"}));
        assert_eq!(account(&app, &beta.account_id).await, before);
    }
}

#[actix_web::test]
async fn threat_a9_no_host_of_a_request_ends_up_in_a_link() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    app.send_mail().await;
    let headers = [
        "host",
        "x-forwarded-host",
        "x-forwarded-server",
        "x-forwarded-proto",
        "x-forwarded-port",
        "x-forwarded-prefix",
        "forwarded",
        "x-host",
        "x-original-host",
        "x-http-host-override",
        "x-original-url",
        "origin",
        "referer",
    ];
    let values = [
        "evil.example",
        "evil.example:8443",
        "127.0.0.1:8080.evil.example",
        "127.0.0.1:8080@evil.example",
        "evil.example, 127.0.0.1:8080",
        "host=evil.example;proto=gopher",
        "https://evil.example/",
    ];
    let variants = headers.iter().flat_map(|header| values.iter().map(move |value| (*header, *value)));
    for (number, (header, value)) in variants.enumerate() {
        let newcomer = json!({"display_name": "Newcomer", "email": format!("newcomer-{number}@example.com")});
        for (route, body, status, page) in [
            ("forgot-password", json!({"username": alpha.email}), 200, "reset-password"),
            ("register", newcomer, 201, "verify-email"),
        ] {
            let request = TestRequest::post().uri(&format!("{AUTH}/{route}"));
            let request = request.insert_header((header, value)).set_json(body);
            assert_eq!(app.send(request).await.status, status, "{header}: {value}");
            let mails = app.send_mail().await;
            assert_eq!(mails.len(), 1, "{header}: {value}");
            let link = mails[0].content.link().expect("a link").expose();
            let expected = format!("http://127.0.0.1:8080/{page}?token=");
            assert!(link.starts_with(&expected), "{header}: {value}: {link}");
        }
    }
}

/// The bytes of every file of the database.
fn database_bytes(app: &TestApp) -> Vec<u8> {
    let folder = app.data_dir().join("data");
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    let is_database = |path: &std::path::PathBuf| path.to_string_lossy().contains("keyward.db");
    files.filter(is_database).flat_map(|path| std::fs::read(path).expect("a file")).collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[actix_web::test]
async fn threat_k3_the_database_holds_neither_a_mailed_token_nor_what_somebody_typed() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    let typed = ["stranger@example.org", "A name that nobody here has", "not-a-name-but-my-password"];
    for typed in typed {
        forgot(&app, typed).await;
    }
    forgot(&app, &alpha.email).await;
    let before = database_bytes(&app);
    assert!(holds(&before, &alpha.email), "the test finds what is there");
    for typed in typed {
        assert!(!holds(&before, typed), "{typed}");
    }
    let mails = app.send_mail().await;
    assert_eq!(mails.len(), 2);
    let after = database_bytes(&app);
    for mail in &mails {
        assert!(!holds(&after, &mailed_token(mail)));
    }
}
