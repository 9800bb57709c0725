//! The request that may be repeated, and what tells it from every other.

use super::{IdempotencySealer, InvalidIdempotencyKey};
use crate::principal::Principal;
use crate::secret::{Digest, Secret};

/// What a client calls its request by, so that it may repeat it.
///
/// Security: it is half of what opens the sealed outcome, and is kept nowhere.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(Secret<String>);

impl IdempotencyKey {
    /// The most characters that a key may have.
    pub const MAX_CHARS: usize = 255;
    /// A key of so many characters cannot be guessed, if it is random: 22 characters of base64 are 128 bits.
    pub const STRONG_CHARS: usize = 22;

    /// Takes a header's value.
    pub fn parse(text: &str) -> Result<Self, InvalidIdempotencyKey> {
        let is_key =
            (1..=Self::MAX_CHARS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_key { Ok(Self(Secret::new(text.to_owned()))) } else { Err(InvalidIdempotencyKey) }
    }

    /// The key, to derive another from it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Whether it is long enough to stand for a credential.
    pub fn is_strong(&self) -> bool {
        self.expose().len() >= Self::STRONG_CHARS
    }
}

/// A request that may be repeated, as far as repetitions are told from other requests.
#[derive(Debug, Clone)]
pub struct IdempotentRequest {
    /// What its client calls it by.
    pub key: IdempotencyKey,
    /// The surface that it came to, such as a dialect's name.
    pub surface: &'static str,
    /// Its method.
    pub method: String,
    /// Its path below the surface's base path.
    pub path: String,
    /// The whole body, which may hold secrets.
    pub body: Secret<Vec<u8>>,
}

impl IdempotentRequest {
    /// By what its record is found: everything that another principal, route or surface would change.
    ///
    /// Security: without a principal the body counts too, so that two strangers who hit upon one key never meet.
    pub(super) fn lookup(&self, principal: Option<&Principal>, sealer: &dyn IdempotencySealer) -> Digest {
        let mut parts = Parts::named(b"idempotency lookup 1");
        for part in [self.surface, &self.method, &self.path, self.key.expose()] {
            parts.push(part.as_bytes());
        }
        match principal {
            Some(principal) => {
                parts.push(principal.account.as_uuid().as_bytes());
                parts.push(principal.agent.map(|id| id.as_uuid()).unwrap_or_default().as_bytes());
                parts.push(principal.environment.as_str().as_bytes());
            }
            None => parts.push(self.body.expose()),
        }
        sealer.mac(parts.0.expose())
    }

    /// What tells its body from another.
    pub(super) fn body_mac(&self, sealer: &dyn IdempotencySealer) -> Digest {
        let mut parts = Parts::named(b"idempotency body 1");
        parts.push(self.body.expose());
        sealer.mac(parts.0.expose())
    }
}

/// Byte strings one after the other, each behind its length, so that no two lists give the same bytes.
struct Parts(Secret<Vec<u8>>);

impl Parts {
    fn named(name: &[u8]) -> Self {
        let mut parts = Self(Secret::new(Vec::new()));
        parts.push(name);
        parts
    }

    fn push(&mut self, part: &[u8]) {
        // Security: one allocation for each state, and the old one is wiped when it is dropped.
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes();
        self.0 = Secret::new([self.0.expose().as_slice(), &length, part].concat());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_up_to_255_characters() {
        for text in ["a", "8e03978e-40d5-43dd-bc93-6894a57f9324", &"~".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(text).unwrap().expose(), text);
        }
        for text in ["", " ", "a b", "ä", "a\n", &"a".repeat(256)] {
            assert_eq!(IdempotencyKey::parse(text).unwrap_err(), InvalidIdempotencyKey, "{text:?}");
        }
    }

    #[test]
    fn threat_k7_a_key_that_could_be_guessed_is_told_from_one_that_could_not() {
        assert!(!IdempotencyKey::parse(&"a".repeat(21)).unwrap().is_strong());
        assert!(IdempotencyKey::parse(&"a".repeat(22)).unwrap().is_strong());
    }
}
