//! The contract of [`DeploymentStore`](keyward_domain::deployment::DeploymentStore): founding.

use keyward_domain::deployment::{Deployment, FoundDeploymentError, Slots};
use keyward_domain::store::StoreError;
use keyward_domain::tokens::SigningAlgorithm;

use super::Stores;
use super::race::{RACERS, patiently, race};
use crate::builders::Samples;

/// An empty database belongs to nobody.
pub async fn an_empty_database_belongs_to_no_deployment(stores: &Stores) {
    assert_eq!(stores.deployment.deployment().await, Ok(None));
}

/// Once founded, a database keeps its root for good, and comes back with its slot.
pub async fn a_deployment_is_founded_once(stores: &Stores) {
    let samples = Samples::new();
    let (root, slot) = (samples.fingerprint(), samples.slot(samples.at(3)));
    assert_eq!(stores.deployment.found(root, slot.clone()).await, Ok(()));
    for (again, other) in [(root, slot.clone()), (samples.fingerprint(), samples.slot(samples.at(4)))] {
        assert_eq!(stores.deployment.found(again, other).await, Err(FoundDeploymentError::AlreadyFounded));
        let kept = Deployment { root, slots: Slots::One(slot.clone()) };
        assert_eq!(stores.deployment.deployment().await, Ok(Some(kept)));
    }
}

/// A database with accounts belongs to somebody: without its deployment it is one that was restored in part.
pub async fn accounts_without_a_deployment_are_no_empty_database(stores: &Stores) {
    let samples = Samples::new();
    stores.register(&samples, &samples.registration()).await;
    assert_belongs_to_somebody(stores).await;
}

/// So does one with nothing but a signing key.
pub async fn a_signing_key_without_a_deployment_is_no_empty_database(stores: &Stores) {
    let samples = Samples::new();
    let key = samples.signing_key(SigningAlgorithm::EdDsa, samples.at(0));
    stores.signing_keys.activate_first(key.clone(), samples.activated(&key)).await.unwrap();
    assert_belongs_to_somebody(stores).await;
}

/// With its deployment back, it is whole again.
async fn assert_belongs_to_somebody(stores: &Stores) {
    let found = stores.deployment.deployment().await;
    assert!(matches!(found, Err(StoreError::Corrupt(_))), "{found:?}");
    let samples = Samples::new();
    let (root, slot) = (samples.fingerprint(), samples.slot(samples.at(0)));
    stores.deployment.found(root, slot.clone()).await.unwrap();
    let whole = Deployment { root, slots: Slots::One(slot) };
    assert_eq!(stores.deployment.deployment().await, Ok(Some(whole)));
}

/// Whoever wins the race has founded it; the others learn that they have not.
pub async fn of_32_founders_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let offers: Vec<_> = (0..RACERS).map(|_| (samples.fingerprint(), samples.slot(samples.at(0)))).collect();

    let results = race(|number| {
        let (deployment, (root, slot)) = (stores.deployment.clone(), offers[number].clone());
        async move { patiently(|| deployment.found(root, slot.clone())).await }
    })
    .await;

    let lost = Err(FoundDeploymentError::AlreadyFounded);
    let winners: Vec<_> = (0..RACERS).filter(|&number| results[number].is_ok()).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(results.iter().filter(|result| **result == lost).count(), RACERS - 1);
    let (root, slot) = offers[winners[0]].clone();
    assert_eq!(stores.deployment.deployment().await, Ok(Some(Deployment { root, slots: Slots::One(slot) })));
}
