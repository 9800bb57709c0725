//! Opening the ring: what is made, what is kept, what is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use keyward_domain::audit::{Action, AuditEvent, AuditStore};
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::tokens::{
    ActivateSigningKeyError, HandOver, HandOverEvents, KeyThumbprint, MoveSigningKeyError, NoSigningKey,
    PublishSigningKeyError, PublishedKeys, SigningAlgorithm, SigningKey, SigningKeyStore, TokenSigner,
    TokenVerifier,
};
use keyward_jwt::KeyRingError;
use keyward_testkit::memory::MemoryStore;

use keyward_testkit::sealer::FakeSealer;

use crate::fixture::Fixture;

const BOTH: [SigningAlgorithm; 2] = [SigningAlgorithm::EdDsa, SigningAlgorithm::Rs256];

#[tokio::test]
async fn the_first_start_makes_a_key_for_each_algorithm_in_use_and_writes_that_down() {
    let fixture = Fixture::new();
    drop(fixture.open(&BOTH).await.unwrap());
    let keys = fixture.store.all().await.unwrap();
    let mut algorithms: Vec<_> = keys.iter().map(|key| key.algorithm).collect();
    algorithms.sort();
    assert_eq!(algorithms, BOTH);
    let events = fixture.store.page(None, None, 10).await.unwrap();
    for key in &keys {
        let event = events.iter().find(|event| event.target == format!("signing_key:{}", key.kid)).unwrap();
        assert_eq!((event.action, event.actor.as_str()), (Action::SigningKeyActivated, "system"));
        assert!(fixture.trail.is_intact(event));
    }
    assert_eq!(events.len(), 2);
}

#[tokio::test]
async fn a_restart_keeps_the_keys_and_the_tokens() {
    let fixture = Fixture::new();
    let before = fixture.open(&BOTH).await.unwrap();
    let after = fixture.open(&BOTH).await.unwrap();
    assert_eq!(before.jwks(), after.jwks());
    let token = Fixture::ring().await.token();
    let text = before.sign(&token, SigningAlgorithm::EdDsa).unwrap();
    assert_eq!(after.verify(text.expose(), fixture.clock.now()), Ok(token));
}

#[tokio::test]
async fn an_algorithm_that_is_no_longer_in_use_verifies_and_signs_nothing() {
    let fixture = Fixture::new();
    let token = Fixture::ring().await.token();
    let text = fixture.open(&BOTH).await.unwrap().sign(&token, SigningAlgorithm::Rs256).unwrap();
    let ring = fixture.open(&[SigningAlgorithm::EdDsa]).await.unwrap();
    assert_eq!(ring.verify(text.expose(), fixture.clock.now()), Ok(token));
    for unused in [SigningAlgorithm::Rs256, SigningAlgorithm::Es256] {
        assert_eq!(ring.sign(&token, unused).unwrap_err(), NoSigningKey(unused));
    }
}

#[tokio::test]
async fn a_node_that_loses_the_race_uses_the_winners_key() {
    let fixture = Fixture::new();
    let winner = fixture.open(&BOTH).await.unwrap();
    let late = Late { store: &fixture.store, looked: AtomicBool::new(false) };
    let loser = fixture.open_with(&BOTH, &late).await.unwrap();
    assert_eq!(winner.jwks(), loser.jwks());
    assert_eq!(fixture.store.all().await.unwrap().len(), 2);
}

#[tokio::test]
async fn threat_j14_a_wrong_master_key_opens_nothing_and_makes_nothing() {
    let mut fixture = Fixture::new();
    drop(fixture.open(&BOTH).await.unwrap());
    fixture.sealer = Arc::new(FakeSealer::new(2));
    let error = fixture.open(SigningAlgorithm::ALL).await.err().unwrap();
    assert!(matches!(error, KeyRingError::Sealed(_)), "{error}");
    assert_eq!(fixture.store.all().await.unwrap().len(), 2);
}

#[tokio::test]
async fn threat_k4_a_row_that_was_altered_or_swapped_does_not_open() {
    let fixture = Fixture::new();
    drop(fixture.open(&BOTH).await.unwrap());
    let [one, two]: [SigningKey; 2] = fixture.store.all().await.unwrap().try_into().unwrap();
    for altered in [
        SigningKey { kid: two.kid.clone(), ..one.clone() },
        SigningKey { algorithm: two.algorithm, ..one.clone() },
        SigningKey { algorithm: SigningAlgorithm::Es256, ..one.clone() },
        SigningKey { sealed: two.sealed, ..one.clone() },
        SigningKey { sealed: Vec::new(), ..one },
    ] {
        let store = MemoryStore::new();
        let event = fixture.store.page(None, None, 1).await.unwrap().remove(0);
        store.activate_first(altered, event).await.unwrap();
        let error = fixture.open_with(&[], &store).await.err().unwrap();
        assert!(matches!(error, KeyRingError::Sealed(_)), "{error}");
    }
}

#[tokio::test]
async fn an_outage_is_an_outage() {
    let fixture = Fixture::new();
    fixture.store.set_outage(Some(StoreError::Busy));
    assert_eq!(fixture.open(&BOTH).await.err(), Some(KeyRingError::Store(StoreError::Busy)));
}

/// A store that another node fills right after the first look.
struct Late<'a> {
    store: &'a MemoryStore,
    looked: AtomicBool,
}

#[async_trait]
impl SigningKeyStore for Late<'_> {
    async fn all(&self) -> Result<Vec<SigningKey>, StoreError> {
        if self.looked.swap(true, Ordering::SeqCst) { self.store.all().await } else { Ok(Vec::new()) }
    }

    async fn activate_first(
        &self,
        key: SigningKey,
        event: AuditEvent,
    ) -> Result<(), ActivateSigningKeyError> {
        self.store.activate_first(key, event).await
    }

    async fn publish(&self, key: SigningKey, event: AuditEvent) -> Result<(), PublishSigningKeyError> {
        self.store.publish(key, event).await
    }

    async fn hand_over(
        &self,
        hand_over: HandOver,
        events: HandOverEvents,
    ) -> Result<(), MoveSigningKeyError> {
        self.store.hand_over(hand_over, events).await
    }

    async fn delete(&self, kid: KeyThumbprint, event: AuditEvent) -> Result<(), MoveSigningKeyError> {
        self.store.delete(kid, event).await
    }
}
