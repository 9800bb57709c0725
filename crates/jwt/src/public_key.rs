//! The public half of a signing key: its thumbprint, its JWK, and what verifies with it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use keyward_domain::tokens::{KeyThumbprint, SigningAlgorithm};
use serde::Serialize;

/// A public key in the members of its JWK: base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// RFC 8037, section 2.
    Ed25519 { x: String },
    /// RFC 7518, section 6.2.1.
    P256 { x: String, y: String },
    /// RFC 7518, section 6.3.1.
    Rsa { n: String, e: String },
}

/// One entry of a JWK Set (RFC 7517, section 4). Security: has no member for anything private.
#[derive(Debug, Serialize)]
pub(crate) struct Jwk {
    kty: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
    alg: &'static str,
    kid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
}

impl PublicKey {
    /// The key's name (RFC 7638): SHA-256 of its required members in alphabetical order, without white space.
    /// The members are base64url, which needs no escaping.
    pub(crate) fn thumbprint(&self) -> KeyThumbprint {
        let members = match self {
            Self::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
            Self::P256 { x, y } => format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        };
        KeyThumbprint::new(URL_SAFE_NO_PAD.encode(digest(&SHA256, members.as_bytes())))
    }

    /// The entry of the JWK Set.
    pub(crate) fn jwk(&self, kid: &KeyThumbprint, algorithm: SigningAlgorithm) -> Jwk {
        let jwk = |kty| Jwk {
            kty,
            usage: "sig",
            alg: algorithm.as_str(),
            kid: kid.as_str().to_owned(),
            crv: None,
            x: None,
            y: None,
            n: None,
            e: None,
        };
        match self.clone() {
            Self::Ed25519 { x } => Jwk { crv: Some("Ed25519"), x: Some(x), ..jwk("OKP") },
            Self::P256 { x, y } => Jwk { crv: Some("P-256"), x: Some(x), y: Some(y), ..jwk("EC") },
            Self::Rsa { n, e } => Jwk { n: Some(n), e: Some(e), ..jwk("RSA") },
        }
    }

    /// What verifies with it.
    pub(crate) fn verifying_key(&self) -> jsonwebtoken::errors::Result<VerifyingKey> {
        let (key, algorithm) = match self {
            Self::Ed25519 { x } => (DecodingKey::from_ed_components(x)?, Algorithm::EdDSA),
            Self::P256 { x, y } => (DecodingKey::from_ec_components(x, y)?, Algorithm::ES256),
            Self::Rsa { n, e } => (DecodingKey::from_rsa_components(n, e)?, Algorithm::RS256),
        };
        Ok(VerifyingKey { key, algorithm })
    }
}

/// A public key, parsed once, with the one algorithm that it verifies by.
pub(crate) struct VerifyingKey {
    key: DecodingKey,
    /// Security: from the kind of the key. What a token says of itself is never asked.
    algorithm: Algorithm,
}

impl VerifyingKey {
    /// Whether this is the key's signature of the message.
    #[must_use]
    pub(crate) fn verifies(&self, signature: &str, message: &[u8]) -> bool {
        matches!(crypto::verify(signature, message, &self.key, self.algorithm), Ok(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprints_are_those_of_the_rfcs() {
        // RFC 8037, appendix A.3.
        let ed25519 = PublicKey::Ed25519 { x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".to_owned() };
        assert_eq!(ed25519.thumbprint().as_str(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        // RFC 7638, section 3.1.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRX\
                 jBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqz\
                 s8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-\
                 G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let rsa = PublicKey::Rsa { n: n.to_owned(), e: "AQAB".to_owned() };
        assert_eq!(rsa.thumbprint().as_str(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }
}
