//! J2: public keys as shared secrets, and algorithms that are not the key's own.

use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use keyward_testkit::forgers_key::ForgersKey;
use serde_json::{Value, json};

use super::corpus::Class;
use super::forge::{Forge, Token, encode, pem, signed_by};

const HMACS: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

/// Algorithms that we do not sign with.
const FOREIGN: [&str; 16] = [
    "HS256", "HS384", "HS512", "RS384", "RS512", "PS256", "PS384", "PS512", "ES384", "ES512", "ES256K",
    "Ed25519", "Ed448", "RSA-OAEP", "dir", "A256GCM",
];

pub(super) fn classes(forge: &Forge) -> Vec<Class> {
    let foreign = FOREIGN.map(|alg| json!({"alg": alg}));
    let cased = ["eddsa", "EDDSA", "es256", "Es256", "rs256", "Rs256"].map(|alg| json!({"alg": alg}));
    vec![
        Class::invalid("J2", "HMAC with a public key for its secret", with_public_secrets(forge)),
        Class::invalid("J2", "HMAC with a secret that can be guessed", with_guessed_secrets(forge)),
        Class::invalid("J2", "an algorithm that we do not have", forge.with_headers(forge.heads(foreign))),
        Class::invalid("J2", "our algorithms in another case", forge.with_headers(forge.heads(cased))),
        Class::invalid("J2", "the alg of another of our keys", forge.with_headers(other_algs(forge))),
        Class::invalid("J2", "signed by another key of ours", by_our_other_key(forge)),
        Class::invalid("J2", "the header of another key of ours", with_our_other_header(forge)),
        Class::invalid("J2", "signed by a stranger's key of the same kind", by_stranger(forge)),
        Class::invalid("J2", "signed by a stranger's key of another kind", by_other_strangers(forge)),
        Class::invalid("J2", "encrypted instead of signed", encrypted(forge)),
    ]
}

fn hmac(algorithm: Algorithm, secret: &[u8], header: &str, payload: &str) -> String {
    let message = format!("{header}.{payload}");
    let tag =
        crypto::sign(message.as_bytes(), &EncodingKey::from_secret(secret), algorithm).expect("an HMAC");
    format!("{message}.{tag}")
}

/// A token for each HMAC and each header: one that says HMAC, and the real one.
fn hmacs<'a>(real: &'a Token, secret: &'a [u8]) -> impl Iterator<Item = String> + 'a {
    HMACS.into_iter().flat_map(move |algorithm| {
        let mut head = real.head();
        head["alg"] = json!(format!("{algorithm:?}"));
        let headers = [encode(head.to_string()), real.header.clone()];
        headers.map(|header| hmac(algorithm, secret, &header, &real.payload))
    })
}

/// Every published key in the forms in which it goes around.
fn public_forms(forge: &Forge) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    for jwk in forge.jwks["keys"].as_array().expect("keys") {
        forms.push(jwk.to_string().into_bytes());
        for member in ["x", "y", "n", "kid"] {
            let Some(text) = jwk[member].as_str() else { continue };
            forms.extend([text.as_bytes().to_vec(), super::forge::decode(text)]);
        }
    }
    forms.push(forge.jwks.to_string().into_bytes());
    forms.extend(file_forms(&forge.own_other.1));
    forms
}

fn file_forms(key: &ForgersKey) -> [Vec<u8>; 4] {
    let (der, pem) = (key.public_der(), pem(&key.public_der()));
    [key.public(), der, pem.trim_end().as_bytes().to_vec(), pem.into_bytes()]
}

fn with_public_secrets(forge: &Forge) -> Vec<String> {
    let [real, ..] = &*forge.real else { panic!("real tokens") };
    public_forms(forge).iter().flat_map(|secret| hmacs(real, secret).collect::<Vec<_>>()).collect()
}

fn with_guessed_secrets(forge: &Forge) -> Vec<String> {
    let [real, ..] = &*forge.real else { panic!("real tokens") };
    let issuer = real.claims["iss"].as_str().expect("an issuer");
    let secrets = ["", "secret", "keyward", "changeme", "0", "null", issuer];
    secrets.iter().flat_map(|secret| hmacs(real, secret.as_bytes()).collect::<Vec<_>>()).collect()
}

fn other_algs(forge: &Forge) -> Vec<Value> {
    let own = forge.algorithm.as_str();
    let others = ["EdDSA", "ES256", "RS256"].into_iter().filter(|alg| *alg != own);
    forge.heads(others.map(|alg| json!({"alg": alg})))
}

fn by_our_other_key(forge: &Forge) -> Vec<String> {
    let (kid, key) = &forge.own_other;
    let named = encode(json!({"alg": forge.algorithm.as_str(), "typ": "at+jwt", "kid": kid}).to_string());
    let each = forge.real.iter().flat_map(|real| {
        [signed_by(key, &real.header, &real.payload), signed_by(key, &named, &real.payload)]
    });
    each.collect()
}

fn with_our_other_header(forge: &Forge) -> Vec<String> {
    let (kid, key) = &forge.own_other;
    let header = encode(json!({"alg": key.algorithm.as_str(), "typ": "at+jwt", "kid": kid}).to_string());
    let each = forge.real.iter().flat_map(|real| {
        [
            format!("{header}.{}.{}", real.payload, real.signature),
            forge.own_signed(&header, &real.payload),
            signed_by(&forge.strangers, &header, &real.payload),
        ]
    });
    each.collect()
}

/// Under a real header, under that of our next key, and under one that names a key of the stranger's.
fn by_stranger(forge: &Forge) -> Vec<String> {
    let next = encode(forge.own_head().to_string());
    let thumbprint = encode(forge.noise::<32>());
    let head = json!({"alg": forge.algorithm.as_str(), "typ": "at+jwt", "kid": thumbprint});
    let strangers = encode(head.to_string());
    let each = forge.real.iter().flat_map(|real| {
        [&real.header, &next, &strangers].map(|header| signed_by(&forge.strangers, header, &real.payload))
    });
    each.collect()
}

fn by_other_strangers(forge: &Forge) -> Vec<String> {
    let next = encode(forge.own_head().to_string());
    let each = forge.others.iter().flat_map(|key| {
        let mut head = forge.own_head();
        head["alg"] = json!(key.algorithm.as_str());
        let header = encode(head.to_string());
        let real = forge.real.iter();
        let tokens = real.flat_map(|real| {
            [&real.header, &next, &header].map(|header| signed_by(key, header, &real.payload))
        });
        tokens.collect::<Vec<_>>()
    });
    each.collect()
}

/// Five parts, as a JWE has (RFC 7516, section 3.1).
fn encrypted(forge: &Forge) -> Vec<String> {
    let head = json!({"alg": "dir", "enc": "A256GCM", "typ": "at+jwt"});
    let header = encode(head.to_string());
    let (iv, tag) = (encode(forge.noise::<12>()), encode(forge.noise::<16>()));
    let each = forge.real.iter().flat_map(|real| {
        let payload = &real.payload;
        [
            format!("{header}..{iv}.{payload}.{tag}"),
            format!("{}..{iv}.{payload}.{tag}", real.header),
            format!("{}.{payload}.{}.{iv}.{tag}", real.header, real.signature),
        ]
    });
    each.collect()
}
