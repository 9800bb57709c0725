//! Forged credentials at every route that takes one: 401, never 5xx, never let through.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use keyward_testkit::app::{Database, TestApp};
use serde_json::{Value, json};

/// The protected route families.
const ROUTES: [&str; 4] =
    ["/tradeready/api/v1/account/info", "/api/v1/account/info", "/tradeready/api/v1/agents", "/forward-auth"];

fn part(token: &str, number: usize) -> String {
    token.split('.').nth(number).unwrap().to_owned()
}

fn decoded(part: &str) -> Value {
    serde_json::from_slice(&BASE64.decode(part).unwrap()).unwrap()
}

fn encoded(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

fn forgeries(token: &str, jwks: &Value) -> Vec<String> {
    let (header, claims, signature) = (part(token, 0), part(token, 1), part(token, 2));
    let (head, body) = (decoded(&header), decoded(&claims));
    let mut forged = vec![
        format!("{header}.{claims}."),
        format!("{header}.{claims}"),
        format!("{header}.{claims}.{signature}="),
        format!("{header}.{claims}.{signature}.{signature}"),
        format!("{header}..{signature}"),
        "..".to_owned(),
        "a".repeat(8_000),
    ];
    for alg in ["none", "None", "nOnE", "HS256", "RS256", "ES256", ""] {
        let mut head = head.clone();
        head["alg"] = json!(alg);
        forged.push(format!("{}.{claims}.{signature}", encoded(&head)));
        forged.push(format!("{}.{claims}.", encoded(&head)));
    }
    for (member, value) in [
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("unknown")),
        ("kid", json!("A".repeat(43))),
        ("kid", json!(["a"])),
        ("jku", json!("http://127.0.0.1:1/jwks.json")),
        ("jwk", jwks["keys"][0].clone()),
        ("crit", json!(["exp"])),
        ("typ", json!("JWT")),
    ] {
        let mut head = head.clone();
        head[member] = value;
        forged.push(format!("{}.{claims}.{signature}", encoded(&head)));
    }
    for (claim, value) in
        [("exp", json!(4_102_444_800_u64)), ("sub", json!("somebody-else")), ("aud", json!("elsewhere"))]
    {
        let mut body = body.clone();
        body[claim] = value;
        forged.push(format!("{header}.{}.{signature}", encoded(&body)));
    }
    // The public key as the secret of a symmetric algorithm.
    let public = BASE64.decode(jwks["keys"][0]["x"].as_str().unwrap()).unwrap();
    let mut confused = Header::new(Algorithm::HS256);
    confused.kid = head["kid"].as_str().map(str::to_owned);
    confused.typ = head["typ"].as_str().map(str::to_owned);
    forged.push(encode(&confused, &body, &EncodingKey::from_secret(&public)).unwrap());
    forged
}

#[actix_web::test]
async fn threat_j1_to_j12_no_forged_token_is_let_through_anywhere() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    let token = app.log_in(&alpha).await;
    let jwks = app.get("/.well-known/jwks.json", &[]).await.json();
    for route in ROUTES {
        let good = app.get(route, &[("authorization", &format!("Bearer {token}"))]).await;
        assert_eq!(good.status, 200, "{route}");
        for forged in forgeries(&token, &jwks) {
            let answer = app.get(route, &[("authorization", &format!("Bearer {forged}"))]).await;
            assert_eq!(answer.status, 401, "{route} {forged}");
        }
    }
}

#[actix_web::test]
async fn threat_g1_no_garbage_key_is_let_through_anywhere() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    let swapped = alpha.api_key.replace("ak_live_", "ak_test_");
    let cut = &alpha.api_key[..71];
    let long = "a".repeat(8_000);
    let garbage =
        ["ak_live_", "null", "../../etc/passwd", "' OR 1=1 --", &swapped, cut, &long, &alpha.api_secret];
    for route in ROUTES {
        for key in garbage {
            let answer = app.get(route, &[("x-api-key", key)]).await;
            assert_eq!(answer.status, 401, "{route} {key}");
        }
    }
}
