//! A private key in the wrong hands: one of the app's own, or a stranger's. With it a test signs what the app never
//! would.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use keyward_crypto::MasterKey;
use keyward_domain::ids::RequestId;
use keyward_domain::request::RequestContext;
use keyward_domain::secret::Sealer;
use keyward_domain::tokens::SigningAlgorithm;

use super::TestApp;
use crate::builders::admin;
use crate::entropy::SeededEntropy;

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
    /// A key that the app has never seen.
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

    fn parse(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Self {
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
}

impl TestApp {
    /// The next signing key of an algorithm that is in use, and its name: it is published, so what it signs is good.
    /// Whoever has the database and the master key has it.
    pub async fn forgers_key(&self, algorithm: SigningAlgorithm) -> (String, ForgersKey) {
        let context = RequestContext::of_ours(RequestId::from_uuid(uuid::Uuid::nil()));
        let next = self.domain().signing_keys.rotate(&[algorithm], &admin("thief"), &context).await;
        let next = next.expect("a next key").pop().expect("an algorithm in use");
        let file = std::fs::read_to_string(self.data_dir().join("data/master.key")).expect("a master key");
        let deployment = self.keyward.deployment().await.expect("a database").expect("a founded one");
        let root =
            MasterKey::parse(&file).expect("a master key").open(&deployment).expect("the database's own");
        let sealer = root.sealer(Arc::new(SeededEntropy::new(1)));
        let kid = next.kid.to_string();
        let context = format!("keyward signing key 1:{algorithm}:{kid}");
        let pkcs8 = sealer.open(&next.sealed, context.as_bytes()).expect("what this master key sealed");
        (kid, ForgersKey::parse(algorithm, pkcs8.expose()))
    }
}
