//! The contract of [`AccountStore::set_plan`](keyward_domain::accounts::AccountStore::set_plan).

use keyward_domain::accounts::{Account, Plan};
use keyward_domain::audit::Action;
use keyward_domain::revocations::Subject;

use super::Stores;
use super::race::{RACERS, patiently, race};
use super::same::assert_same_account;
use crate::builders::Samples;

/// An account comes back with the plan that it was registered with.
pub async fn an_account_comes_back_on_each_plan(stores: &Stores) {
    let samples = Samples::new();
    for &plan in Plan::ALL {
        let mut registration = samples.registration();
        registration.account.plan = plan;
        stores.register(&samples, &registration).await;
        let found = stores.accounts.find(registration.account.id).await.unwrap().unwrap();
        assert_same_account(&found, &registration.account);
    }
}
/// From each plan to each other one: the change is there at once, with its event.
pub async fn a_plan_changes_with_its_event(stores: &Stores) {
    let samples = Samples::new();
    let account = samples.registration();
    stores.register(&samples, &account).await;
    let account = account.account;
    let steps = [
        (Plan::Free, Plan::Pro),
        (Plan::Pro, Plan::Enterprise),
        (Plan::Enterprise, Plan::Pro),
        (Plan::Pro, Plan::Free),
        (Plan::Free, Plan::Enterprise),
        (Plan::Enterprise, Plan::Free),
    ];
    for (second, (from, to)) in (1..).zip(steps) {
        let event = samples.event(Action::AccountPlanChanged, account.id, samples.at(second));
        assert_eq!(stores.accounts.set_plan(account.id, from, to, event.clone()).await, Ok(true));
        let found = stores.accounts.find(account.id).await.unwrap().unwrap();
        assert_same_account(&found, &Account { plan: to, ..account.clone() });
        assert_eq!(stores.trail(account.id).await.first(), Some(&event));
    }
}
/// A plan that is no longer the expected one stays, and so does that of nobody; nothing is written.
pub async fn a_plan_changes_only_from_the_expected_one(stores: &Stores) {
    let samples = Samples::new();
    for &plan in Plan::ALL {
        let mut registration = samples.registration();
        registration.account.plan = plan;
        let account = &registration.account;
        stores.register(&samples, &registration).await;
        for &expected in Plan::ALL.iter().filter(|&&expected| expected != plan) {
            let event = samples.event(Action::AccountPlanChanged, account.id, samples.at(1));
            let changed = stores.accounts.set_plan(account.id, expected, Plan::Pro, event).await;
            assert_eq!(changed, Ok(false), "{plan} is not {expected}");
        }
        assert_same_account(&stores.accounts.find(account.id).await.unwrap().unwrap(), account);
        assert_eq!(stores.trail(account.id).await.len(), 1);
    }
    let nobody = samples.account_id();
    let event = samples.event(Action::AccountPlanChanged, nobody, samples.at(1));
    assert_eq!(stores.accounts.set_plan(nobody, Plan::Free, Plan::Pro, event).await, Ok(false));
    assert_eq!(stores.trail(nobody).await, []);
}
/// A change of plan touches no other account.
pub async fn threat_k11_a_change_of_plan_touches_one_account(stores: &Stores) {
    let samples = Samples::new();
    let (own, other) = (samples.registration(), samples.registration());
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;
    let event = samples.event(Action::AccountPlanChanged, own.account.id, samples.at(1));

    assert_eq!(stores.accounts.set_plan(own.account.id, Plan::Free, Plan::Pro, event).await, Ok(true));

    assert_same_account(&stores.accounts.find(other.account.id).await.unwrap().unwrap(), &other.account);
    assert_eq!(stores.trail(other.account.id).await.len(), 1);
}

/// Every server hears of a change of plan as it hears of what has ended; a change that is none is not logged.
pub async fn every_server_hears_of_a_change_of_plan(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    let id = registration.account.id;
    stores.register(&samples, &registration).await;
    let before = stores.revocations.head().await.unwrap().last;
    for (from, logged) in [(Plan::Pro, 0), (Plan::Free, 1)] {
        let event = samples.event(Action::AccountPlanChanged, id, samples.at(1));
        stores.accounts.set_plan(id, from, Plan::Enterprise, event).await.unwrap();
        let heard = stores.revocations.after(before, 10).await.unwrap();
        assert_eq!(heard.len(), logged);
        assert!(heard.iter().all(|entry| entry.subject == Subject::Account(id)));
    }
}

/// Whoever wins the race changes the plan; the others learn that they did not, and leave no event.
pub async fn of_32_changes_of_plan_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    let id = registration.account.id;
    stores.register(&samples, &registration).await;

    let results = race(|number| {
        let (accounts, at) = (stores.accounts.clone(), samples.at(number as u64 + 1));
        let event = samples.event(Action::AccountPlanChanged, id, at);
        async move { patiently(|| accounts.set_plan(id, Plan::Free, Plan::Pro, event.clone())).await }
    })
    .await;

    assert_eq!(results.iter().filter(|result| **result == Ok(true)).count(), 1);
    assert_eq!(results.iter().filter(|result| **result == Ok(false)).count(), RACERS - 1);
    assert_eq!(stores.trail(id).await.len(), 2);
}
