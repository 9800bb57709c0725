//! Suspending, resuming and archiving accounts.

use std::sync::Arc;
use std::time::Duration;

use keyward_domain::accounts::{
    AccountIsArchived, AccountStatus, AccountStore, ChangeStatusError, MockAccountStore,
};
use keyward_domain::audit::{Action, Actor};
use keyward_domain::ids::AccountId;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::{Domain, Ports};
use keyward_testkit::builders;
use keyward_testkit::domain::{TestDomain, alpha_bot};

fn admin() -> Actor {
    builders::admin("root")
}

/// An account that was registered a second ago: events of one moment are read in no particular order.
async fn registered(test: &TestDomain) -> AccountId {
    let id = test.register(alpha_bot()).await.account.id;
    test.clock.advance(Duration::from_secs(1));
    id
}

async fn status(test: &TestDomain, id: AccountId) -> AccountStatus {
    AccountStore::find(&*test.store, id).await.unwrap().unwrap().status
}

async fn actions(test: &TestDomain, id: AccountId) -> Vec<Action> {
    test.trail(id).await.iter().rev().map(|event| event.action).collect()
}

#[tokio::test]
async fn an_account_is_suspended_resumed_and_archived_with_an_event_each() {
    let test = TestDomain::new();
    let id = registered(&test).await;
    let accounts = &test.domain.accounts;

    test.clock.advance(Duration::from_secs(1));
    accounts.suspend(id, &admin(), &test.context()).await.unwrap();
    assert_eq!(status(&test, id).await, AccountStatus::Suspended { since: test.clock.now() });

    test.clock.advance(Duration::from_secs(1));
    accounts.resume(id, &admin(), &test.context()).await.unwrap();
    assert_eq!(status(&test, id).await, AccountStatus::Active);

    test.clock.advance(Duration::from_secs(1));
    let context = test.context();
    accounts.archive(id, &admin(), &context).await.unwrap();
    assert_eq!(status(&test, id).await, AccountStatus::Archived { since: test.clock.now() });

    let trail = test.trail(id).await;
    let expected = [
        Action::AccountRegistered,
        Action::AccountSuspended,
        Action::AccountResumed,
        Action::AccountArchived,
    ];
    assert_eq!(actions(&test, id).await, expected);
    let last = &trail[0];
    assert_eq!((last.actor.as_str(), last.target.as_str()), ("admin:root", format!("account:{id}").as_str()));
    assert_eq!((last.request_id, last.at), (Some(context.request_id), test.clock.now()));
    assert!(trail.iter().all(|event| test.domain.trail.is_intact(event)));
}

#[tokio::test]
async fn a_repetition_keeps_the_first_moment_and_leaves_no_event() {
    let test = TestDomain::new();
    let id = registered(&test).await;
    let accounts = &test.domain.accounts;
    accounts.resume(id, &admin(), &test.context()).await.unwrap();

    let since = test.clock.now();
    accounts.suspend(id, &admin(), &test.context()).await.unwrap();
    test.clock.advance(Duration::from_secs(60));
    accounts.suspend(id, &admin(), &test.context()).await.unwrap();
    assert_eq!(status(&test, id).await, AccountStatus::Suspended { since });

    let since = test.clock.now();
    accounts.archive(id, &admin(), &test.context()).await.unwrap();
    test.clock.advance(Duration::from_secs(60));
    accounts.archive(id, &admin(), &test.context()).await.unwrap();
    assert_eq!(status(&test, id).await, AccountStatus::Archived { since });

    let expected = [Action::AccountRegistered, Action::AccountSuspended, Action::AccountArchived];
    assert_eq!(actions(&test, id).await, expected);
}

#[tokio::test]
async fn an_archived_account_is_neither_suspended_nor_resumed() {
    let test = TestDomain::new();
    let id = registered(&test).await;
    let accounts = &test.domain.accounts;
    accounts.archive(id, &admin(), &test.context()).await.unwrap();
    let refused = Err(ChangeStatusError::Archived(AccountIsArchived));
    assert_eq!(accounts.suspend(id, &admin(), &test.context()).await, refused);
    assert_eq!(accounts.resume(id, &admin(), &test.context()).await, refused);
    assert_eq!(actions(&test, id).await, [Action::AccountRegistered, Action::AccountArchived]);
}

#[tokio::test]
async fn an_account_that_does_not_exist_has_no_states() {
    let test = TestDomain::new();
    let id = AccountId::generate(test.clock.now(), &*test.entropy);
    let accounts = &test.domain.accounts;
    let refused = Err(ChangeStatusError::UnknownAccount);
    assert_eq!(accounts.suspend(id, &admin(), &test.context()).await, refused);
    assert_eq!(accounts.resume(id, &admin(), &test.context()).await, refused);
    assert_eq!(accounts.archive(id, &admin(), &test.context()).await, refused);
    assert_eq!(test.trail(None).await, []);
}

#[tokio::test]
async fn an_archived_account_s_address_can_be_registered_again() {
    let test = TestDomain::new();
    let first = test.register(alpha_bot()).await.account.id;
    test.domain.accounts.archive(first, &admin(), &test.context()).await.unwrap();
    let second = test.register(alpha_bot()).await.account.id;
    assert_ne!(first, second);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_suspensions_at_once_each_is_satisfied_and_one_is_written() {
    let test = TestDomain::new();
    let id = registered(&test).await;
    let tasks: Vec<_> = (0..32)
        .map(|_| {
            let (accounts, context) = (test.domain.accounts.clone(), test.context());
            tokio::spawn(async move { accounts.suspend(id, &admin(), &context).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), Ok(()));
    }
    assert_eq!(actions(&test, id).await, [Action::AccountRegistered, Action::AccountSuspended]);
}

/// A store in which somebody else is always quicker cannot be had from MemoryStore, so this port is a mock.
#[tokio::test]
async fn a_change_that_others_always_overtake_is_given_up() {
    let test = TestDomain::new();
    let account = test.register(alpha_bot()).await.account;
    let (id, mut overtaken) = (account.id, MockAccountStore::new());
    overtaken.expect_find().returning(move |_| Ok(Some(account.clone())));
    overtaken.expect_change_status().times(2..20).returning(|_, _, _, _, _| Ok(false));
    let domain = Domain::new(Ports { accounts: Arc::new(overtaken), ..test.ports() });
    let given_up = domain.accounts.suspend(id, &admin(), &test.context()).await;
    assert_eq!(given_up, Err(ChangeStatusError::Store(StoreError::Busy)));
}
