//! The keys of one moment, opened: what signs, what verifies, what is published. Made whole and never changed.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyward_domain::secret::Sealer;
use keyward_domain::tokens::{JwkSet, KeyThumbprint, SigningAlgorithm, SigningKey, SigningKeyState};
use serde_json::json;

use crate::key_pair::KeyPair;
use crate::key_press::context_of;
use crate::key_ring::KeyRingError;
use crate::public_key::{Jwk, VerifyingKey};

/// Tells opened keys apart, for as long as the process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeySerial(u64);

static NEXT_SERIAL: AtomicU64 = AtomicU64::new(0);

/// Every key that verifies, and which of them sign.
pub(crate) struct OpenKeys {
    /// Oldest first.
    all: Vec<Arc<OpenKey>>,
    /// By the header that a key's tokens begin with: base64url, as it stands in them.
    by_header: HashMap<String, Arc<OpenKey>>,
    /// The active key of each algorithm in use.
    signing: HashMap<SigningAlgorithm, Arc<OpenKey>>,
    states: [(&'static str, u64); 3],
    pub(crate) jwks: JwkSet,
}

/// A stored key, opened and parsed once.
pub(crate) struct OpenKey {
    pub(crate) serial: KeySerial,
    kid: KeyThumbprint,
    algorithm: SigningAlgorithm,
    /// The header of its tokens, base64url.
    pub(crate) header: String,
    pub(crate) pair: KeyPair,
    public: VerifyingKey,
    jwk: Jwk,
}

impl OpenKeys {
    /// Opens what `before` has not opened yet.
    pub(crate) fn open(
        stored: &[SigningKey],
        in_use: &[SigningAlgorithm],
        sealer: &dyn Sealer,
        before: Option<&Self>,
    ) -> Result<Self, KeyRingError> {
        let mut keys = Self {
            all: Vec::with_capacity(stored.len()),
            by_header: HashMap::with_capacity(stored.len()),
            signing: HashMap::with_capacity(in_use.len()),
            states: by_state(stored),
            jwks: jwk_set(""),
        };
        for key in stored {
            let known = before.and_then(|before| before.find(key));
            let open = known.map_or_else(|| OpenKey::open(key, sealer).map(Arc::new), Ok)?;
            keys.by_header.insert(open.header.clone(), Arc::clone(&open));
            if key.is_active() && in_use.contains(&key.algorithm) {
                keys.signing.insert(key.algorithm, Arc::clone(&open));
            }
            keys.all.push(open);
        }
        let jwks: Vec<&Jwk> = keys.all.iter().map(|key| &key.jwk).collect();
        keys.jwks = jwk_set(&json!({ "keys": jwks }).to_string());
        Ok(keys)
    }

    /// The key whose tokens begin so.
    pub(crate) fn of_header(&self, header: &str) -> Option<&Arc<OpenKey>> {
        self.by_header.get(header)
    }

    /// The mistake that most forgeries hope for: a token that says it is unsigned is taken at its word.
    #[cfg(feature = "sabotage-accept-alg-none")]
    pub(crate) fn of_unsigned(&self, header: &str) -> Option<&Arc<OpenKey>> {
        let json = String::from_utf8(URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        self.all.first().filter(|_| json.to_lowercase().contains(r#""alg":"none""#))
    }

    /// The key that signs.
    pub(crate) fn signing(&self, algorithm: SigningAlgorithm) -> Option<&OpenKey> {
        self.signing.get(&algorithm).map(Arc::as_ref)
    }

    /// How many there are in each state.
    pub(crate) const fn by_state(&self) -> [(&'static str, u64); 3] {
        self.states
    }

    /// Whether this key is among them. There are a handful.
    pub(crate) fn contains(&self, serial: KeySerial) -> bool {
        self.all.iter().any(|key| key.serial == serial)
    }

    fn find(&self, stored: &SigningKey) -> Option<Arc<OpenKey>> {
        let is_it = |key: &&Arc<OpenKey>| key.kid == stored.kid && key.algorithm == stored.algorithm;
        self.all.iter().find(is_it).cloned()
    }
}

impl OpenKey {
    fn open(key: &SigningKey, sealer: &dyn Sealer) -> Result<Self, KeyRingError> {
        let unusable = || KeyRingError::Unusable(key.kid.clone());
        let pkcs8 =
            sealer.open(&key.sealed, &context_of(key)).map_err(|_| KeyRingError::Sealed(key.kid.clone()))?;
        let pair = KeyPair::parse(key.algorithm, pkcs8.expose()).map_err(|_| unusable())?;
        let half = pair.public();
        let open = Self {
            serial: KeySerial(NEXT_SERIAL.fetch_add(1, Ordering::Relaxed)),
            kid: key.kid.clone(),
            algorithm: key.algorithm,
            header: header(&key.kid, key.algorithm),
            public: half.verifying_key().map_err(|_| unusable())?,
            jwk: half.jwk(&key.kid, key.algorithm),
            pair,
        };
        // One signature at the start shows that both halves belong together, and that the library has a backend.
        let signature = open.pair.sign(b"probe").map_err(|_| unusable())?;
        if open.verifies(&URL_SAFE_NO_PAD.encode(signature), b"probe") { Ok(open) } else { Err(unusable()) }
    }

    /// Whether this is the key's signature of the message.
    #[must_use]
    pub(crate) fn verifies(&self, signature: &str, message: &[u8]) -> bool {
        self.public.verifies(signature, message)
    }
}

fn jwk_set(json: &str) -> JwkSet {
    let fingerprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, json.as_bytes()));
    JwkSet { json: json.into(), fingerprint: fingerprint.into() }
}

fn by_state(stored: &[SigningKey]) -> [(&'static str, u64); 3] {
    let (mut published, mut active, mut retired) = (0, 0, 0);
    for key in stored {
        match key.state {
            SigningKeyState::Published { .. } => published += 1,
            SigningKeyState::Active { .. } => active += 1,
            SigningKeyState::Retired { .. } => retired += 1,
        }
    }
    [("published", published), ("active", active), ("retired", retired)]
}

/// The header of a key's tokens (RFC 9068, section 2.1), base64url.
fn header(kid: &KeyThumbprint, algorithm: SigningAlgorithm) -> String {
    let [start, end] = header_around_kid(algorithm);
    URL_SAFE_NO_PAD.encode(format!("{start}{kid}{end}"))
}

/// Whether a key of ours could have written this header: every byte of it but the key's name is as we write it, and
/// the name is a thumbprint. Nothing of it is parsed, and nothing is looked up by it.
pub(crate) fn is_header_of_some_key(header: &str) -> bool {
    const THUMBPRINT: usize = 43; // SHA-256 in base64url without padding.
    const LONGEST: usize = 160;
    if header.len() > LONGEST {
        return false;
    }
    let Some(json) = URL_SAFE_NO_PAD.decode(header).ok().and_then(|bytes| String::from_utf8(bytes).ok())
    else {
        return false;
    };
    SigningAlgorithm::ALL.iter().any(|&algorithm| {
        let [start, end] = header_around_kid(algorithm);
        let kid = json.strip_prefix(&start).and_then(|rest| rest.strip_suffix(&*end));
        kid.is_some_and(|kid| {
            let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            kid.len() == THUMBPRINT && kid.bytes().all(is_base64url)
        })
    })
}

fn header_around_kid(algorithm: SigningAlgorithm) -> [String; 2] {
    [format!(r#"{{"alg":"{algorithm}","typ":"at+jwt","kid":""#), r#""}"#.to_owned()]
}
