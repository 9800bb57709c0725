//! Keys at TruCore: whose they are, what can be set, and what a list gives away.

use std::time::Duration;

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use keyward_testkit::app::{Answer, Database, Persona, TestApp};
use serde_json::{Map, Value, json};

use crate::agora::{bearing, session};

const KEYS: &str = "/trucore/customer/keys";

/// Somebody who has signed up.
struct Customer {
    tenant: String,
    key: String,
    bearer: String,
}

impl Customer {
    async fn sign_up(app: &TestApp, name: &str) -> Self {
        let body = json!({"email": format!("{name}@example.com"), "password": "my-secure-password"});
        let answer = app.post("/trucore/auth/signup", &body).await;
        let (tenant, key) = (answer.text("/tenant_id"), answer.text("/api_key"));
        Self { tenant, key, bearer: format!("Bearer {}", answer.text("/token")) }
    }

    async fn post(&self, app: &TestApp, path: &str, body: &Value) -> Answer {
        let request = TestRequest::post().uri(path).insert_header(("authorization", self.bearer.as_str()));
        app.send(request.set_json(body)).await
    }

    async fn get(&self, app: &TestApp, path: &str) -> Answer {
        app.get(path, &[("authorization", &self.bearer)]).await
    }

    /// The ids of the own keys.
    async fn ids(&self, app: &TestApp) -> Vec<String> {
        let listed = self.get(app, KEYS).await.json();
        let ids = listed["keys"].as_array().expect("a list").iter();
        ids.map(|key| key["key_id"].as_str().expect("an id").to_owned()).collect()
    }
}

async fn whoami(app: &TestApp, key: &str) -> Answer {
    app.get("/trucore/customer/whoami", &[("x-api-key", key)]).await
}

#[actix_web::test]
async fn threat_a2_foreign_unknown_and_unreadable_keys_get_the_same_bytes() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (alpha, beta) = (Customer::sign_up(&app, "alpha").await, Customer::sign_up(&app, "beta").await);
        let (foreign, own) = (beta.ids(&app).await.remove(0), alpha.ids(&app).await.remove(0));
        let unknown = "key_0190b0c27c1e7d3a8f000123456789ab";
        let bare = foreign.trim_start_matches("key_").to_owned();
        let hyphenated = uuid::Uuid::parse_str(&bare).expect("an id").to_string();
        let long = format!("key_{}", "a".repeat(2_000));
        let upper = own.to_uppercase();
        let others = [
            foreign.as_str(),
            &bare,
            &hyphenated,
            &upper,
            &own[..12],
            "key_",
            "null",
            "%00",
            &long,
            &beta.tenant,
        ];
        let before = beta.get(&app, KEYS).await.json();
        for deed in ["rotate", "revoke"] {
            for body in [json!({}), json!({"grace_seconds": 5}), json!({"grace_seconds": "x"})] {
                let ask = async |id: &str| {
                    alpha.post(&app, &format!("{KEYS}/{id}/{deed}"), &body).await.without_request_id()
                };
                let expected = ask(unknown).await;
                assert_eq!(expected.status, 404, "{deed}");
                for other in others {
                    assert_eq!(ask(other).await, expected, "{deed} {other}");
                }
            }
        }
        assert_eq!(beta.get(&app, KEYS).await.json(), before);
        assert_eq!(whoami(&app, &beta.key).await.status, 200);
    }
}

/// Members that only the server may set, in spellings that some framework would take.
const PRIVILEGED: [&str; 26] = [
    "key_id",
    "keyId",
    "id",
    "tenant_id",
    "tenantId",
    "account_id",
    "account",
    "owner",
    "user_id",
    "userId",
    "agent_id",
    "status",
    "state",
    "environment",
    "sandbox",
    "plan",
    "plan_tier",
    "role",
    "trust_tier",
    "email_verified",
    "secret",
    "raw_secret",
    "preview",
    "created_at",
    "revoked_at",
    "generation",
];

#[actix_web::test]
async fn threat_k8_a_key_is_made_for_whoever_asks_and_nobody_else() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (alpha, beta) = (Customer::sign_up(&app, "alpha").await, Customer::sign_up(&app, "beta").await);
        let foreign = beta.ids(&app).await;
        let values = [
            json!(beta.tenant),
            json!(foreign[0]),
            json!("revoked"),
            json!("sandbox"),
            json!(true),
            json!(7),
        ];
        let value = |number: usize| values[number % values.len()].clone();
        let mut body: Map<String, Value> =
            PRIVILEGED.iter().enumerate().map(|(number, name)| ((*name).to_owned(), value(number))).collect();
        body.insert("label".to_owned(), json!("mine"));
        let made = alpha.post(&app, KEYS, &Value::Object(body.clone())).await;
        let rotated =
            alpha.post(&app, &format!("{KEYS}/{}/rotate", made.text("/key_id")), &Value::Object(body)).await;
        assert_eq!((made.status, rotated.status), (201, 200));
        for answer in [&made, &rotated] {
            let key = answer.json();
            assert_eq!(
                (key["tenant_id"].as_str(), key["label"].as_str()),
                (Some(alpha.tenant.as_str()), Some("mine"))
            );
            assert_eq!((key["status"].as_str(), key["scopes"].clone()), (Some("active"), json!([])));
            assert_ne!(key["key_id"], json!(foreign[0]));
        }
        let said = whoami(&app, &rotated.text("/secret")).await.json();
        assert_eq!(
            (said["tenant_id"].clone(), said["environment"].clone()),
            (json!(alpha.tenant), json!("live"))
        );
        assert_eq!(beta.ids(&app).await, foreign);
        // Whoever shows no token of an account makes none.
        for headers in
            [vec![], vec![("x-api-key", alpha.key.as_str())], vec![("authorization", "Bearer nonsense")]]
        {
            let request = TestRequest::post().uri(KEYS).set_json(json!({"label": "x"}));
            let request = headers.into_iter().fold(request, |request, header| request.insert_header(header));
            assert_eq!(app.send(request).await.status, 401);
        }
        assert_eq!(alpha.ids(&app).await.len(), 3);
    }
}

#[actix_web::test]
async fn threat_k2_no_secret_is_in_any_answer_but_the_one_that_makes_it() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = Customer::sign_up(&app, "alpha").await;
    let made = alpha.post(&app, KEYS, &json!({"label": "bot"})).await;
    let rotated = alpha.post(&app, &format!("{KEYS}/{}/rotate", made.text("/key_id")), &json!({})).await;
    let secrets = [alpha.key.clone(), made.text("/secret"), rotated.text("/secret")];
    let revoke = format!("{KEYS}/{}/revoke", rotated.text("/key_id"));
    let mut answers = vec![alpha.get(&app, KEYS).await, alpha.get(&app, "/trucore/dashboard/me").await];
    answers
        .extend([whoami(&app, &rotated.text("/secret")).await, alpha.post(&app, &revoke, &json!({})).await]);
    for answer in answers {
        assert_eq!(answer.status, 200);
        let body = String::from_utf8(answer.body).expect("text");
        for secret in &secrets {
            let (prefix, text) = secret.rsplit_once('_').expect("a prefix");
            assert!(!body.contains(&text[..5]), "more than four characters of {prefix}: {body}");
        }
        for member in ["secret", "verifier", "hash", "mac", "handle"] {
            assert!(!body.contains(&format!("\"{member}")), "{member}: {body}");
        }
    }
}

#[actix_web::test]
async fn threat_k5_of_many_rotations_at_once_one_gets_a_key_and_the_old_one_is_dead() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let alpha = Customer::sign_up(&app, "alpha").await;
        let rotate = format!("{KEYS}/{}/rotate", alpha.ids(&app).await[0]);
        let body = json!({});
        let answers = join_all((0..8).map(|_| alpha.post(&app, &rotate, &body))).await;
        let won: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(won.len(), 1);
        assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)), "{answers:?}");
        assert_eq!(whoami(&app, &alpha.key).await.status, 401);
        assert_eq!(whoami(&app, &won[0].text("/secret")).await.status, 200);
    }
}

#[actix_web::test]
async fn threat_j8_a_key_is_no_token_and_a_token_no_key() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = Customer::sign_up(&app, "alpha").await;
    let token = alpha.bearer.trim_start_matches("Bearer ").to_owned();
    let as_bearer = format!("Bearer {}", alpha.key);
    for (path, headers) in [
        (KEYS, [("x-api-key", alpha.key.as_str())]),
        (KEYS, [("authorization", as_bearer.as_str())]),
        (KEYS, [("x-api-key", token.as_str())]),
        ("/trucore/customer/whoami", [("authorization", alpha.bearer.as_str())]),
        ("/trucore/customer/whoami", [("x-api-key", token.as_str())]),
        ("/trucore/customer/whoami", [("authorization", as_bearer.as_str())]),
    ] {
        let answer = app.get(path, &headers).await;
        assert_eq!(
            (answer.status, answer.text("/error/code")),
            (401, "unauthorized".to_owned()),
            "{path} {headers:?}"
        );
        assert_eq!(answer.text("/detail/error/code"), "unauthorized");
    }
    assert_eq!((alpha.get(&app, KEYS).await.status, whoami(&app, &alpha.key).await.status), (200, 200));
}

#[actix_web::test]
async fn what_a_narrowed_key_and_its_tokens_may_not_is_forbidden() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    let login = json!({"email": alpha.email, "password": alpha.password});
    let bearer = format!("Bearer {}", app.post("/trucore/auth/login", &login).await.text("/token"));
    let post = async |path: &str, headers: &[(&str, &str)], body: Value| {
        let request = TestRequest::post().uri(path).set_json(body);
        app.send(headers.iter().fold(request, |request, header| request.insert_header(*header))).await
    };
    let narrowed =
        post(KEYS, &[("authorization", &bearer)], json!({"scopes": ["atf:verify"]})).await.text("/secret");
    assert_eq!(whoami(&app, &narrowed).await.json()["scopes"], json!(["atf:verify"]));
    // Beside the token the narrowed key decides.
    let both = [("authorization", bearer.as_str()), ("x-api-key", narrowed.as_str())];
    let refused = post(KEYS, &both, json!({"label": "x"})).await;
    assert_eq!((refused.status, refused.text("/error/code")), (403, "forbidden".to_owned()));
    assert_eq!(app.get("/trucore/dashboard/me", &both).await.status, 403);
    assert_eq!(app.get("/tradeready/api/v1/account/info", &[("x-api-key", &narrowed)]).await.status, 403);
}

/// A rotation that is asked for with a token of the very key that it ends.
struct OwnRotation {
    path: String,
    token: String,
}

impl OwnRotation {
    async fn of(app: &TestApp, persona: &Persona) -> Self {
        let token = session(app, &persona.api_key).await;
        let id = whoami(app, &persona.api_key).await.text("/key_id");
        Self { path: format!("{KEYS}/{id}/rotate"), token }
    }

    async fn ask(&self, app: &TestApp, path: &str, idempotency_key: Option<&str>) -> Answer {
        let request = TestRequest::post().uri(path).insert_header(bearing(&self.token));
        let named = idempotency_key.map(|key| ("idempotency-key", key));
        app.send(named.into_iter().fold(request, |request, header| request.insert_header(header))).await
    }
}

#[actix_web::test]
async fn threat_k6_a_key_rotated_by_its_own_token_is_told_again_and_opens_nothing_else() {
    const NAME: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (alpha, beta) = (app.register("Alpha").await, app.register("Beta").await);
        let own = OwnRotation::of(&app, &alpha).await;
        let first = own.ask(&app, &own.path, Some(NAME)).await;
        assert_eq!(first.status, 200);
        // The answer was lost. The token has died with its key, and shows who asks all the same.
        let again = own.ask(&app, &own.path, Some(NAME)).await;
        assert_eq!((again.status, again.text("/secret")), (200, first.text("/secret")));
        assert_eq!(whoami(&app, &again.text("/secret")).await.status, 200);

        // Security: the dead token opens nothing beside that, and nobody else is told.
        let successor = format!("{KEYS}/{}/rotate", first.text("/key_id"));
        let refusals = [
            own.ask(&app, &own.path, None).await,
            own.ask(&app, &own.path, Some("7c9e6679-7425-40de-944b-e07fc1f90ae7")).await,
            own.ask(&app, &successor, Some(NAME)).await,
            own.ask(&app, KEYS, Some(NAME)).await,
        ];
        assert_eq!(refusals.map(|answer| answer.status), [401; 4], "{database:?}");
        let stranger = OwnRotation::of(&app, &beta).await;
        assert_eq!(stranger.ask(&app, &own.path, Some(NAME)).await.status, 404);
        // A suspension stops it as it stops everything.
        let path = format!("/admin/v1/accounts/{}/suspend", alpha.account_id);
        app.send(TestRequest::post().uri(&path).insert_header(bearing(&app.admin_key()))).await;
        assert_eq!(own.ask(&app, &own.path, Some(NAME)).await.status, 403);
    }
}

#[actix_web::test]
async fn a_list_shows_when_a_key_was_used_and_until_when_a_rotated_one_is_good() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let alpha = Customer::sign_up(&app, "alpha").await;
        let id = alpha.ids(&app).await.remove(0);
        let row = async |id: &str| {
            let listed = alpha.get(&app, KEYS).await.json();
            let keys = listed["keys"].as_array().expect("a list").clone();
            keys.into_iter().find(|key| key["key_id"] == id).expect("the key")
        };
        assert_eq!(row(&id).await["last_used_at"], Value::Null);

        assert_eq!(whoami(&app, &alpha.key).await.status, 200);
        app.jobs().flush_use().await.unwrap();
        let used = row(&id).await["last_used_at"].as_str().expect("a moment").to_owned();
        // Uses are kept to the minute.
        assert!(used.ends_with(":00Z"), "{used}");

        app.clock().advance(Duration::from_secs(1)); // So that its event is the newest.
        let rotated = alpha.post(&app, &format!("{KEYS}/{id}/rotate"), &json!({"grace_seconds": 60})).await;
        assert_eq!(rotated.status, 200);
        let old = row(&id).await;
        assert_eq!(old["status"], "superseded", "{old}");
        assert!(old["expires_at"].is_string(), "{old}");
        let successor = row(&rotated.text("/key_id")).await;
        assert_eq!((&successor["status"], &successor["expires_at"]), (&json!("active"), &Value::Null));
        let path = format!("/admin/v1/audit?account={}", account_of(&app, "alpha@example.com").await);
        let trail = app.get(&path, &[("authorization", &format!("Bearer {}", app.admin_key()))]).await.json();
        assert_eq!(trail["data"][0]["action"], "key.rotated_with_grace");
        assert_eq!(
            (whoami(&app, &alpha.key).await.status, whoami(&app, &rotated.text("/secret")).await.status),
            (200, 200)
        );
        app.clock().advance(Duration::from_secs(60));
        assert_eq!(whoami(&app, &alpha.key).await.status, 401);
        assert_eq!(row(&id).await["status"], "expired");
    }
}

async fn account_of(app: &TestApp, email: &str) -> String {
    let path = format!("/admin/v1/accounts?email={email}");
    app.get(&path, &[("authorization", &format!("Bearer {}", app.admin_key()))])
        .await
        .text("/data/0/account_id")
}

#[actix_web::test]
async fn each_plan_has_a_number_of_keys_of_its_own() {
    let numbers = "[keys]\nmost_free = 2\nmost_pro = 4\nmost_enterprise = 3\n";
    for database in Database::BOTH {
        let app = TestApp::with_config(database, numbers).await;
        let alpha = Customer::sign_up(&app, "alpha").await;
        let account = account_of(&app, "alpha@example.com").await;
        for (plan, most) in [("free", 2), ("enterprise", 3), ("pro", 4)] {
            let request = TestRequest::put().uri(&format!("/admin/v1/accounts/{account}/plan"));
            let request = request.insert_header(bearing(&app.admin_key())).set_json(json!({"plan": plan}));
            assert_eq!(app.send(request).await.status, 200);
            assert_eq!(alpha.post(&app, KEYS, &json!({})).await.status, 201, "{plan} {database:?}");
            let refused = alpha.post(&app, KEYS, &json!({})).await;
            assert_eq!((refused.status, refused.text("/error/code")), (403, "key_limit_reached".to_owned()));
            assert_eq!(alpha.ids(&app).await.len(), most);
        }
    }
}
