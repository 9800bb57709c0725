//! All signing keys of the deployment, in memory, and how they are exchanged for those of a later moment.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use keyward_domain::audit::{Action, Actor, AuditTrail, Deed, Target};
use keyward_domain::revocations::{
    Revocation, RevocationListener, RevocationNumber, RevokedToken, SigningKeysUnusable,
};
use keyward_domain::secret::Sealer;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::tokens::{
    ActivateSigningKeyError, JwkSet, KeyNotMade, KeyThumbprint, PublishedKeys, SigningAlgorithm, SigningKey,
    SigningKeyMaker, SigningKeyState, SigningKeyStore,
};

use crate::open_keys::OpenKeys;
use crate::remembered::RememberedTokens;

/// How many verified tokens are remembered: some 25 MB of them.
const REMEMBERED_TOKENS: usize = 100_000;

/// The deployment's signing keys, in memory.
///
/// Readers see the keys of one moment, whole: they are exchanged by swapping one pointer, and nobody waits for that.
#[must_use]
pub struct KeyRing {
    /// Who issues the tokens and for whom: the public URL.
    pub(crate) issuer: String,
    pub(crate) remembered: RememberedTokens,
    pub(crate) verified: AtomicU64,
    in_use: Vec<SigningAlgorithm>,
    sealer: Arc<dyn Sealer>,
    keys: ArcSwap<OpenKeys>,
    /// As of which number the keys are. Held while they are exchanged, by one thread at a time.
    as_of: Mutex<RevocationNumber>,
}

/// Where the keys rest, and what opening or making them needs.
#[derive(Clone)]
pub struct KeyRingPorts<'a> {
    /// Keeps them.
    pub store: &'a dyn SigningKeyStore,
    /// Opens them.
    pub sealer: Arc<dyn Sealer>,
    /// Makes the first ones, sealed by that sealer.
    pub maker: &'a dyn SigningKeyMaker,
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
    #[error(transparent)]
    NotMade(#[from] KeyNotMade),
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
        in_use: &[SigningAlgorithm],
        ports: KeyRingPorts<'_>,
    ) -> Result<Self, KeyRingError> {
        let stored = ports.store.all().await?;
        let is_missing = |algorithm: &&SigningAlgorithm| {
            !stored.iter().any(|key| key.algorithm == **algorithm && key.is_active())
        };
        let missing: Vec<_> = in_use.iter().filter(is_missing).copied().collect();
        let keys = OpenKeys::open(&stored, in_use, &*ports.sealer, None)?;
        let ring = Self {
            issuer: issuer.to_owned(),
            remembered: RememberedTokens::new(REMEMBERED_TOKENS),
            verified: AtomicU64::new(0),
            in_use: in_use.to_vec(),
            sealer: Arc::clone(&ports.sealer),
            keys: ArcSwap::from_pointee(keys),
            as_of: Mutex::new(RevocationNumber::NONE),
        };
        if missing.is_empty() {
            return Ok(ring);
        }
        for algorithm in missing {
            create(algorithm, &ports).await?;
        }
        // What counts is what is stored now: another node may have been faster.
        ring.replace(RevocationNumber::NONE, &ports.store.all().await?)?;
        Ok(ring)
    }

    /// The same with room for another number of remembered tokens.
    pub fn remembering(self, most: usize) -> Self {
        Self { remembered: RememberedTokens::new(most), ..self }
    }

    /// From now on these are the keys: all that are stored, as of this revocation. They are passed over if those of a
    /// later one came first. Those that were opened before are not opened again.
    ///
    /// When this returns, each check that begins goes by these keys or later ones: a deleted key verifies nothing.
    ///
    /// Security: if one of them cannot be opened, all stay as they were, and the caller must see to it that what they
    /// verify is not trusted for long.
    pub fn replace(&self, as_of: RevocationNumber, stored: &[SigningKey]) -> Result<(), KeyRingError> {
        let mut last = self.as_of.lock().unwrap_or_else(PoisonError::into_inner);
        if as_of < *last {
            return Ok(());
        }
        let keys = OpenKeys::open(stored, &self.in_use, &*self.sealer, Some(&self.keys()))?;
        let keys = Arc::new(keys);
        self.keys.store(Arc::clone(&keys));
        self.remembered.keep_those_of(|serial| keys.contains(serial));
        *last = as_of;
        Ok(())
    }

    /// How many signatures were verified since the start. Those of remembered tokens are not verified again.
    pub fn signatures_verified(&self) -> u64 {
        self.verified.load(Ordering::Relaxed)
    }

    /// How many tokens are remembered.
    pub fn tokens_remembered(&self) -> usize {
        self.remembered.len()
    }

    /// The keys of this moment.
    pub(crate) fn keys(&self) -> Guard<Arc<OpenKeys>> {
        self.keys.load()
    }
}

impl RevocationListener for KeyRing {
    /// What ends is not remembered here.
    fn ended(&self, _: &[Revocation]) {}

    /// The log may have begun again at a smaller number: whatever keys come next are the newest.
    fn ended_unknown(&self, _: &[RevokedToken]) {
        *self.as_of.lock().unwrap_or_else(PoisonError::into_inner) = RevocationNumber::NONE;
    }

    fn signing_keys(&self, as_of: RevocationNumber, keys: &[SigningKey]) -> Result<(), SigningKeysUnusable> {
        self.replace(as_of, keys).map_err(|error| SigningKeysUnusable(error.to_string()))
    }

    fn caught_up(&self, _: std::time::Instant) {}
}

impl PublishedKeys for KeyRing {
    fn jwks(&self) -> JwkSet {
        self.keys().jwks.clone()
    }
}

async fn create(algorithm: SigningAlgorithm, ports: &KeyRingPorts<'_>) -> Result<(), KeyRingError> {
    let pair = ports.maker.make(algorithm).await?;
    let now = ports.clock.now();
    let target = Target::SigningKey(pair.kid.clone());
    let deed =
        Deed { actor: &Actor::System, action: Action::SigningKeyActivated, target: &target, account: None };
    let event = ports.trail.event(now, deed, None);
    let key = SigningKey {
        kid: pair.kid,
        algorithm,
        sealed: pair.sealed,
        state: SigningKeyState::Active { since: now },
        created_at: now,
    };
    match ports.store.activate_first(key, event).await {
        Ok(()) | Err(ActivateSigningKeyError::AlreadyActive) => Ok(()),
        Err(ActivateSigningKeyError::Store(error)) => Err(error.into()),
    }
}
