//! Bare Ed25519 signatures, by keys that were parsed once.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};

use crate::{Fallible, measure};

/// As long as the signed part of one of our tokens.
const MESSAGE: [u8; 480] = [b'a'; 480];

pub(crate) fn sign(seconds: f64) -> Fallible<()> {
    let pair = Ed25519KeyPair::generate()?;
    measure::repeat(seconds, || Ok(pair.try_sign(&MESSAGE).map(drop)?))
}

pub(crate) fn verify(seconds: f64) -> Fallible<()> {
    let pair = Ed25519KeyPair::generate()?;
    let signature = pair.try_sign(&MESSAGE)?;
    let public = ParsedPublicKey::new(&ED25519, pair.public_key().as_ref())?;
    measure::repeat(seconds, || Ok(public.verify_sig(&MESSAGE, signature.as_ref())?))
}
