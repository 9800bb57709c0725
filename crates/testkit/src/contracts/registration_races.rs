//! The contract of [`AccountStore::register`](keyward_domain::accounts::AccountStore::register) when many come at
//! once.

use keyward_domain::accounts::{Registration, RegistrationRefused};
use keyward_domain::keys::KeyHandle;

use super::Stores;
use super::race::{RACERS, patiently, race};
use super::registration::{assert_nothing_is_left_of, with_email};
use crate::builders::Samples;

/// What each contender for the same thing got, in their order.
async fn register_all(
    stores: &Stores,
    samples: &Samples,
    contenders: &[Registration],
) -> Vec<Result<(), RegistrationRefused>> {
    race(|number| {
        let (accounts, contender) = (stores.accounts.clone(), contenders[number].clone());
        let event = samples.registered(&contender);
        async move { patiently(|| accounts.register(contender.clone(), event.clone())).await }
    })
    .await
}

/// Whoever wins the race for an address has it, and of the others nothing is left.
pub async fn of_32_registrations_with_one_address_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let contenders: Vec<_> = (0..RACERS)
        .map(|number| {
            let typed = if number % 2 == 0 { "alpha@example.com" } else { "ALPHA@Example.Com" };
            with_email(samples.registration_with_agent(), typed)
        })
        .collect();

    let results = register_all(stores, &samples, &contenders).await;

    let winners: Vec<_> = results.iter().zip(&contenders).filter(|(result, _)| result.is_ok()).collect();
    assert_eq!(winners.len(), 1);
    for (result, contender) in results.iter().zip(&contenders).filter(|(result, _)| result.is_err()) {
        assert_eq!(*result, Err(RegistrationRefused::EmailTaken));
        assert_nothing_is_left_of(stores, contender, &[contender.key.handle]).await;
    }
    assert_eq!(stores.trail(None).await.len(), 1);
}
/// Whoever wins the race for a handle has it.
pub async fn of_32_registrations_with_one_handle_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let contenders: Vec<_> = (0..RACERS)
        .map(|_| {
            let mut contender = samples.registration();
            contender.key.handle = KeyHandle::parse("000000000000000").unwrap();
            contender
        })
        .collect();

    let results = register_all(stores, &samples, &contenders).await;

    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(
        results.iter().filter(|result| **result == Err(RegistrationRefused::HandleTaken)).count(),
        RACERS - 1
    );
    assert_eq!(stores.trail(None).await.len(), 1);
}
/// Of many registrations at once those that are refused take nothing from those that are not.
pub async fn a_refused_registration_leaves_its_neighbours_alone(stores: &Stores) {
    let samples = Samples::new();
    stores.register(&samples, &with_email(samples.registration(), "taken@example.com")).await;
    let contenders: Vec<_> = (0..RACERS)
        .map(|number| {
            let contender = samples.registration_with_agent();
            if number % 2 == 0 { with_email(contender, "taken@example.com") } else { contender }
        })
        .collect();

    let results = register_all(stores, &samples, &contenders).await;

    for (number, (result, contender)) in results.into_iter().zip(&contenders).enumerate() {
        if number % 2 == 0 {
            assert_eq!(result, Err(RegistrationRefused::EmailTaken));
            assert_nothing_is_left_of(stores, contender, &[contender.key.handle]).await;
        } else {
            assert_eq!(result, Ok(()));
            assert_eq!(stores.trail(contender.account.id).await.len(), 1);
            assert!(stores.credential(contender.key.handle).await.unwrap().is_some());
        }
    }
}
