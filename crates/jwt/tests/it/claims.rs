//! What a good signature does not make good: wrong, missing, repeated, early, late and foreign claims.

use std::time::Duration;

use keyward_domain::time::Instant;
use keyward_domain::tokens::{SigningAlgorithm, TokenRejected, TokenVerifier};
use serde_json::{Value, json};

use crate::fixture::{Fixture, ISSUER, Ring, decode, encode};

/// A good token but for one claim.
fn with(ring: &Ring, claim: &str, value: Value) -> String {
    let mut claims = ring.claims();
    claims[claim] = value;
    ring.with_payload(claims.to_string())
}

fn without(ring: &Ring, claim: &str) -> String {
    let mut claims = ring.claims();
    claims.as_object_mut().unwrap().remove(claim).unwrap();
    ring.with_payload(claims.to_string())
}

#[tokio::test]
async fn threat_j6_a_time_that_is_no_whole_number_of_seconds_is_refused() {
    let ring = Fixture::ring().await;
    let claims = ring.claims().to_string();
    for claim in ["iat", "nbf", "exp"] {
        let good = format!("\"{claim}\":{}", ring.claims()[claim]);
        for bad in [
            "\"1773926100\"",
            "1773926100.0",
            "1773926100.5",
            "1.7739261e9",
            "-1",
            "-0",
            "true",
            "[1773926100]",
            "{}",
            "\"\"",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "1e400",
            "253402300800",
        ] {
            let json = claims.replace(&good, &format!("\"{claim}\":{bad}"));
            assert_ne!(json, claims);
            assert_eq!(ring.verify(&ring.with_payload(json)), Err(TokenRejected::Invalid), "{claim} {bad}");
        }
        let json = claims.replace(&good, &format!("\"{claim}\":null"));
        assert_eq!(ring.verify(&ring.with_payload(json)), Err(TokenRejected::MissingClaim), "{claim} null");
    }
}

#[tokio::test]
async fn a_subject_that_the_other_claims_do_not_name_is_refused() {
    let ring = Fixture::ring().await;
    let (own, other) = (ring.token(), ring.claims()["jti"].as_str().unwrap().to_owned());
    let key = own.key.unwrap().id.to_hex();
    let good = format!("org_key_{key}");
    assert!(ring.verify(&with(&ring, "sub", json!(good))).is_ok());
    for bad in [
        other.clone(),
        format!("org_key_{}", other.replace('-', "")),
        format!("org_key_{}", &key[..8]),
        good.to_uppercase(),
        format!(" {good}"),
        key,
        String::new(),
    ] {
        assert_eq!(ring.verify(&with(&ring, "sub", json!(bad))), Err(TokenRejected::Invalid), "{bad}");
    }
    let mut keyless = ring.claims();
    keyless["sub"] = json!(good);
    for claim in ["key_id", "key_generation"] {
        keyless.as_object_mut().unwrap().remove(claim).unwrap();
    }
    assert_eq!(ring.verify(&ring.with_payload(keyless.to_string())), Err(TokenRejected::Invalid));
}

#[tokio::test]
async fn threat_j6_a_repeated_claim_is_refused() {
    let ring = Fixture::ring().await;
    let claims = ring.claims();
    for (claim, value) in claims.as_object().unwrap() {
        for twin in [value, &json!(null), &json!(4_102_444_800_u64), &json!("https://attacker.example")] {
            let first = claims.to_string().replacen('{', &format!("{{\"{claim}\":{twin},"), 1);
            let last = claims.to_string().replace('}', &format!(",\"{claim}\":{twin}}}"));
            for json in [first, last] {
                assert_eq!(
                    ring.verify(&ring.with_payload(json)),
                    Err(TokenRejected::Invalid),
                    "{claim} {twin}"
                );
            }
        }
    }
}

#[tokio::test]
async fn threat_j6_a_claim_of_another_type_is_refused() {
    let ring = Fixture::ring().await;
    for claim in ["iss", "aud", "sub", "jti", "env", "account_id", "agent_id", "key_id"] {
        for value in [json!(1), json!(true), json!([ISSUER]), json!({}), json!(""), json!("other")] {
            assert_eq!(
                ring.verify(&with(&ring, claim, value.clone())),
                Err(TokenRejected::Invalid),
                "{claim} {value}"
            );
        }
    }
    for claim in ["account_epoch", "agent_epoch", "key_generation"] {
        for value in [json!("3"), json!(3.0), json!(-1), json!(4_294_967_296_u64), json!([3])] {
            assert_eq!(
                ring.verify(&with(&ring, claim, value.clone())),
                Err(TokenRejected::Invalid),
                "{claim} {value}"
            );
        }
    }
}

#[tokio::test]
async fn threat_j6_a_payload_that_is_no_object_of_our_claims_is_refused() {
    let ring = Fixture::ring().await;
    let claims = ring.claims();
    let values: Vec<_> = claims.as_object().unwrap().values().cloned().collect();
    let deep = format!("{{\"iss\":{}{}}}", "[".repeat(2_000), "]".repeat(2_000));
    let mut not_utf8 = claims.to_string().into_bytes();
    *not_utf8.last_mut().unwrap() = 0xff;
    assert_eq!(ring.verify(&ring.with_payload(not_utf8)), Err(TokenRejected::Invalid));
    for json in [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "\"text\"".to_owned(),
        Value::Array(values).to_string(),
        format!("[{claims}]"),
        format!("{claims}{claims}"),
        format!("{claims}x"),
        format!("\u{feff}{claims}"),
        claims.to_string().replace('}', ",\"admin\":true}"),
        claims.to_string().replace('}', ",}"),
        deep,
    ] {
        assert_eq!(ring.verify(&ring.with_payload(&json)), Err(TokenRejected::Invalid), "{json}");
    }
}

#[tokio::test]
async fn an_escaped_claim_is_the_text_that_it_stands_for() {
    let ring = Fixture::ring().await;
    let claims = ring.claims().to_string();
    for (plain, escaped) in [("\"live\"", "\"l\\u0069ve\""), ("https://", "https:\\/\\/")] {
        let json = claims.replace(plain, escaped);
        assert_ne!(json, claims);
        assert_eq!(ring.verify(&ring.with_payload(json)), Ok(ring.token()), "{escaped}");
    }
    let other = claims.replace("\"live\"", "\"\\u006cive\\u0000\"");
    assert_eq!(ring.verify(&ring.with_payload(other)), Err(TokenRejected::Invalid));
}

#[tokio::test]
async fn threat_j6_a_token_of_ours_that_lacks_a_claim_says_so() {
    let ring = Fixture::ring().await;
    for claim in ring.claims().as_object().unwrap().keys() {
        assert_eq!(ring.verify(&without(&ring, claim)), Err(TokenRejected::MissingClaim), "{claim}");
    }
    assert_eq!(ring.verify(&ring.with_payload("{}")), Err(TokenRejected::MissingClaim));
}

#[tokio::test]
async fn threat_j7_a_token_ends_5_seconds_after_its_exp_at_the_latest() {
    let ring = Fixture::ring().await;
    for &algorithm in SigningAlgorithm::ALL {
        let text = ring.text(algorithm);
        let exp = ring.token().expires_at;
        let at = |micros: u64| ring.ring.verify(&text, exp.saturating_add(Duration::from_micros(micros)));
        assert_eq!(at(0), Ok(ring.token()));
        assert_eq!(at(4_999_999), Ok(ring.token()));
        assert_eq!(at(5_000_000), Err(TokenRejected::Expired));
        assert_eq!(at(6_000_000), Err(TokenRejected::Expired));
        assert_eq!(at(u64::MAX), Err(TokenRejected::Expired));
    }
}

#[tokio::test]
async fn a_token_from_the_future_is_refused_beyond_5_seconds() {
    let ring = Fixture::ring().await;
    let now = ring.claims()["iat"].as_i64().unwrap();
    for claim in ["nbf", "iat"] {
        assert!(ring.verify(&with(&ring, claim, json!(now + 5))).is_ok(), "{claim}");
        assert_eq!(ring.verify(&with(&ring, claim, json!(now + 6))), Err(TokenRejected::Invalid), "{claim}");
    }
    let text = ring.text(SigningAlgorithm::EdDsa);
    let epoch = Instant::from_unix_micros(0).unwrap();
    assert_eq!(ring.ring.verify(&text, epoch), Err(TokenRejected::Invalid));
}

#[tokio::test]
async fn threat_j8_a_token_of_another_issuer_or_for_another_audience_is_refused() {
    let ring = Fixture::ring().await;
    for claim in ["iss", "aud"] {
        for other in [
            "https://keyward.example/",
            "https://KEYWARD.example",
            "http://keyward.example",
            "keyward.example",
            "*",
        ] {
            assert_eq!(
                ring.verify(&with(&ring, claim, json!(other))),
                Err(TokenRejected::Invalid),
                "{claim} {other}"
            );
        }
    }
    assert_eq!(ring.verify(&with(&ring, "aud", json!([ISSUER]))), Err(TokenRejected::Invalid));
}

#[tokio::test]
async fn threat_j9_the_environment_cannot_be_changed() {
    let ring = Fixture::ring().await;
    let [header, payload, signature] = ring.parts(SigningAlgorithm::EdDsa);
    let live = String::from_utf8(decode(&payload)).unwrap();
    let sandbox = live.replace("\"live\"", "\"sandbox\"");
    assert_ne!(live, sandbox);
    let forged = format!("{header}.{}.{signature}", encode(sandbox));
    assert_eq!(ring.verify(&forged), Err(TokenRejected::Invalid));
}

#[tokio::test]
async fn the_order_is_signature_then_times_then_claims() {
    let ring = Fixture::ring().await;
    let mut claims = ring.claims();
    claims["exp"] = json!(1);
    claims.as_object_mut().unwrap().remove("jti");
    assert_eq!(ring.verify(&ring.with_payload(claims.to_string())), Err(TokenRejected::Expired));
    let [header, _, signature] = ring.parts(SigningAlgorithm::EdDsa);
    let forged = format!("{header}.{}.{signature}", encode(claims.to_string()));
    assert_eq!(ring.verify(&forged), Err(TokenRejected::Invalid));
}
