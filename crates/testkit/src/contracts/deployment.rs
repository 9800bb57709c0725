//! The contract of [`DeploymentStore`](keyward_domain::deployment::DeploymentStore).

use keyward_domain::deployment::FoundDeploymentError;
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::SigningAlgorithm;

use super::Stores;
use super::race::{RACERS, patiently, race};
use crate::builders::Samples;

/// An empty database belongs to nobody.
pub async fn an_empty_database_has_no_fingerprint(stores: &Stores) {
    assert_eq!(stores.deployment.master_key_fingerprint().await, Ok(None));
}

/// Once founded, a database keeps its fingerprint for good, even from the same master key.
pub async fn a_deployment_is_founded_once(stores: &Stores) {
    let fingerprint = Digest::new(std::array::from_fn(|index| index as u8 * 8));
    assert_eq!(stores.deployment.found(fingerprint).await, Ok(()));
    for again in [fingerprint, Samples::new().digest()] {
        assert_eq!(stores.deployment.found(again).await, Err(FoundDeploymentError::AlreadyFounded));
        let kept = stores.deployment.master_key_fingerprint().await.unwrap().unwrap();
        assert_eq!(kept.as_bytes(), fingerprint.as_bytes());
    }
}

/// A database with accounts belongs to somebody: without its fingerprint it is one that was restored in part.
pub async fn accounts_without_a_fingerprint_are_no_empty_database(stores: &Stores) {
    let samples = Samples::new();
    stores.register(&samples, &samples.registration()).await;
    assert_belongs_to_somebody(stores).await;
}

/// So does one with nothing but a signing key.
pub async fn a_signing_key_without_a_fingerprint_is_no_empty_database(stores: &Stores) {
    let samples = Samples::new();
    let key = samples.signing_key(SigningAlgorithm::EdDsa, samples.at(0));
    stores.signing_keys.activate_first(key.clone(), samples.activated(&key)).await.unwrap();
    assert_belongs_to_somebody(stores).await;
}

/// With its fingerprint back, it is whole again.
async fn assert_belongs_to_somebody(stores: &Stores) {
    let found = stores.deployment.master_key_fingerprint().await;
    assert!(matches!(found, Err(StoreError::Corrupt(_))), "{found:?}");
    let fingerprint = Digest::new([7; 32]);
    stores.deployment.found(fingerprint).await.unwrap();
    assert_eq!(stores.deployment.master_key_fingerprint().await, Ok(Some(fingerprint)));
}

/// Whoever wins the race has founded it; the others learn that they have not.
pub async fn of_32_founders_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let fingerprints: Vec<_> = (0..RACERS).map(|_| samples.digest()).collect();

    let results = race(|number| {
        let (deployment, fingerprint) = (stores.deployment.clone(), fingerprints[number]);
        async move { patiently(|| deployment.found(fingerprint)).await }
    })
    .await;

    let lost = Err(FoundDeploymentError::AlreadyFounded);
    let winners: Vec<_> = (0..RACERS).filter(|&number| results[number].is_ok()).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(results.iter().filter(|result| **result == lost).count(), RACERS - 1);
    assert_eq!(stores.deployment.master_key_fingerprint().await, Ok(Some(fingerprints[winners[0]])));
}
