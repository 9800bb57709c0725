//! The contract of [`AccountStore::erase`](keyward_domain::accounts::AccountStore::erase).

use keyward_domain::accounts::{AccountStatus, Epoch, PasswordHash, Registration};
use keyward_domain::audit::Action;
use keyward_domain::credentials::{TokenStanding, TokenSubject};
use keyward_domain::store::StoreError;

use super::Stores;
use super::race::{RACERS, patiently, race};
use super::same::{assert_same_account, assert_same_agent, assert_same_password};
use crate::builders::Samples;

async fn erase(stores: &Stores, samples: &Samples, registration: &Registration) -> Result<bool, StoreError> {
    let id = registration.account.id;
    stores.accounts.erase(id, samples.event(Action::AccountErased, id, samples.at(9))).await
}

/// Nothing of the registration can be found in any way.
async fn assert_gone(stores: &Stores, samples: &Samples, registration: &Registration) {
    let (id, key) = (registration.account.id, &registration.key);
    let address = &registration.account.email.as_ref().unwrap().address;
    let (agent, agent_key) = registration.agent.as_ref().unwrap();
    assert_eq!(stores.accounts.find(id).await, Ok(None));
    assert_eq!(stores.accounts.find_with_key(id, Some(key.id), samples.at(2)).await, Ok(None));
    assert!(stores.accounts.find_login(address).await.unwrap().is_none());
    assert_eq!(stores.accounts.page(Some(address.clone()), None, 10).await, Ok(Vec::new()));
    assert_eq!(stores.agents.find(agent.owner(), agent.id).await, Ok(None));
    for key in [key, agent_key] {
        assert_eq!(stores.credential(key.handle).await, Ok(None));
        assert_eq!(stores.keys.find(key.id).await, Ok(None));
    }
    assert_eq!(stores.keys.page(Some(id), None, 10).await, Ok(Vec::new()));
    let (token, key) = (samples.token_id(), Some(key.id));
    let subject = TokenSubject { token, account: id, agent: Some(agent.id), key };
    let nothing = TokenStanding { is_revoked: false, account: None, agent: None, key: None };
    assert_eq!(stores.standing(subject).await, Ok(nothing));
}

/// Everything of the registration is as it was written.
async fn assert_untouched(stores: &Stores, registration: &Registration) {
    let account = &registration.account;
    let (agent, agent_key) = registration.agent.as_ref().unwrap();
    assert_same_account(&stores.accounts.find(account.id).await.unwrap().unwrap(), account);
    assert_same_agent(&stores.agents.find(agent.owner(), agent.id).await.unwrap().unwrap(), agent);
    for key in [&registration.key, agent_key] {
        assert_eq!(stores.credential(key.handle).await.unwrap().unwrap().key, *key);
    }
    assert_same_password(stores.password_of(account).await.as_ref(), registration.password.as_ref());
    assert_eq!(stores.trail(account.id).await.len(), 1);
}

/// An account goes with its agents, keys and password, in every status. Its trail stays, with the event on top.
pub async fn an_account_is_erased_in_every_status(stores: &Stores) {
    let samples = Samples::new();
    let since = samples.at(1);
    for status in
        [AccountStatus::Active, AccountStatus::Suspended { since }, AccountStatus::Archived { since }]
    {
        let mut registration = samples.registration_with_agent();
        registration.account.status = status;
        registration.password = Some(PasswordHash::new("stored".to_owned()));
        let id = registration.account.id;
        stores.register(&samples, &registration).await;

        assert_eq!(erase(stores, &samples, &registration).await, Ok(true));

        assert_gone(stores, &samples, &registration).await;
        let actions: Vec<_> = stores.trail(id).await.iter().map(|event| event.action).collect();
        assert_eq!(actions, [Action::AccountErased, Action::AccountRegistered]);
    }
}
/// What is gone cannot be erased, nor what never was; nothing is written.
pub async fn an_account_is_erased_once(stores: &Stores) {
    let samples = Samples::new();
    let (registration, never) = (samples.registration_with_agent(), samples.registration_with_agent());
    stores.register(&samples, &registration).await;
    assert_eq!(erase(stores, &samples, &registration).await, Ok(true));
    for gone in [&registration, &never] {
        assert_eq!(erase(stores, &samples, gone).await, Ok(false));
    }
    assert_eq!(stores.trail(None).await.len(), 2);
}
/// The address of an erased account is free again, and so are its keys' handles.
pub async fn what_an_erased_account_held_is_free_again(stores: &Stores) {
    let samples = Samples::new();
    let first = samples.registration_with_agent();
    stores.register(&samples, &first).await;
    assert_eq!(erase(stores, &samples, &first).await, Ok(true));
    let mut second = samples.registration();
    second.account.email = first.account.email.clone();
    second.key.handle = first.key.handle;
    stores.register(&samples, &second).await;
    let found = stores.accounts.find(second.account.id).await.unwrap().unwrap();
    assert_same_account(&found, &second.account);
}
/// Erasing an account leaves every row of others as it was.
pub async fn threat_k11_an_erasure_touches_one_account(stores: &Stores) {
    let samples = Samples::new();
    let (own, mut other) = (samples.registration_with_agent(), samples.registration_with_agent());
    other.password = Some(PasswordHash::new("stored".to_owned()));
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;

    assert_eq!(erase(stores, &samples, &own).await, Ok(true));

    assert_untouched(stores, &other).await;
    assert_gone(stores, &samples, &own).await;
}
/// Whoever wins the race erases the account; the others learn that they did not, and leave no event.
pub async fn of_32_erasures_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let (registration, other) = (samples.registration_with_agent(), samples.registration_with_agent());
    let id = registration.account.id;
    stores.register(&samples, &registration).await;
    stores.register(&samples, &other).await;

    let results = race(|number| {
        let (accounts, at) = (stores.accounts.clone(), samples.at(number as u64 + 1));
        let event = samples.event(Action::AccountErased, id, at);
        async move { patiently(|| accounts.erase(id, event.clone())).await }
    })
    .await;

    assert_eq!(results.iter().filter(|result| **result == Ok(true)).count(), 1);
    assert_eq!(results.iter().filter(|result| **result == Ok(false)).count(), RACERS - 1);
    assert_gone(stores, &samples, &registration).await;
    assert_untouched(stores, &other).await;
    assert_eq!(stores.trail(id).await.len(), 2);
}
/// Erased or suspended first, the account is gone in the end, and the trail says what happened and nothing else.
pub async fn a_suspension_does_not_bring_an_erased_account_back(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration_with_agent();
    let id = registration.account.id;
    stores.register(&samples, &registration).await;
    let suspended = AccountStatus::Suspended { since: samples.at(1) };

    let results = race(|number| {
        let accounts = stores.accounts.clone();
        let at = samples.at(number as u64 + 1);
        let erased = samples.event(Action::AccountErased, id, at);
        let event = samples.event(Action::AccountSuspended, id, at);
        async move {
            let (epoch, active) = (Epoch::FIRST, AccountStatus::Active);
            match number % 2 {
                0 => patiently(|| accounts.erase(id, erased.clone())).await,
                _ => patiently(|| accounts.change_status(id, epoch, active, suspended, event.clone())).await,
            }
        }
    })
    .await;

    let won = |kind: usize| (kind..RACERS).step_by(2).filter(|&number| results[number] == Ok(true)).count();
    let (erased, suspended) = (won(0), won(1));
    assert!(erased == 1 && suspended <= 1, "{erased} erasures, {suspended} suspensions");
    assert_gone(stores, &samples, &registration).await;
    assert_eq!(stores.trail(id).await.len(), 1 + erased + suspended);
}
