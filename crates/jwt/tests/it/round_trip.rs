//! What the ring signs, the ring verifies; so does whoever has its JWK Set and another program.

use jsonwebtoken::jwk::{JwkSet, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use keyward_domain::environment::Environment;
use keyward_domain::tokens::{AccessToken, PublishedKeys, SigningAlgorithm, SubjectForm, TokenSigner};
use serde_json::{Value, json};

use crate::fixture::{Fixture, ISSUER, decode as base64_decode};

#[tokio::test]
async fn a_token_survives_signing_and_verifying_with_each_algorithm() {
    let ring = Fixture::ring().await;
    let whole = ring.token();
    let of_a_sandbox_key = AccessToken { agent: None, environment: Environment::Sandbox, ..whole };
    let of_a_password = AccessToken { agent: None, key: None, ..whole };
    let of_an_organization = AccessToken { agent: None, subject: SubjectForm::OrganizationKey, ..whole };
    for token in [whole, of_a_sandbox_key, of_a_password, of_an_organization] {
        for &algorithm in SigningAlgorithm::ALL {
            let text = ring.ring.sign(&token, algorithm).unwrap();
            assert_eq!(ring.verify(text.expose()), Ok(token), "{algorithm}");
        }
    }
}

#[tokio::test]
async fn a_token_says_what_the_table_of_claims_says() {
    let ring = Fixture::ring().await;
    let token = ring.token();
    let [header, payload, _] = ring.parts(SigningAlgorithm::Rs256);
    let kid = &ring.keys[&SigningAlgorithm::Rs256].kid;
    let header: Value = serde_json::from_slice(&base64_decode(&header)).unwrap();
    assert_eq!(header, json!({ "alg": "RS256", "typ": "at+jwt", "kid": kid }));
    let claims: Value = serde_json::from_slice(&base64_decode(&payload)).unwrap();
    let expected = json!({
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": token.account.id.to_string(),
        "iat": 1_773_925_200,
        "nbf": 1_773_925_200,
        "exp": 1_773_926_100,
        "jti": token.id.to_string(),
        "env": "live",
        "account_id": token.account.id.to_string(),
        "account_epoch": 3,
        "agent_id": token.agent.unwrap().id.to_string(),
        "agent_epoch": 4,
        "key_id": token.key.unwrap().id.to_string(),
        "key_generation": 5,
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn a_token_of_an_organization_s_key_names_that_key() {
    let ring = Fixture::ring().await;
    let token = AccessToken { subject: SubjectForm::OrganizationKey, ..ring.token() };
    let text = ring.ring.sign(&token, SigningAlgorithm::Rs256).unwrap();
    let payload = text.expose().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&base64_decode(payload)).unwrap();
    assert_eq!(claims["sub"], format!("org_key_{}", token.key.unwrap().id.to_hex()));
    assert_eq!(claims["account_id"], token.account.id.to_string());
}

#[tokio::test]
async fn an_outsider_verifies_tokens_by_the_jwk_set() {
    let ring = Fixture::ring().await;
    let set: JwkSet = serde_json::from_str(&ring.ring.jwks().json).unwrap();
    for (algorithm, theirs) in [
        (SigningAlgorithm::EdDsa, Algorithm::EdDSA),
        (SigningAlgorithm::Es256, Algorithm::ES256),
        (SigningAlgorithm::Rs256, Algorithm::RS256),
    ] {
        let jwk = set.find(&ring.keys[&algorithm].kid).unwrap();
        assert_eq!(jwk.thumbprint(ThumbprintHash::SHA256).unwrap(), ring.keys[&algorithm].kid, "{algorithm}");
        let mut validation = Validation::new(theirs);
        validation.set_audience(&[ISSUER]);
        validation.set_issuer(&[ISSUER]);
        validation.validate_exp = false; // The fixture's clock stands still in March 2026.
        let key = DecodingKey::from_jwk(jwk).unwrap();
        let data = decode::<Value>(ring.text(algorithm), &key, &validation).unwrap();
        assert_eq!(data.claims, ring.claims(), "{algorithm}");
    }
}

#[tokio::test]
async fn threat_k2_the_jwk_set_shows_public_members_only() {
    let ring = Fixture::ring().await;
    let set: Value = serde_json::from_str(&ring.ring.jwks().json).unwrap();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!((set.as_object().unwrap().len(), keys.len()), (1, 3));
    for key in keys {
        let members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        let expected: &[&str] = match key["kty"].as_str().unwrap() {
            "OKP" => &["kty", "use", "alg", "kid", "crv", "x"],
            "EC" => &["kty", "use", "alg", "kid", "crv", "x", "y"],
            _ => &["kty", "use", "alg", "kid", "n", "e"],
        };
        assert_eq!(members, expected);
        assert_eq!(key["use"], "sig");
    }
}

#[tokio::test]
async fn the_library_has_exactly_one_backend_and_does_not_panic_at_first_use() {
    let ring = Fixture::ring().await; // Opening verifies once with each key.
    assert!(ring.verify(&ring.text(SigningAlgorithm::EdDsa)).is_ok());
    // With two backends, or none, this would panic too.
    let secret = DecodingKey::from_secret(b"secret");
    assert!(
        jsonwebtoken::crypto::verify("AAAA", b"message", &secret, Algorithm::HS256).is_ok_and(|good| !good)
    );
}
