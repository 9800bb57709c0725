//! The memory of verified tokens: a hit verifies no signature, and decides nothing else.

use std::time::Duration;

use keyward_domain::revocations::RevocationNumber;
use keyward_domain::time::Instant;
use keyward_domain::tokens::{SigningAlgorithm, TokenRejected, TokenVerifier};
use serde_json::{Value, json};

use crate::deployment::{DAY, Deployment};
use crate::fixture::{Fixture, Ring};

#[tokio::test]
async fn a_token_is_verified_once() {
    let ring = Fixture::ring().await;
    for &algorithm in SigningAlgorithm::ALL {
        let text = ring.text(algorithm);
        let before = ring.ring.signatures_verified();
        for _ in 0..100 {
            assert_eq!(ring.verify(&text), Ok(ring.token()));
        }
        assert_eq!(ring.ring.signatures_verified() - before, 1, "{algorithm}");
    }
}

#[tokio::test]
async fn threat_j12_a_remembered_token_opens_the_way_for_no_other_text() {
    let ring = Fixture::ring().await;
    let text = ring.text(SigningAlgorithm::EdDsa);
    assert!(ring.verify(&text).is_ok());
    for position in 0..text.len() {
        let mut flipped = text.clone().into_bytes();
        flipped[position] ^= 1;
        assert!(ring.verify(&String::from_utf8(flipped).unwrap()).is_err());
    }
    assert_eq!(ring.ring.tokens_remembered(), 1);
}

#[tokio::test]
async fn what_was_refused_is_not_remembered() {
    let ring = Fixture::ring().await;
    let signed = |change: fn(&mut Value)| {
        let mut claims = ring.claims();
        change(&mut claims);
        ring.with_payload(claims.to_string())
    };
    let refused = [
        signed(|claims| claims["exp"] = json!(1)),
        signed(|claims| claims["aud"] = json!("https://other.example")),
        signed(|claims| claims["nbf"] = json!(4_000_000_000_u64)),
        signed(|claims| drop(claims.as_object_mut().unwrap().remove("jti"))),
        "no.token.at-all".to_owned(),
    ];
    for text in &refused {
        assert!(ring.verify(text).is_err());
        assert!(ring.verify(text).is_err());
    }
    assert_eq!(ring.ring.tokens_remembered(), 0);
}

#[tokio::test]
async fn threat_j7_a_remembered_token_ends_when_its_time_is_over() {
    let ring = Fixture::ring().await;
    let text = ring.text(SigningAlgorithm::EdDsa);
    let exp = ring.token().expires_at;
    let at = |seconds| ring.ring.verify(&text, exp.saturating_add(Duration::from_secs(seconds)));
    assert!(ring.verify(&text).is_ok());
    let before = ring.ring.signatures_verified();
    assert_eq!(at(4), Ok(ring.token()));
    assert_eq!(at(5), Err(TokenRejected::Expired));
    assert_eq!(ring.ring.signatures_verified(), before);
    assert_eq!(ring.ring.tokens_remembered(), 0);
}

#[tokio::test]
async fn a_remembered_token_is_refused_by_a_clock_that_stands_before_its_nbf_and_its_iat() {
    let ring = Fixture::ring().await;
    for claim in ["nbf", "iat"] {
        let mut claims = ring.claims();
        claims[claim] = json!(claims["iat"].as_i64().unwrap() + 5);
        let text = ring.with_payload(claims.to_string());
        assert!(ring.verify(&text).is_ok());
        let micros = ring.now.unix_micros() - 1_000_001;
        let earlier = Instant::from_unix_micros(micros).unwrap();
        assert_eq!(ring.ring.verify(&text, earlier), Err(TokenRejected::Invalid), "{claim}");
    }
}

#[tokio::test]
async fn threat_j14_a_remembered_token_is_refused_once_its_key_is_gone() {
    let deployment = Deployment::of_nodes(1).await;
    let (text, token) = deployment.issue(0, 365 * DAY);
    let ring = &deployment.rings[0];
    assert_eq!(ring.verify(&text, deployment.now()), Ok(token));
    assert_eq!(ring.tokens_remembered(), 1);

    ring.replace(RevocationNumber::new(1), &[]).unwrap();

    assert_eq!(ring.tokens_remembered(), 0);
    assert_eq!(ring.verify(&text, deployment.now()), Err(TokenRejected::UnknownSigningKey));
}

#[tokio::test]
async fn the_memory_is_bounded() {
    let Ring { ring, now, keys } = Fixture::ring().await;
    let ring = Ring { ring: ring.remembering(64), now, keys };
    for number in 0..1_000 {
        let mut claims = ring.claims();
        claims["key_generation"] = json!(number);
        assert!(ring.verify(&ring.with_payload(claims.to_string())).is_ok());
        assert!(ring.ring.tokens_remembered() <= 64);
    }
    assert!(ring.ring.tokens_remembered() > 0);
}
