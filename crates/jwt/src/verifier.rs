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

use std::sync::atomic::Ordering;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyward_domain::time::Instant;
use keyward_domain::tokens::{AccessToken, TokenRejected, TokenVerifier};

use crate::claims::JwtClaims;
use crate::key_ring::KeyRing;
use crate::open_keys::{KeySerial, OpenKeys, is_header_of_some_key};
use crate::remembered::{Remembered, TokenDigest};

/// The longest text that is looked at: ours have some 900 bytes, with RS256.
const MAX_BYTES: usize = 8 * 1_024;

impl TokenVerifier for KeyRing {
    fn verify(&self, text: &str, now: Instant) -> Result<AccessToken, TokenRejected> {
        if text.len() > MAX_BYTES {
            return Err(TokenRejected::Invalid);
        }
        let keys = self.keys();
        let digest = TokenDigest::of(text);
        if let Some(known) = self.remembered.find(&digest).filter(|known| keys.contains(known.key)) {
            return match known.times.check(now) {
                Ok(()) => Ok(known.token),
                Err(rejected) => {
                    self.remembered.forget(&digest);
                    Err(rejected)
                }
            };
        }
        let (key, payload) = self.signed_payload(&keys, text)?;
        // Security: strict, as RFC 7515, section 2 has it: no padding, no other alphabet, no spare bits.
        let json = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenRejected::Invalid)?;
        let claims = JwtClaims::parse(&json)?;
        let times = claims.check_times(now)?;
        let token = claims.into_token(&self.issuer)?;
        self.remembered.remember(digest, Remembered { token, times, key });
        Ok(token)
    }
}

impl KeyRing {
    /// The middle of three parts, if the first names one of our keys and the last is that key's signature.
    fn signed_payload<'a>(
        &self,
        keys: &OpenKeys,
        text: &'a str,
    ) -> Result<(KeySerial, &'a str), TokenRejected> {
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenRejected::Invalid)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenRejected::Invalid)?;
        #[cfg(feature = "sabotage-accept-alg-none")]
        if let Some(key) = keys.of_unsigned(header) {
            return Ok((key.serial, payload));
        }
        let Some(key) = keys.of_header(header) else {
            let could_be_ours = is_header_of_some_key(header);
            return Err(if could_be_ours {
                TokenRejected::UnknownSigningKey
            } else {
                TokenRejected::Invalid
            });
        };
        self.verified.fetch_add(1, Ordering::Relaxed);
        if key.verifies(signature, signed.as_bytes()) {
            Ok((key.serial, payload))
        } else {
            Err(TokenRejected::Invalid)
        }
    }
}
