//! The session JWT: what it says, who gets one, and which tokens open what it opens.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::test::TestRequest;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use keyward_domain::tokens::SigningAlgorithm;
use keyward_testkit::app::{Answer, Database, TestApp};
use serde_json::{Value, json};

use super::{accounts, bearing, exchange, organization, session, verdict};

fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).expect("three parts");
    serde_json::from_slice(&BASE64.decode(part).expect("base64url")).expect("JSON")
}

fn of_reason(reason: &str) -> (u16, Option<String>) {
    (401, Some(reason.to_owned()))
}

#[actix_web::test]
async fn a_session_is_signed_by_a_key_of_the_jwks_and_lives_for_a_quarter_of_an_hour() {
    let app = TestApp::start(Database::Sqlite).await;
    let (account, key) = organization(&app, "Acme").await;
    let first = session(&app, &key).await;
    let (header, claims) = (part(&first, 0), part(&first, 1));
    assert_eq!(header["alg"], "RS256");
    let jwks = app.get("/.well-known/jwks.json", &[]).await.json();
    let published = jwks["keys"].as_array().unwrap().iter().find(|jwk| jwk["kid"] == header["kid"]);
    assert_eq!(published.map(|jwk| (&jwk["alg"], &jwk["kty"])), Some((&json!("RS256"), &json!("RSA"))));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 900);
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!("http://127.0.0.1:8080"), &json!("http://127.0.0.1:8080"))
    );
    assert_eq!(claims["account_id"], json!(account));
    let key_id = claims["key_id"].as_str().unwrap().replace('-', "");
    assert_eq!(claims["sub"], json!(format!("org_key_{key_id}")));

    let second = session(&app, &key).await;
    assert_ne!(part(&second, 1)["jti"], claims["jti"]);
    assert_eq!(accounts(&app, &first).await.status, 200, "an earlier one stays good");
}

#[actix_web::test]
async fn threat_j10_a_key_that_has_ended_takes_its_sessions_along_at_once() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let alpha = app.register("Alpha").await;
        let login = app.log_in(&alpha).await;
        let create = TestRequest::post().uri("/trucore/customer/keys").set_json(json!({"label": "bot"}));
        let made = app.send(create.insert_header(bearing(&login))).await;
        let old = made.text("/secret");
        let of_old = session(&app, &old).await;
        assert_eq!(accounts(&app, &of_old).await.status, 200);

        let rotate = format!("/trucore/customer/keys/{}/rotate", made.text("/key_id"));
        let rotated = app.send(TestRequest::post().uri(&rotate).insert_header(bearing(&login))).await;
        let new = rotated.text("/secret");
        assert_eq!(verdict(&accounts(&app, &of_old).await), of_reason("token_revoked"));
        assert_eq!(verdict(&exchange(&app, &old).await), of_reason("token_revoked"));
        let of_new = session(&app, &new).await;
        assert_eq!(accounts(&app, &of_new).await.status, 200);

        let revoke = format!("/trucore/customer/keys/{}/revoke", rotated.text("/key_id"));
        app.send(TestRequest::post().uri(&revoke).insert_header(bearing(&login))).await;
        assert_eq!(verdict(&accounts(&app, &of_new).await), of_reason("token_revoked"));
        assert_eq!(verdict(&exchange(&app, &new).await), of_reason("token_revoked"));
        assert_eq!(
            accounts(&app, &session(&app, &alpha.api_key).await).await.status,
            200,
            "another key's stays"
        );
    }
}

#[actix_web::test]
async fn a_key_that_ends_by_itself_is_revoked_in_the_vendor_s_words() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    let login = app.log_in(&alpha).await;
    let create = TestRequest::post().uri("/trucore/customer/keys").set_json(json!({"expires_in": 60}));
    let key = app.send(create.insert_header(bearing(&login))).await.text("/secret");
    let token = session(&app, &key).await;
    app.clock().advance(Duration::from_secs(61));
    assert_eq!(verdict(&accounts(&app, &token).await), of_reason("token_revoked"));
    assert_eq!(verdict(&exchange(&app, &key).await), of_reason("token_revoked"));
}

#[actix_web::test]
async fn an_organization_that_is_erased_is_unknown() {
    let app = TestApp::start(Database::Sqlite).await;
    let (account, key) = organization(&app, "Acme").await;
    let token = session(&app, &key).await;
    let erase = TestRequest::delete().uri(&format!("/admin/v1/accounts/{account}"));
    assert_eq!(app.send(erase.insert_header(bearing(&app.admin_key()))).await.status, 204);
    assert_eq!(verdict(&accounts(&app, &token).await), of_reason("unknown_tenant"));
    assert_eq!(verdict(&exchange(&app, &key).await), of_reason("invalid_token"));
}

/// Any good token of ours: of each dialect that gives one, signed by each algorithm.
#[actix_web::test]
async fn a_token_of_any_dialect_and_algorithm_opens_what_a_session_opens() {
    for algorithm in ["EdDSA", "ES256", "RS256"] {
        let toml = format!("[dialects.tradeready]\nalgorithm = \"{algorithm}\"\n");
        let app = TestApp::with_config(Database::Sqlite, &toml).await;
        let alpha = app.register("Alpha").await;
        let login = json!({"email": alpha.email, "password": alpha.password});
        let trucore = app.post("/trucore/auth/login", &login).await.text("/token");
        for token in [app.log_in(&alpha).await, trucore] {
            let listed = accounts(&app, &token).await;
            assert_eq!(listed.status, 200, "{listed:?}");
            let rows = listed.json();
            let ids: BTreeSet<&str> =
                rows["data"].as_array().unwrap().iter().filter_map(|row| row["id"].as_str()).collect();
            assert_eq!(ids, BTreeSet::from([alpha.account_id.as_str(), alpha.agent_id.as_str()]));
        }
    }
}

/// And the other way round: a session is a token of the whole account elsewhere.
#[actix_web::test]
async fn a_session_opens_what_a_token_opens_at_the_other_dialects() {
    let app = TestApp::start(Database::Sqlite).await;
    let (account, key) = organization(&app, "Acme").await;
    let bearer = bearing(&session(&app, &key).await);
    for path in [
        "/tradeready/api/v1/agents",
        "/tradeready/api/v1/account/info",
        "/trucore/dashboard/me",
        "/forward-auth",
    ] {
        let answer = app.get(path, &[(bearer.0, bearer.1.as_str())]).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    }
    let told = app.get("/forward-auth", &[(bearer.0, bearer.1.as_str())]).await;
    assert_eq!(told.header("x-keyward-account-id"), Some(account.as_str()));
}

#[actix_web::test]
async fn a_narrowed_key_s_session_is_as_narrow() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    let create =
        TestRequest::post().uri("/trucore/customer/keys").set_json(json!({"scopes": ["atf:verify"]}));
    let made = app.send(create.insert_header(bearing(&app.log_in(&alpha).await))).await;
    let refused = accounts(&app, &session(&app, &made.text("/secret")).await).await;
    assert_eq!((refused.status, refused.text("/code")), (403, "forbidden".to_owned()));
    assert!(refused.json().get("context").is_none(), "{refused:?}");
}

#[actix_web::test]
async fn an_imported_key_is_exchanged_like_our_own() {
    let app = TestApp::with_config(Database::Sqlite, "[keys]\naccept_imported = true\n").await;
    let (account, _) = organization(&app, "Acme").await;
    let foreign = "unkey_3ZaP7eSx9mKq2Vb8Lt5Rw1Yd";
    let sha256 = "eb348153a7969322569a0565759e4510bac7e46f9793e1783991509e9e7eb4e1";
    let line = json!({"keys": [{"account": account, "hash": sha256}]});
    let import = TestRequest::post().uri("/admin/v1/imports/keys").set_json(line);
    let imported = app.send(import.insert_header(bearing(&app.admin_key()))).await;
    assert_eq!(imported.json()["imported"], 1, "{imported:?}");
    assert_eq!(accounts(&app, &session(&app, foreign).await).await.status, 200);
}

/// No route signs a token that lacks a claim. Somebody who has our key might.
#[actix_web::test]
async fn threat_j8_a_token_of_our_own_key_that_lacks_a_claim_is_told_so() {
    let app = TestApp::with_keys_at_hand(Database::Sqlite, "").await;
    let (_, key) = organization(&app, "Acme").await;
    let good = session(&app, &key).await;
    let (kid, forger) = app.own_key(SigningAlgorithm::Rs256).await;
    // As we write it: a header is compared byte for byte.
    let header = String::from_utf8(BASE64.decode(good.split('.').next().unwrap()).unwrap()).unwrap();
    let header = header.replace(part(&good, 0)["kid"].as_str().unwrap(), &kid);
    let signed = |claims: &Value| {
        let message = format!("{}.{}", BASE64.encode(&header), BASE64.encode(claims.to_string()));
        format!("{message}.{}", BASE64.encode(forger.sign(&message)))
    };
    let claims = part(&good, 1);
    assert_eq!(accounts(&app, &signed(&claims)).await.status, 200, "the whole of them is good");
    for missing in claims.as_object().unwrap().keys() {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(missing);
        let answer: Answer = accounts(&app, &signed(&claims)).await;
        assert_eq!(verdict(&answer), of_reason("missing_claim"), "{missing}");
    }
}
