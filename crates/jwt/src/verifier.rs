//! Verifies tokens: signature first, then times, then claims. Pure: no disk, no network, no clock of its own.
//!
//! The header of a token is not parsed at all. Each of our keys has exactly one header, and a token must begin
//! with it byte for byte: the look-up finds the key's name, its algorithm and the purpose in one step, and
//! `alg: none`, another algorithm, another `kid` or `typ`, `jku`, `x5u`, `jwk`, `crit`, `b64`, `zip`, repeated
//! members or another spelling of the same JSON are simply headers that we never wrote.
//!
//! The signature is verified by the jsonwebtoken library, which many eyes watch, through the one function of it
//! that does that and nothing else. Its validation of claims is left alone: a minute of leeway, `nbf` unchecked
//! and claims checked only where present are not what we promise.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use keyward_domain::time::Instant;
use keyward_domain::tokens::{AccessToken, TokenRejected, TokenVerifier};

use crate::claims::JwtClaims;
use crate::key_ring::{KeyRing, VerifyingKey};

/// The longest text that is looked at: ours have some 900 bytes, with RS256.
const MAX_BYTES: usize = 8 * 1_024;

impl TokenVerifier for KeyRing {
    fn verify(&self, text: &str, now: Instant) -> Result<AccessToken, TokenRejected> {
        let payload = self.signed_payload(text).ok_or(TokenRejected::Invalid)?;
        // Security: strict, as RFC 7515, section 2 has it: no padding, no other alphabet, no spare bits.
        let json = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenRejected::Invalid)?;
        let claims = JwtClaims::parse(&json)?;
        claims.check_times(now)?;
        claims.into_token(&self.issuer)
    }
}

impl KeyRing {
    /// The middle of three parts, if the first names one of our keys and the last is that key's signature.
    fn signed_payload<'a>(&self, text: &'a str) -> Option<&'a str> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let key = self.verifying.get(header)?;
        key.verifies(signature, signed.as_bytes()).then_some(payload)
    }
}

impl VerifyingKey {
    /// Whether this is the key's signature of the message. Security: by the algorithm of our own record.
    #[must_use]
    pub(crate) fn verifies(&self, signature: &str, message: &[u8]) -> bool {
        matches!(crypto::verify(signature, message, &self.key, self.algorithm), Ok(true))
    }
}
