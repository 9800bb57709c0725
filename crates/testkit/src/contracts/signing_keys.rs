//! The contract of [`SigningKeyStore`](keyward_domain::tokens::SigningKeyStore).

use keyward_domain::time::Instant;
use keyward_domain::tokens::{ActivateSigningKeyError, KeyThumbprint, SigningAlgorithm, SigningKey};

use super::Stores;
use super::race::{RACERS, patiently, race};
use crate::builders::Samples;

async fn activate(
    stores: &Stores,
    samples: &Samples,
    key: &SigningKey,
) -> Result<(), ActivateSigningKeyError> {
    stores.signing_keys.activate_first(key.clone(), samples.activated(key)).await
}

/// A new store has none.
pub async fn a_new_store_has_no_signing_keys(stores: &Stores) {
    assert_eq!(stores.signing_keys.all().await, Ok(Vec::new()));
}

/// A key comes back to the byte, with its event in the trail.
pub async fn a_signing_key_comes_back_as_it_was_written(stores: &Stores) {
    let samples = Samples::new();
    let mut key = samples.signing_key(SigningAlgorithm::EdDsa, Instant::from_unix_micros(-1).unwrap());
    key.kid = KeyThumbprint::new("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs".to_owned());
    key.sealed = (0..=u8::MAX).cycle().take(2_500).collect();
    let event = samples.activated(&key);

    stores.signing_keys.activate_first(key.clone(), event.clone()).await.unwrap();

    assert_eq!(stores.signing_keys.all().await, Ok(vec![key]));
    assert_eq!(stores.trail(None).await, [event]);
}

/// Oldest first, in whatever order they were activated.
pub async fn signing_keys_are_read_oldest_first(stores: &Stores) {
    let samples = Samples::new();
    let key = |algorithm, second| samples.signing_key(algorithm, samples.at(second));
    let oldest = key(SigningAlgorithm::Rs256, 1);
    let middle = key(SigningAlgorithm::EdDsa, 2);
    let newest = key(SigningAlgorithm::Es256, 3);
    for key in [&middle, &newest, &oldest] {
        assert_eq!(activate(stores, &samples, key).await, Ok(()));
    }
    assert_eq!(stores.signing_keys.all().await, Ok(vec![oldest, middle, newest]));
}

/// Each algorithm has one active key: a second one is refused, and nothing is written.
pub async fn an_algorithm_has_one_active_key(stores: &Stores) {
    let samples = Samples::new();
    let mut kept = Vec::new();
    for (second, &algorithm) in (0..).zip(SigningAlgorithm::ALL) {
        let (first, late) = (
            samples.signing_key(algorithm, samples.at(second)),
            samples.signing_key(algorithm, samples.at(9)),
        );
        assert_eq!(activate(stores, &samples, &first).await, Ok(()));
        assert_eq!(activate(stores, &samples, &late).await, Err(ActivateSigningKeyError::AlreadyActive));
        kept.push(first);
    }
    assert_eq!(stores.trail(None).await.len(), kept.len());
    assert_eq!(stores.signing_keys.all().await, Ok(kept));
}

/// Thumbprints that differ only by case are two.
pub async fn thumbprints_differ_by_case(stores: &Stores) {
    let samples = Samples::new();
    let mut keys = Vec::new();
    for (second, (&algorithm, kid)) in (0..).zip(SigningAlgorithm::ALL.iter().zip(["kid", "KID", "Kid"])) {
        let kid = KeyThumbprint::new(kid.to_owned());
        let key = SigningKey { kid, ..samples.signing_key(algorithm, samples.at(second)) };
        assert_eq!(activate(stores, &samples, &key).await, Ok(()));
        keys.push(key);
    }
    assert_eq!(stores.signing_keys.all().await, Ok(keys));
}

/// Whoever wins the race has the active key; the others learn that they have not, and leave no event.
pub async fn of_32_activations_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let contenders: Vec<_> = (0..RACERS as u64)
        .map(|number| samples.signing_key(SigningAlgorithm::EdDsa, samples.at(number)))
        .collect();

    let results = race(|number| {
        let (store, key) = (stores.signing_keys.clone(), contenders[number].clone());
        let event = samples.activated(&key);
        async move { patiently(|| store.activate_first(key.clone(), event.clone())).await }
    })
    .await;

    let lost = Err(ActivateSigningKeyError::AlreadyActive);
    let winners: Vec<_> = (0..RACERS).filter(|&number| results[number].is_ok()).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(results.iter().filter(|result| **result == lost).count(), RACERS - 1);
    assert_eq!(stores.signing_keys.all().await, Ok(vec![contenders[winners[0]].clone()]));
    assert_eq!(stores.trail(None).await.len(), 1);
}
