//! A private key in the wrong hands. With it a test signs what no server would.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use keyward_domain::tokens::SigningAlgorithm;
use serde_json::{Value, json};

/// A private key that signs whatever it is given.
pub struct ForgersKey {
    /// What its tokens say of their algorithm.
    pub algorithm: SigningAlgorithm,
    pair: Pair,
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl ForgersKey {
    /// A key that nobody has seen before.
    pub fn strangers(algorithm: SigningAlgorithm) -> Self {
        let pair = match algorithm {
            SigningAlgorithm::EdDsa => Pair::Ed25519(Ed25519KeyPair::generate().unwrap()),
            SigningAlgorithm::Es256 => {
                Pair::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
            }
            SigningAlgorithm::Rs256 => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
        };
        Self { algorithm, pair }
    }

    /// One that a test has got hold of: PKCS #8 DER.
    pub fn parse(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Self {
        let pair = match algorithm {
            SigningAlgorithm::EdDsa => Pair::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8).unwrap()),
            SigningAlgorithm::Es256 => {
                Pair::P256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).unwrap())
            }
            SigningAlgorithm::Rs256 => Pair::Rsa(RsaKeyPair::from_pkcs8(pkcs8).unwrap()),
        };
        Self { algorithm, pair }
    }

    /// Its signature, in the form that a JWS has.
    pub fn sign(&self, message: impl AsRef<[u8]>) -> Vec<u8> {
        let (message, random) = (message.as_ref(), SystemRandom::new());
        match &self.pair {
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::P256(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
                signature
            }
        }
    }

    /// Its public half, raw: as the library writes it, without a wrapping.
    pub fn public(&self) -> Vec<u8> {
        match &self.pair {
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
            Pair::P256(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// Its public half as a SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7).
    pub fn public_der(&self) -> Vec<u8> {
        let der: PublicKeyX509Der<'_> = match &self.pair {
            Pair::Ed25519(pair) => pair.public_key().as_der().unwrap(),
            Pair::P256(pair) => pair.public_key().as_der().unwrap(),
            Pair::Rsa(pair) => pair.public_key().as_der().unwrap(),
        };
        der.as_ref().to_vec()
    }

    /// Its public half as a JWK of this name.
    pub fn jwk(&self, kid: &str) -> Value {
        let (public, alg) = (self.public(), self.algorithm.as_str());
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        match self.algorithm {
            SigningAlgorithm::EdDsa => {
                json!({"kty": "OKP", "use": "sig", "alg": alg, "kid": kid, "crv": "Ed25519", "x": encode(&public)})
            }
            SigningAlgorithm::Es256 => {
                let (x, y) = public[1..].split_at(32);
                json!({"kty": "EC", "use": "sig", "alg": alg, "kid": kid, "crv": "P-256", "x": encode(x), "y": encode(y)})
            }
            // RSAPublicKey (RFC 8017, appendix A.1.1): of 2,048 bits, whose modulus begins at the tenth byte.
            SigningAlgorithm::Rs256 => {
                json!({"kty": "RSA", "use": "sig", "alg": alg, "kid": kid, "n": encode(&public[9..265]), "e": "AQAB"})
            }
        }
    }
}
