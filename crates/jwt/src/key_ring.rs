//! All signing keys of the deployment, opened: what signs, what verifies, what is published.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use keyward_domain::audit::{Action, Actor, AuditTrail, Deed, Target};
use keyward_domain::secret::Sealer;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::tokens::{
    ActivateSigningKeyError, KeyThumbprint, PublishedKeys, SigningAlgorithm, SigningKey, SigningKeyStore,
};
use serde_json::json;

use crate::key_pair::KeyPair;
use crate::public_key::Jwk;

/// The deployment's signing keys, in memory.
#[must_use]
pub struct KeyRing {
    /// Who issues the tokens and for whom: the public URL.
    pub(crate) issuer: String,
    /// Every key that verifies, by the header that its tokens begin with: base64url, as it stands in them.
    pub(crate) verifying: HashMap<String, VerifyingKey>,
    /// The key that signs, for each algorithm in use.
    pub(crate) signing: HashMap<SigningAlgorithm, ActiveKey>,
    jwks: Arc<str>,
}

/// A key that verifies.
pub(crate) struct VerifyingKey {
    /// Security: from our own record. What a token says of itself is never asked.
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
}

/// A key that can sign.
pub(crate) struct ActiveKey {
    /// The header of its tokens, base64url.
    pub(crate) header: String,
    pub(crate) pair: KeyPair,
}

/// Where the keys rest, and what opening or making them needs.
#[derive(Clone, Copy)]
pub struct KeyRingPorts<'a> {
    /// Keeps them.
    pub store: &'a dyn SigningKeyStore,
    /// Seals them.
    pub sealer: &'a dyn Sealer,
    /// Writes down that one came into use.
    pub trail: &'a AuditTrail,
    /// Says when.
    pub clock: &'a dyn Clock,
}

/// Why there is no key ring.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// A stored key was sealed under another master key, or its row was altered.
    #[error("the master key does not open the signing key {0}")]
    Sealed(KeyThumbprint),
    /// A stored key opens and is no key of its algorithm.
    #[error("the signing key {0} is unusable")]
    Unusable(KeyThumbprint),
    /// No key could be made.
    #[error("no {0} key could be made")]
    NotMade(SigningAlgorithm),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl KeyRing {
    /// Opens all stored keys, and makes the active key of each algorithm in use that has none.
    ///
    /// `issuer` is the deployment's public URL: issuer and audience of every token. Stored keys of algorithms
    /// that are no longer in use go on verifying, and sign nothing.
    ///
    /// Security: with a wrong master key this fails before anything is made.
    pub async fn open_or_create(
        issuer: &str,
        algorithms: &[SigningAlgorithm],
        ports: KeyRingPorts<'_>,
    ) -> Result<Self, KeyRingError> {
        let stored = ports.store.all().await?;
        let is_missing =
            |algorithm: &&SigningAlgorithm| !stored.iter().any(|key| key.algorithm == **algorithm);
        let missing: Vec<_> = algorithms.iter().filter(is_missing).copied().collect();
        let ring = Self::open(issuer, algorithms, &stored, ports.sealer)?;
        if missing.is_empty() {
            return Ok(ring);
        }
        for algorithm in missing {
            create(algorithm, ports).await?;
        }
        // What counts is what is stored now: another node may have been faster.
        Self::open(issuer, algorithms, &ports.store.all().await?, ports.sealer)
    }

    fn open(
        issuer: &str,
        algorithms: &[SigningAlgorithm],
        stored: &[SigningKey],
        sealer: &dyn Sealer,
    ) -> Result<Self, KeyRingError> {
        let (mut verifying, mut signing) = (HashMap::new(), HashMap::new());
        let mut published = Vec::with_capacity(stored.len());
        for key in stored {
            let OpenKey { active, public, jwk } = open_key(key, sealer)?;
            published.push(jwk);
            verifying.insert(active.header.clone(), public);
            if algorithms.contains(&key.algorithm) {
                signing.insert(key.algorithm, active); // Oldest first: the newest stays.
            }
        }
        let jwks = json!({ "keys": published }).to_string().into();
        Ok(Self { issuer: issuer.to_owned(), verifying, signing, jwks })
    }
}

impl PublishedKeys for KeyRing {
    fn jwks(&self) -> Arc<str> {
        self.jwks.clone()
    }
}

/// A stored key, opened: for signing, for verifying, for publishing.
struct OpenKey {
    active: ActiveKey,
    public: VerifyingKey,
    jwk: Jwk,
}

fn open_key(key: &SigningKey, sealer: &dyn Sealer) -> Result<OpenKey, KeyRingError> {
    let unusable = || KeyRingError::Unusable(key.kid.clone());
    let pkcs8 = sealer
        .open(&key.sealed, &context(&key.kid, key.algorithm))
        .map_err(|_| KeyRingError::Sealed(key.kid.clone()))?;
    let pair = KeyPair::parse(key.algorithm, pkcs8.expose()).map_err(|_| unusable())?;
    let half = pair.public();
    let public =
        VerifyingKey { algorithm: jwa(key.algorithm), key: half.decoding_key().map_err(|_| unusable())? };
    // One signature at the start shows that both halves belong together, and that the library has a backend.
    let signature = pair.sign(b"probe").map_err(|_| unusable())?;
    if !public.verifies(&URL_SAFE_NO_PAD.encode(signature), b"probe") {
        return Err(unusable());
    }
    let header = header(&key.kid, key.algorithm);
    Ok(OpenKey { active: ActiveKey { header, pair }, public, jwk: half.jwk(&key.kid, key.algorithm) })
}

async fn create(algorithm: SigningAlgorithm, ports: KeyRingPorts<'_>) -> Result<(), KeyRingError> {
    let not_made = || KeyRingError::NotMade(algorithm);
    let pkcs8 = KeyPair::generate(algorithm).map_err(|_| not_made())?;
    let kid = KeyPair::parse(algorithm, pkcs8.expose()).map_err(|_| not_made())?.public().thumbprint();
    let now = ports.clock.now();
    let target = Target::SigningKey(kid.clone());
    let deed =
        Deed { actor: &Actor::System, action: Action::SigningKeyActivated, target: &target, account: None };
    let event = ports.trail.event(now, deed, None);
    let sealed = ports.sealer.seal(pkcs8.expose(), &context(&kid, algorithm));
    match ports.store.activate(SigningKey { kid, algorithm, sealed, created_at: now }, event).await {
        Ok(()) | Err(ActivateSigningKeyError::AlreadyActive) => Ok(()),
        Err(ActivateSigningKeyError::Store(error)) => Err(error.into()),
    }
}

/// What a sealed key is bound to: its purpose, its algorithm and its name.
fn context(kid: &KeyThumbprint, algorithm: SigningAlgorithm) -> Vec<u8> {
    format!("keyward signing key 1:{algorithm}:{kid}").into_bytes()
}

/// The header of a key's tokens (RFC 9068, section 2.1), base64url.
fn header(kid: &KeyThumbprint, algorithm: SigningAlgorithm) -> String {
    let header = json!({ "alg": algorithm.as_str(), "typ": "at+jwt", "kid": kid.as_str() });
    URL_SAFE_NO_PAD.encode(header.to_string())
}

const fn jwa(algorithm: SigningAlgorithm) -> Algorithm {
    match algorithm {
        SigningAlgorithm::EdDsa => Algorithm::EdDSA,
        SigningAlgorithm::Es256 => Algorithm::ES256,
        SigningAlgorithm::Rs256 => Algorithm::RS256,
    }
}
