//! The contract of [`DeploymentStore`](keyward_domain::deployment::DeploymentStore).

use keyward_domain::deployment::FoundDeploymentError;
use keyward_domain::secret::Digest;

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
