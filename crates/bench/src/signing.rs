//! Bare signatures, by keys that were parsed once.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey, RSA_PKCS1_SHA256, RsaKeyPair};
use clap::ValueEnum;

use crate::{Fallible, measure};

/// As long as the signed part of one of our tokens.
const MESSAGE: [u8; 480] = [b'a'; 480];

/// What signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Algorithm {
    /// EdDSA.
    Ed25519,
    /// RS256, with 2048 bits.
    Rs256,
}

pub(crate) fn sign(algorithm: Algorithm, seconds: f64) -> Fallible<()> {
    match algorithm {
        Algorithm::Ed25519 => {
            let pair = Ed25519KeyPair::generate()?;
            measure::repeat(seconds, || Ok(pair.try_sign(&MESSAGE).map(drop)?))
        }
        Algorithm::Rs256 => {
            let (pair, random) = (RsaKeyPair::generate(KeySize::Rsa2048)?, SystemRandom::new());
            let mut signature = vec![0; pair.public_modulus_len()];
            measure::repeat(seconds, || {
                Ok(pair.sign(&RSA_PKCS1_SHA256, &random, &MESSAGE, &mut signature)?)
            })
        }
    }
}

pub(crate) fn verify(seconds: f64) -> Fallible<()> {
    let pair = Ed25519KeyPair::generate()?;
    let signature = pair.try_sign(&MESSAGE)?;
    let public = ParsedPublicKey::new(&ED25519, pair.public_key().as_ref())?;
    measure::repeat(seconds, || Ok(public.verify_sig(&MESSAGE, signature.as_ref())?))
}
