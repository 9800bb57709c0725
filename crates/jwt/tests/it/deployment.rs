//! Nodes over one store, with the use cases that rotate their keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use keyward_domain::revocations::RevocationNumber;
use keyward_domain::time::{Clock, Instant};
use keyward_domain::tokens::{
    AccessToken, PublishedKeys, RotationPolicy, RotationStep, SigningAlgorithm, SigningKeyService,
    SigningKeyStore, TokenRejected, TokenSigner, TokenVerifier,
};
use keyward_domain::{Domain, Ports};
use keyward_jwt::{KeyPress, KeyRing};
use keyward_testkit::domain::TestDomain;
use serde_json::Value;

use crate::fixture::{Fixture, decode, token};

pub(crate) const ALGORITHM: SigningAlgorithm = SigningAlgorithm::EdDsa;
pub(crate) const LEAD: Duration = Duration::from_secs(600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// A store with some nodes over it.
pub(crate) struct Deployment {
    pub(crate) fixture: Fixture,
    pub(crate) rings: Vec<KeyRing>,
    pub(crate) service: SigningKeyService,
    changes: AtomicI64,
}

impl Deployment {
    pub(crate) async fn of_nodes(count: usize) -> Self {
        let fixture = Fixture::new();
        let mut rings = Vec::new();
        for _ in 0..count {
            rings.push(fixture.open(&[ALGORITHM]).await.unwrap());
        }
        let test = TestDomain::new();
        let ports = Ports {
            signing_keys: fixture.store.clone(),
            signing_key_maker: Arc::new(KeyPress::new(fixture.sealer.clone())),
            rotation: RotationPolicy { algorithms: vec![ALGORITHM], rotate_after: 90 * DAY, lead: LEAD },
            clock: fixture.clock.clone(),
            ..test.ports()
        };
        let service = Domain::new(ports).signing_keys;
        Self { fixture, rings, service, changes: AtomicI64::new(0) }
    }

    /// Every node hears of the keys as they are stored now.
    pub(crate) async fn tell(&self) {
        let number = self.changes.fetch_add(1, Ordering::SeqCst) + 1;
        let keys = self.fixture.store.all().await.unwrap();
        for ring in &self.rings {
            ring.replace(RevocationNumber::new(number), &keys).unwrap();
        }
    }

    /// One node does what is due, and all hear of it.
    pub(crate) async fn advance(&self) -> Vec<RotationStep> {
        let steps = self.service.advance().await.unwrap();
        self.tell().await;
        steps
    }

    /// The next key is published by command, waited for, and takes over.
    pub(crate) async fn rotate(&self) {
        self.publish().await;
        self.fixture.clock.advance(LEAD + Duration::from_secs(10));
        assert_eq!(self.advance().await.len(), 1);
    }

    /// Publishes the next key by command, and says its name.
    pub(crate) async fn publish(&self) -> String {
        let context = TestDomain::new().context();
        let admin = keyward_testkit::builders::admin("root");
        let next = self.service.rotate(&[ALGORITHM], &admin, &context).await.unwrap();
        self.tell().await;
        next[0].kid.to_string()
    }

    /// A token from this node.
    pub(crate) fn issue(&self, node: usize, lifetime: Duration) -> (String, AccessToken) {
        let token = token(self.now(), lifetime);
        (self.rings[node].sign(&token, ALGORITHM).unwrap().expose().clone(), token)
    }

    /// What each node says to a token.
    pub(crate) fn verdicts(&self, text: &str) -> Vec<Result<AccessToken, TokenRejected>> {
        self.rings.iter().map(|ring| ring.verify(text, self.now())).collect()
    }

    pub(crate) fn assert_good(&self, (text, token): &(String, AccessToken)) {
        assert!(
            self.verdicts(text).iter().all(|verdict| *verdict == Ok(*token)),
            "{:?}",
            self.verdicts(text)
        );
    }

    pub(crate) fn now(&self) -> Instant {
        self.fixture.clock.now()
    }

    /// The names in a node's JWK Set.
    pub(crate) fn published(&self, node: usize) -> Vec<String> {
        let set: Value = serde_json::from_str(&self.rings[node].jwks().json).unwrap();
        set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    }
}

/// The name of the key that has signed this.
pub(crate) fn kid_of(text: &str) -> String {
    let header = decode(text.split('.').next().unwrap());
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}
