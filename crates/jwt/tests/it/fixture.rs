//! A key ring with its private keys at hand, so that tests can sign what the ring never would.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use keyward_domain::accounts::Epoch;
use keyward_domain::audit::AuditTrail;
use keyward_domain::environment::Environment;
use keyward_domain::ids::{AccountId, AgentId, KeyId, TokenId};
use keyward_domain::keys::Generation;
use keyward_domain::time::{Clock, Instant};
use keyward_domain::tokens::{
    AccessToken, AccountStamp, AgentStamp, KeyStamp, SigningAlgorithm, SigningKeyStore, SubjectForm,
    TokenRejected, TokenSigner, TokenVerifier,
};
use keyward_jwt::{KeyPress, KeyRing, KeyRingError, KeyRingPorts};
use keyward_testkit::clock::FakeClock;
use keyward_testkit::entropy::SeededEntropy;
use keyward_testkit::forgers_key::ForgersKey;
use keyward_testkit::macs::FakeMac;
use keyward_testkit::memory::MemoryStore;
use keyward_testkit::sealer::FakeSealer;
use serde_json::Value;

pub(crate) const ISSUER: &str = "https://keyward.example";

/// A deployment's signing keys, and what a thief of its master key would have.
pub(crate) struct Fixture {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) sealer: Arc<FakeSealer>,
    pub(crate) trail: AuditTrail,
    pub(crate) clock: Arc<FakeClock>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            sealer: Arc::new(FakeSealer::new(1)),
            trail: AuditTrail::new(Arc::new(FakeMac::new(1)), Arc::new(SeededEntropy::new(1))),
            clock: Arc::new(FakeClock::new()),
        }
    }

    pub(crate) async fn open(&self, algorithms: &[SigningAlgorithm]) -> Result<KeyRing, KeyRingError> {
        self.open_with(algorithms, &*self.store).await
    }

    pub(crate) async fn open_with(
        &self,
        algorithms: &[SigningAlgorithm],
        store: &dyn SigningKeyStore,
    ) -> Result<KeyRing, KeyRingError> {
        let (sealer, clock) = (self.sealer.clone(), &*self.clock);
        let maker = KeyPress::new(sealer.clone());
        let ports = KeyRingPorts { store, sealer, maker: &maker, trail: &self.trail, clock };
        KeyRing::open_or_create(ISSUER, algorithms, ports).await
    }

    /// A ring for every algorithm, with its private keys.
    pub(crate) async fn ring() -> Ring {
        let fixture = Self::new();
        let ring = fixture.open(SigningAlgorithm::ALL).await.unwrap();
        let keys = fixture.store.all().await.unwrap().into_iter();
        let keys = keys.map(|key| {
            let pair = ForgersKey::parse(key.algorithm, FakeSealer::plain_of(&key.sealed));
            (key.algorithm, Keys { pair, kid: key.kid.to_string() })
        });
        Ring { ring, keys: keys.collect(), now: fixture.clock.now() }
    }
}

/// One private key.
pub(crate) struct Keys {
    pub(crate) pair: ForgersKey,
    pub(crate) kid: String,
}

/// A ring and its private keys.
pub(crate) struct Ring {
    pub(crate) ring: KeyRing,
    pub(crate) keys: HashMap<SigningAlgorithm, Keys>,
    pub(crate) now: Instant,
}

impl Ring {
    pub(crate) fn verify(&self, text: &str) -> Result<AccessToken, TokenRejected> {
        self.ring.verify(text, self.now)
    }

    /// A good token.
    pub(crate) fn token(&self) -> AccessToken {
        token(self.now, Duration::from_secs(900))
    }

    /// A good token as text.
    pub(crate) fn text(&self, algorithm: SigningAlgorithm) -> String {
        self.ring.sign(&self.token(), algorithm).unwrap().expose().clone()
    }

    /// Header, payload and signature of a good token.
    pub(crate) fn parts(&self, algorithm: SigningAlgorithm) -> [String; 3] {
        let text = self.text(algorithm);
        let parts: Vec<_> = text.split('.').map(str::to_owned).collect();
        parts.try_into().unwrap()
    }

    /// The claims of a good token.
    pub(crate) fn claims(&self) -> Value {
        serde_json::from_slice(&decode(&self.parts(SigningAlgorithm::EdDsa)[1])).unwrap()
    }

    /// The ring's own signature over whatever a test wants to see signed.
    pub(crate) fn sign(&self, algorithm: SigningAlgorithm, header: &str, payload: &str) -> String {
        let signed = format!("{header}.{payload}");
        let signature = self.keys[&algorithm].pair.sign(&signed);
        format!("{signed}.{}", encode(signature))
    }

    /// A token with a good header, a good signature, and this for a payload.
    pub(crate) fn with_payload(&self, json: impl AsRef<[u8]>) -> String {
        let [header, ..] = self.parts(SigningAlgorithm::EdDsa);
        self.sign(SigningAlgorithm::EdDsa, &header, &encode(json))
    }
}

/// A token that was issued at `now`.
pub(crate) fn token(now: Instant, lifetime: Duration) -> AccessToken {
    let entropy = SeededEntropy::new(9);
    AccessToken {
        id: TokenId::generate(now, &entropy),
        account: AccountStamp { id: AccountId::generate(now, &entropy), epoch: Epoch::new(3) },
        agent: Some(AgentStamp { id: AgentId::generate(now, &entropy), epoch: Epoch::new(4) }),
        key: Some(KeyStamp { id: KeyId::generate(now, &entropy), generation: Generation::new(5) }),
        subject: SubjectForm::Account,
        environment: Environment::Live,
        issued_at: now.truncated_to_seconds(),
        expires_at: now.truncated_to_seconds().saturating_add(lifetime),
    }
}

/// None of these texts is taken for a token. A text may name a signing key as we do, and none that we have: every
/// surface answers that like any other forgery.
pub(crate) fn all_invalid(ring: &Ring, texts: impl IntoIterator<Item = impl AsRef<str>>) {
    for text in texts {
        let verdict = ring.verify(text.as_ref());
        let is_refused = matches!(verdict, Err(TokenRejected::Invalid | TokenRejected::UnknownSigningKey));
        assert!(is_refused, "{verdict:?} {}", text.as_ref());
    }
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}
