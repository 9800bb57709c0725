//! The contract of [`AccountStore::change_status`](keyward_domain::accounts::AccountStore::change_status).

use keyward_domain::accounts::{Account, AccountStatus, Epoch, NewPasswordHash, PasswordHash};
use keyward_domain::audit::Action;

use super::Stores;
use super::race::{RACERS, patiently, race};
use super::same::{assert_same_account, assert_same_password};
use crate::builders::Samples;

/// Changes the status of an account in its first epoch.
pub(super) async fn change(
    stores: &Stores,
    samples: &Samples,
    account: &Account,
    from: AccountStatus,
    to: AccountStatus,
) -> bool {
    let event = samples.event(Action::AccountSuspended, account.id, samples.at(9));
    stores.accounts.change_status(account.id, Epoch::FIRST, from, to, event).await.unwrap()
}

/// Suspended, resumed, archived: each change is there at once, with its event.
pub async fn a_status_changes_with_its_event(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    let id = registration.account.id;
    stores.register(&samples, &registration).await;
    let suspended = AccountStatus::Suspended { since: samples.at(1) };
    let steps = [
        (AccountStatus::Active, suspended, Action::AccountSuspended),
        (suspended, AccountStatus::Active, Action::AccountResumed),
        (AccountStatus::Active, suspended, Action::AccountSuspended),
        (suspended, AccountStatus::Archived { since: samples.at(4) }, Action::AccountArchived),
    ];
    for (second, (from, to, action)) in (1..).zip(steps) {
        let event = samples.event(action, id, samples.at(second));
        let changed = stores.accounts.change_status(id, Epoch::FIRST, from, to, event.clone()).await;
        assert_eq!(changed, Ok(true));
        let found = stores.accounts.find(id).await.unwrap().unwrap();
        assert_same_account(&found, &Account { status: to, ..registration.account.clone() });
        assert_eq!(stores.trail(id).await.first(), Some(&event));
    }
}
/// A status that is no longer the expected one stays, and nothing is written.
pub async fn a_status_changes_only_from_the_expected_one(stores: &Stores) {
    let samples = Samples::new();
    let since = samples.at(1);
    let states =
        [AccountStatus::Active, AccountStatus::Suspended { since }, AccountStatus::Archived { since }];
    for status in states {
        let mut registration = samples.registration();
        registration.account.status = status;
        let account = &registration.account;
        stores.register(&samples, &registration).await;
        for expected in states.into_iter().filter(|expected| *expected != status) {
            let to = AccountStatus::Suspended { since: samples.at(2) };
            assert!(!change(stores, &samples, account, expected, to).await, "{status:?} is not {expected:?}");
        }
        assert_same_account(&stores.accounts.find(account.id).await.unwrap().unwrap(), account);
        assert_eq!(stores.trail(account.id).await.len(), 1);
    }
}
/// The expected status is compared by kind: since when does not matter.
pub async fn a_status_is_compared_by_kind_and_not_by_moment(stores: &Stores) {
    let samples = Samples::new();
    let mut registration = samples.registration();
    registration.account.status = AccountStatus::Suspended { since: samples.at(1) };
    stores.register(&samples, &registration).await;

    let expected = AccountStatus::Suspended { since: samples.at(2) };
    assert!(change(stores, &samples, &registration.account, expected, AccountStatus::Active).await);

    let found = stores.accounts.find(registration.account.id).await.unwrap().unwrap();
    assert_eq!(found.status, AccountStatus::Active);
}
/// In another epoch than the expected one nothing is written.
pub async fn a_status_changes_only_in_the_expected_epoch(stores: &Stores) {
    let samples = Samples::new();
    let mut registration = samples.registration();
    registration.account.epoch = Epoch::new(2);
    let account = &registration.account;
    stores.register(&samples, &registration).await;
    let suspended = AccountStatus::Suspended { since: samples.at(1) };
    for (epoch, expected) in [(Epoch::FIRST, false), (Epoch::new(3), false), (Epoch::new(2), true)] {
        let event = samples.event(Action::AccountSuspended, account.id, samples.at(1));
        let changed =
            stores.accounts.change_status(account.id, epoch, AccountStatus::Active, suspended, event).await;
        assert_eq!(changed, Ok(expected), "{epoch:?}");
    }
    assert_eq!(stores.trail(account.id).await.len(), 2);
}
/// The status of an account that does not exist cannot be changed, and nothing is written.
pub async fn the_status_of_an_unknown_account_does_not_change(stores: &Stores) {
    let samples = Samples::new();
    let unknown = samples.registration().account;
    let to = AccountStatus::Suspended { since: samples.at(1) };
    assert!(!change(stores, &samples, &unknown, AccountStatus::Active, to).await);
    assert_eq!(stores.trail(None).await, []);
}
/// A change of status touches nothing but that account's status.
pub async fn threat_k11_a_change_of_status_touches_one_account(stores: &Stores) {
    let samples = Samples::new();
    let (mut own, other) = (samples.registration_with_agent(), samples.registration_with_agent());
    own.password = Some(PasswordHash::new("stored".to_owned()));
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;
    let suspended = AccountStatus::Suspended { since: samples.at(1) };

    assert!(change(stores, &samples, &own.account, AccountStatus::Active, suspended).await);

    assert_same_account(&stores.accounts.find(other.account.id).await.unwrap().unwrap(), &other.account);
    let expected = Account { status: suspended, ..own.account.clone() };
    assert_same_account(&stores.accounts.find(own.account.id).await.unwrap().unwrap(), &expected);
    assert_same_password(stores.password_of(&own.account).await.as_ref(), own.password.as_ref());
    for registration in [&own, &other] {
        let (agent, agent_key) = registration.agent.as_ref().unwrap();
        let found = stores.agents.find(agent.owner(), agent.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(agent));
        for key in [&registration.key, agent_key] {
            assert_eq!(stores.credential(key.handle).await.unwrap().unwrap().key, *key);
        }
    }
}
/// Whoever wins the race changes the status; the others learn that they did not, and leave no event.
pub async fn of_32_changes_of_status_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    let id = registration.account.id;
    stores.register(&samples, &registration).await;
    let goals: Vec<_> = (0..RACERS as u64)
        .map(|number| match number % 2 {
            0 => (AccountStatus::Suspended { since: samples.at(number) }, Action::AccountSuspended),
            _ => (AccountStatus::Archived { since: samples.at(number) }, Action::AccountArchived),
        })
        .collect();

    let results = race(|number| {
        let (accounts, (to, action)) = (stores.accounts.clone(), goals[number]);
        let event = samples.event(action, id, samples.at(number as u64 + 1));
        async move {
            patiently(|| accounts.change_status(id, Epoch::FIRST, AccountStatus::Active, to, event.clone()))
                .await
        }
    })
    .await;

    let winners: Vec<_> = (0..RACERS).filter(|&number| results[number] == Ok(true)).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(results.iter().filter(|result| **result == Ok(false)).count(), RACERS - 1);
    let (status, action) = goals[winners[0]];
    assert_eq!(stores.accounts.find(id).await.unwrap().unwrap().status, status);
    let trail = stores.trail(id).await;
    assert_eq!(trail.len(), 2);
    assert_eq!((trail[0].action, trail[0].at), (action, samples.at(winners[0] as u64 + 1)));
}

/// A new epoch is begun once from each epoch, with its event, and touches no other account.
pub async fn threat_j10_an_epoch_is_begun_once_and_for_one_account(stores: &Stores) {
    let samples = Samples::new();
    let (own, other) = (samples.registration(), samples.registration());
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;
    let id = own.account.id;
    let event = samples.event(Action::TokensRevoked, id, samples.at(1));
    let begin = |event| stores.accounts.begin_epoch(id, Epoch::FIRST, None, event);
    let again = samples.event(Action::TokensRevoked, id, samples.at(2));
    assert_eq!((begin(event.clone()).await, begin(again).await), (Ok(true), Ok(false)));
    let account = stores.accounts.find(id).await.unwrap().unwrap();
    assert_eq!(account, Account { epoch: Epoch::new(2), ..own.account.clone() });
    assert_eq!(stores.accounts.find(other.account.id).await.unwrap().unwrap(), other.account);
    assert_eq!(stores.trail(id).await.first(), Some(&event));
    assert_eq!(stores.trail(id).await.len(), 2);
}

/// A password is replaced with a new epoch, or neither is.
pub async fn a_password_is_replaced_with_a_new_epoch_or_neither_is(stores: &Stores) {
    let samples = Samples::new();
    let mut registration = samples.registration();
    registration.password = Some(PasswordHash::new("old".to_owned()));
    stores.register(&samples, &registration).await;
    let id = registration.account.id;
    let replace = |epoch: u32, from: &str, to: &str| {
        let (from, to) = (PasswordHash::new(from.to_owned()), PasswordHash::new(to.to_owned()));
        let event = samples.event(Action::PasswordChanged, id, samples.at(1));
        stores.accounts.begin_epoch(id, Epoch::new(epoch), Some(NewPasswordHash { from, to }), event)
    };
    assert_eq!(replace(1, "another", "new").await, Ok(false));
    assert_eq!(replace(2, "old", "new").await, Ok(false));
    assert_eq!(replace(1, "old", "new").await, Ok(true));
    assert_eq!(replace(1, "old", "newer").await, Ok(false));
    let login = stores.accounts.find_with_password(id).await.unwrap().unwrap();
    assert_eq!(login.password.as_ref().map(PasswordHash::expose), Some("new"));
    assert_eq!(login.account.epoch, Epoch::new(2));
    assert_eq!(stores.trail(id).await.len(), 2);
}
