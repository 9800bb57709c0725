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
    /// Security: rights count, so that a narrowed credential is never given what one with more rights was answered.
    /// Without a principal the body counts, so that two strangers who hit upon one key never meet.
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
                match principal.scopes.listed() {
                    Some(scopes) => scopes.for_each(|scope| parts.push(scope.as_str().as_bytes())),
                    None => parts.push(b"all rights"),
                }
            }
            None => parts.push(self.body.expose()),
        }
        sealer.mac(parts.0.expose())
    }

    /// What tells its body from another.
    ///
    /// Security: a body may hold a password. Whoever has the database and our keys, and not the client's, cannot try
    /// passwords on this.
    pub(super) fn body_mac(&self, sealer: &dyn IdempotencySealer) -> Digest {
        let mut parts = Parts::named(b"idempotency body 1");
        parts.push(self.key.expose().as_bytes());
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
    use crate::accounts::{Epoch, Plan};
    use crate::environment::Environment;
    use crate::ids::{AccountId, AgentId, KeyId};
    use crate::keys::Generation;
    use crate::principal::Credential;
    use crate::scope::{Scope, Scopes};
    use crate::secret::Unsealable;
    use crate::time::Instant;

    /// Shows the bytes themselves: what is equal under it is equal under any MAC.
    struct Plain;

    impl IdempotencySealer for Plain {
        fn mac(&self, bytes: &[u8]) -> Digest {
            // FNV-1a, four times from four beginnings: enough to tell a few inputs of a test apart.
            let hash = |seed: u64| {
                bytes.iter().fold(seed, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
            };
            let mut digest = [0; 32];
            for (lane, chunk) in digest.chunks_exact_mut(8).enumerate() {
                chunk.copy_from_slice(&hash(0xcbf2_9ce4_8422_2325 + lane as u64).to_be_bytes());
            }
            Digest::new(digest)
        }

        fn seal(&self, _: &IdempotencyKey, _: &[u8], _: &[u8]) -> Vec<u8> {
            Vec::new()
        }

        fn open(&self, _: &IdempotencyKey, _: &[u8], _: &[u8]) -> Result<Secret<Vec<u8>>, Unsealable> {
            Err(Unsealable)
        }
    }

    fn request(surface: &'static str, method: &str, path: &str, key: &str, body: &str) -> IdempotentRequest {
        IdempotentRequest {
            key: IdempotencyKey::parse(key).unwrap(),
            surface,
            method: method.to_owned(),
            path: path.to_owned(),
            body: Secret::new(body.as_bytes().to_vec()),
        }
    }

    fn principal() -> Principal {
        let id = uuid::Uuid::from_u128(1);
        let issued_at = Instant::from_unix_micros(0).unwrap();
        Principal {
            account: AccountId::from_uuid(id),
            agent: None,
            credential: Credential::Key {
                id: KeyId::from_uuid(id),
                generation: Generation::FIRST,
                issued_at,
            },
            environment: Environment::Live,
            plan: Plan::Free,
            scopes: Scopes::ALL,
            epoch: Epoch::FIRST,
        }
    }

    #[test]
    fn threat_k7_two_requests_meet_only_if_nothing_tells_them_apart() {
        let own = principal();
        let two = uuid::Uuid::from_u128(2);
        let others = [
            None,
            Some(Principal { account: AccountId::from_uuid(two), ..own }),
            Some(Principal { agent: Some(AgentId::from_uuid(two)), ..own }),
            Some(Principal { environment: Environment::Sandbox, ..own }),
            Some(Principal { scopes: Scopes::of([Scope::KeysManage]), ..own }),
            Some(Principal { scopes: Scopes::of([]), ..own }),
        ];
        let asked = request("one", "POST", "/keys", "k", "{}");
        let mut lookups = vec![asked.lookup(Some(&own), &Plain)];
        lookups.extend(others.iter().map(|other| asked.lookup(other.as_ref(), &Plain)));
        for [surface, method, path, key] in [
            ["two", "POST", "/keys", "k"],
            ["one", "PUT", "/keys", "k"],
            ["one", "POST", "/key", "k"],
            ["one", "POST", "/keys", "l"],
            ["one", "POST", "/keysk", "k"],
        ] {
            let other = request(Box::leak(surface.to_owned().into_boxed_str()), method, path, key, "{}");
            lookups.push(other.lookup(Some(&own), &Plain));
        }
        let before = lookups.len();
        lookups.sort_by_key(|digest| *digest.as_bytes());
        lookups.dedup();
        assert_eq!(lookups.len(), before);
    }

    #[test]
    fn a_principal_s_own_repetition_is_known_by_everything_but_its_body() {
        let (first, second) =
            (request("one", "POST", "/", "k", "{}"), request("one", "POST", "/", "k", "[]"));
        let newer = Credential::Key {
            id: KeyId::from_uuid(uuid::Uuid::from_u128(2)),
            generation: Generation::FIRST,
            issued_at: Instant::from_unix_micros(1).unwrap(),
        };
        let again = Principal { credential: newer, plan: Plan::Pro, ..principal() };
        let lookup = |request: &IdempotentRequest, who: &Principal| request.lookup(Some(who), &Plain);
        assert_eq!(
            lookup(&first, &principal()),
            lookup(&second, &again),
            "it may show another of its credentials"
        );
        assert_ne!(first.body_mac(&Plain), second.body_mac(&Plain));
        assert_ne!(first.lookup(None, &Plain), second.lookup(None, &Plain), "strangers' bodies count");
    }

    #[test]
    fn threat_k2_what_is_kept_of_a_body_says_nothing_without_the_client_s_key() {
        let body = r#"{"password":"guessable"}"#;
        let [one, other] = ["a", "b"].map(|key| request("one", "POST", "/", key, body).body_mac(&Plain));
        assert_ne!(one, other);
    }

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
