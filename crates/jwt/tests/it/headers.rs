//! Forged headers, by the classes of the threat model. All of them are refused.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keyward_domain::tokens::{PublishedKeys, SigningAlgorithm};
use keyward_testkit::forgers_key::ForgersKey;
use serde_json::{Value, json};

use crate::fixture::{Fixture, Ring, all_invalid, decode, encode};

/// A good token's header with other members, in their order.
fn header(
    ring: &Ring,
    algorithm: SigningAlgorithm,
    change: impl FnOnce(&mut serde_json::Map<String, Value>),
) -> String {
    let mut header = json!({ "alg": algorithm.as_str(), "typ": "at+jwt", "kid": ring.keys[&algorithm].kid });
    change(header.as_object_mut().unwrap());
    encode(header.to_string())
}

#[tokio::test]
async fn threat_j1_alg_none_is_refused() {
    let ring = Fixture::ring().await;
    for &algorithm in SigningAlgorithm::ALL {
        let [genuine, payload, signature] = ring.parts(algorithm);
        for none in ["none", "None", "nOnE", "NONE", "", " none", "none\0", "HS256", "EDDSA", "eddsa"] {
            let forged = header(&ring, algorithm, |header| header["alg"] = json!(none));
            all_invalid(
                &ring,
                [
                    format!("{forged}.{payload}."),
                    format!("{forged}.{payload}"),
                    format!("{forged}.{payload}.{signature}"),
                ],
            );
        }
        let without_alg = header(&ring, algorithm, |header| drop(header.remove("alg")));
        all_invalid(
            &ring,
            [format!("{without_alg}.{payload}."), format!("{without_alg}.{payload}.{signature}")],
        );
        all_invalid(
            &ring,
            [
                format!("{genuine}.{payload}."),
                format!("{genuine}.{payload}"),
                format!("{genuine}..{signature}"),
            ],
        );
    }
}

#[tokio::test]
async fn threat_j2_a_public_key_is_no_hmac_secret() {
    let ring = Fixture::ring().await;
    let jwks: Value = serde_json::from_str(&ring.ring.jwks().json).unwrap();
    for &algorithm in SigningAlgorithm::ALL {
        let [genuine, payload, _] = ring.parts(algorithm);
        let hs256 = header(&ring, algorithm, |header| header["alg"] = json!("HS256"));
        let jwk =
            jwks["keys"].as_array().unwrap().iter().find(|jwk| jwk["alg"] == algorithm.as_str()).unwrap();
        let mut secrets = public_forms(&ring.keys[&algorithm].pair);
        secrets.extend([
            jwk.to_string().into_bytes(),
            ring.keys[&algorithm].kid.clone().into_bytes(),
            Vec::new(),
        ]);
        for secret in secrets {
            for header in [&hs256, &genuine] {
                let signed = format!("{header}.{payload}");
                let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), signed.as_bytes());
                all_invalid(&ring, [format!("{signed}.{}", encode(tag))]);
            }
        }
    }
}

/// A public key in the forms in which people pass it around: raw, DER, PEM.
fn public_forms(pair: &ForgersKey) -> Vec<Vec<u8>> {
    let der = pair.public_der();
    let base64 = STANDARD.encode(&der);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", lines.join("\n"));
    vec![pair.public(), der, format!("{pem}\n").into_bytes(), pem.into_bytes()]
}

#[tokio::test]
async fn threat_j2_the_algorithm_is_the_keys_own() {
    let ring = Fixture::ring().await;
    for &named in SigningAlgorithm::ALL {
        for &signing in SigningAlgorithm::ALL.iter().filter(|&&signing| signing != named) {
            let [named_header, payload, _] = ring.parts(named);
            let confused = header(&ring, named, |header| header["alg"] = json!(signing.as_str()));
            all_invalid(
                &ring,
                [
                    ring.sign(signing, &named_header, &payload),
                    ring.sign(signing, &confused, &payload),
                    ring.sign(named, &confused, &payload),
                ],
            );
        }
    }
}

#[tokio::test]
async fn threat_j3_a_kid_that_is_not_ours_is_refused() {
    let ring = Fixture::ring().await;
    let algorithm = SigningAlgorithm::EdDsa;
    let kid = &ring.keys[&algorithm].kid;
    let payload = &ring.parts(algorithm)[1];
    let kids = [
        json!("../../../../dev/null"),
        json!("' OR 1=1 --"),
        json!(""),
        json!(null),
        json!(0),
        json!([kid]),
        json!({ "kid": kid }),
        json!(format!("{kid} ")),
        json!(format!("{kid}\0")),
        json!(kid.to_lowercase()),
        json!("x".repeat(1_000_000)),
        json!(ring.keys[&SigningAlgorithm::Es256].kid),
    ];
    for other in kids {
        let forged = header(&ring, algorithm, |header| header["kid"] = other);
        all_invalid(&ring, [ring.sign(algorithm, &forged, payload)]);
    }
    let without_kid = header(&ring, algorithm, |header| drop(header.remove("kid")));
    all_invalid(&ring, [ring.sign(algorithm, &without_kid, payload)]);
}

#[tokio::test]
async fn threat_j4_a_key_in_the_header_is_refused() {
    let ring = Fixture::ring().await;
    let algorithm = SigningAlgorithm::EdDsa;
    let payload = &ring.parts(algorithm)[1];
    let attackers = ForgersKey::strangers(algorithm);
    let jwk = attackers.jwk("attackers");
    for (member, value) in [
        ("jwk", jwk),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
    ] {
        let forged = header(&ring, algorithm, |header| drop(header.insert(member.to_owned(), value)));
        let signed = format!("{forged}.{payload}");
        let theirs = format!("{signed}.{}", encode(attackers.sign(&signed)));
        all_invalid(&ring, [theirs, ring.sign(algorithm, &forged, payload)]);
    }
}

#[tokio::test]
async fn threat_j5_extensions_are_refused_even_under_a_good_signature() {
    let ring = Fixture::ring().await;
    let algorithm = SigningAlgorithm::EdDsa;
    let payload = &ring.parts(algorithm)[1];
    for members in [
        json!({ "crit": ["exp"] }),
        json!({ "crit": [] }),
        json!({ "crit": ["b64"], "b64": false }),
        json!({ "b64": true }),
        json!({ "zip": "DEF" }),
        json!({ "cty": "JWT" }),
        json!({ "anything": 1 }),
    ] {
        let forged = header(&ring, algorithm, |header| header.extend(members.as_object().unwrap().clone()));
        all_invalid(&ring, [ring.sign(algorithm, &forged, payload)]);
    }
}

#[tokio::test]
async fn threat_j5_a_header_in_another_spelling_is_refused() {
    let ring = Fixture::ring().await;
    let algorithm = SigningAlgorithm::EdDsa;
    let [genuine, payload, _] = ring.parts(algorithm);
    let json = String::from_utf8(decode(&genuine)).unwrap();
    let kid = &ring.keys[&algorithm].kid;
    for other in [
        json.replace(':', ": "),
        format!("{json} "),
        format!("\u{feff}{json}"),
        json.replace("alg", "\\u0061lg"),
        json.replace('{', r#"{"alg":"none","#),
        json.replace('}', r#","alg":"none"}"#),
        json.replace('}', r#","alg":"EdDSA"}"#),
        json.replace('}', &format!(r#","kid":"{kid}"}}"#)),
        format!(r#"["EdDSA","at+jwt","{kid}"]"#),
        format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{kid}"}}"#),
        "{}".to_owned(),
        "null".to_owned(),
        String::new(),
    ] {
        assert_ne!(other, json);
        all_invalid(&ring, [ring.sign(algorithm, &encode(other), &payload)]);
    }
}

#[tokio::test]
async fn threat_j8_a_token_of_another_type_is_refused() {
    let ring = Fixture::ring().await;
    let algorithm = SigningAlgorithm::EdDsa;
    let payload = &ring.parts(algorithm)[1];
    for typ in [
        json!("JWT"),
        json!("jwt"),
        json!("AT+JWT"),
        json!("application/at+jwt"),
        json!("portal+jwt"),
        json!(null),
        json!(["at+jwt"]),
    ] {
        let forged = header(&ring, algorithm, |header| header["typ"] = typ);
        all_invalid(&ring, [ring.sign(algorithm, &forged, payload)]);
    }
    let without_typ = header(&ring, algorithm, |header| drop(header.remove("typ")));
    all_invalid(&ring, [ring.sign(algorithm, &without_typ, payload)]);
}
