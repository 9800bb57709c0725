//! A signing key, parsed once: the library that verifies would parse it again for every signature.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyward_domain::secret::Secret;
use keyward_domain::tokens::SigningAlgorithm;

use crate::public_key::PublicKey;

/// The private half of a signing key.
pub(crate) enum KeyPair {
    /// Signs with EdDSA.
    Ed25519(Ed25519KeyPair),
    /// Signs with ES256.
    P256(EcdsaKeyPair),
    /// Signs with RS256.
    Rsa(RsaKeyPair),
}

impl KeyPair {
    /// Makes a new key: PKCS #8 DER (RFC 5958). An RSA key takes some tenths of a second, once per deployment.
    pub(crate) fn generate(algorithm: SigningAlgorithm) -> Result<Secret<Vec<u8>>, Unspecified> {
        let document = match algorithm {
            SigningAlgorithm::EdDsa => Ed25519KeyPair::generate()?.to_pkcs8v1()?,
            SigningAlgorithm::Es256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?.to_pkcs8v1()?
            }
            SigningAlgorithm::Rs256 => {
                let der: Pkcs8V1Der<'_> = RsaKeyPair::generate(KeySize::Rsa2048)?.as_der()?;
                return Ok(Secret::new(der.as_ref().to_vec()));
            }
        };
        Ok(Secret::new(document.as_ref().to_vec()))
    }

    /// Reads what [`generate`](Self::generate) made.
    pub(crate) fn parse(algorithm: SigningAlgorithm, pkcs8: &[u8]) -> Result<Self, KeyRejected> {
        Ok(match algorithm {
            SigningAlgorithm::EdDsa => Self::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8)?),
            SigningAlgorithm::Es256 => {
                Self::P256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)?)
            }
            SigningAlgorithm::Rs256 => Self::Rsa(RsaKeyPair::from_pkcs8(pkcs8)?),
        })
    }

    /// The signature in the form that a JWS has (RFC 7518, sections 3.3 and 3.4; RFC 8037, section 3.1).
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Ed25519(pair) => Ok(pair.try_sign(message)?.as_ref().to_vec()),
            Self::P256(pair) => Ok(pair.sign(&SystemRandom::new(), message)?.as_ref().to_vec()),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
        }
    }

    /// The public half.
    pub(crate) fn public(&self) -> PublicKey {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Ed25519(pair) => PublicKey::Ed25519 { x: encode(pair.public_key().as_ref()) },
            Self::P256(pair) => {
                // 0x04 ‖ x ‖ y: an uncompressed point (SEC 1, section 2.3.3).
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                PublicKey::P256 { x: encode(x), y: encode(y) }
            }
            Self::Rsa(pair) => {
                let (n, e) = (pair.public_key().modulus(), pair.public_key().exponent());
                PublicKey::Rsa {
                    n: encode(n.big_endian_without_leading_zero()),
                    e: encode(e.big_endian_without_leading_zero()),
                }
            }
        }
    }
}
