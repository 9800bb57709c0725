//! The contract of [`KeyStore`](keyward_domain::keys::KeyStore).

use keyward_domain::accounts::{AccountStanding, AccountStatus, Epoch, Plan};
use keyward_domain::agents::{AgentStanding, AgentStatus};
use keyward_domain::audit::Action;
use keyward_domain::keys::{ApiKey, KeyHandle, KeyState, RevocationReason};

use super::Stores;
use super::race::{RACERS, patiently, race, race_of};
use crate::builders::Samples;

/// The key as it is stored now.
async fn current(stores: &Stores, key: &ApiKey) -> ApiKey {
    stores.credential(key.handle).await.unwrap().unwrap().key
}

/// Absence is no error, and a handle is found only as it is spelled.
pub async fn an_unknown_handle_is_absent(stores: &Stores) {
    let samples = Samples::new();
    let mut registration = samples.registration();
    registration.key.handle = KeyHandle::parse("aBcDeFgHiJkLmNo").unwrap();
    stores.register(&samples, &registration).await;
    for text in ["ABCDEFGHIJKLMNO", "abcdefghijklmno", "000000000000000"] {
        assert_eq!(stores.credential(KeyHandle::parse(text).unwrap()).await, Ok(None), "{text}");
    }
}

/// A key comes with the standing of its account and of its agent.
pub async fn a_key_comes_with_how_its_owners_stand(stores: &Stores) {
    let samples = Samples::new();
    let since = samples.at(1);
    let statuses =
        [AccountStatus::Active, AccountStatus::Suspended { since }, AccountStatus::Archived { since }];
    for status in statuses {
        for agent_status in [AgentStatus::Active, AgentStatus::Archived { since: samples.at(2) }] {
            let mut registration = samples.registration_with_agent();
            registration.account.status = status;
            registration.account.epoch = Epoch::new(3);
            registration.account.plan = Plan::Enterprise;
            let (agent, agent_key) = registration.agent.as_mut().unwrap();
            agent.status = agent_status;
            agent.epoch = Epoch::new(4);
            let agent_handle = agent_key.handle;
            stores.register(&samples, &registration).await;

            let own = stores.credential(registration.key.handle).await.unwrap().unwrap();
            let agents = stores.credential(agent_handle).await.unwrap().unwrap();

            let account = AccountStanding { status, epoch: Epoch::new(3), plan: Plan::Enterprise };
            assert_eq!((own.account, own.agent), (account, None));
            let agent = AgentStanding { status: agent_status, epoch: Epoch::new(4) };
            assert_eq!((agents.account, agents.agent), (account, Some(agent)));
        }
    }
}

/// A suspension shows at the next look-up of each of the account's keys.
pub async fn a_key_shows_a_suspension_at_once(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration_with_agent();
    let id = registration.account.id;
    stores.register(&samples, &registration).await;
    let suspended = AccountStatus::Suspended { since: samples.at(1) };
    let event = samples.event(Action::AccountSuspended, id, samples.at(1));
    let change = stores.accounts.change_status(id, Epoch::FIRST, AccountStatus::Active, suspended, event);
    assert_eq!(change.await, Ok(true));
    for key in [&registration.key, &registration.agent.as_ref().unwrap().1] {
        let credential = stores.credential(key.handle).await.unwrap().unwrap();
        assert_eq!(credential.account.status, suspended);
        assert_eq!(credential.key, *key);
    }
}

/// A key is revoked once: the second time nothing is written, neither another moment nor an event.
pub async fn a_key_is_revoked_once(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    let (account, key) = (registration.account.id, &registration.key);
    stores.register(&samples, &registration).await;
    let first = samples.event(Action::KeyRevoked, account, samples.at(1));
    let second = samples.event(Action::KeyRevoked, account, samples.at(2));

    let revoked = stores.keys.revoke(key.id, samples.at(1), RevocationReason::ByAdmin, first.clone()).await;
    let again = stores.keys.revoke(key.id, samples.at(2), RevocationReason::Requested, second).await;

    assert_eq!((revoked, again), (Ok(true), Ok(false)));
    let state = KeyState::Revoked { at: samples.at(1), reason: RevocationReason::ByAdmin };
    assert_eq!(current(stores, key).await, ApiKey { state, ..key.clone() });
    let trail = stores.trail(account).await;
    assert_eq!((trail.len(), trail.first()), (2, Some(&first)));
}

/// A key that does not exist cannot be revoked, and nothing is written.
pub async fn an_unknown_key_is_not_revoked(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    stores.register(&samples, &registration).await;
    let event = samples.event(Action::KeyRevoked, registration.account.id, samples.at(1));
    let revoked =
        stores.keys.revoke(samples.key_id(), samples.at(1), RevocationReason::Requested, event).await;
    assert_eq!(revoked, Ok(false));
    assert_eq!(stores.trail(None).await.len(), 1);
}

/// Revoking a key touches no other key, of this account or another.
pub async fn threat_k11_a_revocation_touches_one_key(stores: &Stores) {
    let samples = Samples::new();
    let (own, other) = (samples.registration_with_agent(), samples.registration_with_agent());
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;
    let revoked_key = &own.agent.as_ref().unwrap().1;
    let event = samples.event(Action::KeyRevoked, own.account.id, samples.at(1));

    let revoked = stores.keys.revoke(revoked_key.id, samples.at(1), RevocationReason::Requested, event).await;

    assert_eq!(revoked, Ok(true));
    for key in [&own.key, &other.key, &other.agent.as_ref().unwrap().1] {
        assert_eq!(current(stores, key).await, *key);
    }
    assert_ne!(current(stores, revoked_key).await, *revoked_key);
}

/// Whoever wins the race revokes the key; the others learn that they did not, and leave no event.
pub async fn of_32_revocations_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    let (account, id) = (registration.account.id, registration.key.id);
    stores.register(&samples, &registration).await;

    let results = race(|number| {
        let (keys, at) = (stores.keys.clone(), samples.at(number as u64 + 1));
        let event = samples.event(Action::KeyRevoked, account, at);
        async move { patiently(|| keys.revoke(id, at, RevocationReason::Requested, event.clone())).await }
    })
    .await;

    let winners: Vec<_> = (0..RACERS).filter(|&number| results[number] == Ok(true)).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(results.iter().filter(|result| **result == Ok(false)).count(), RACERS - 1);
    let at = samples.at(winners[0] as u64 + 1);
    let state = KeyState::Revoked { at, reason: RevocationReason::Requested };
    assert_eq!(current(stores, &registration.key).await.state, state);
    let trail = stores.trail(account).await;
    assert_eq!((trail.len(), trail[0].at), (2, at));
}

/// The last use of a key is the latest that was written down, whatever the order; other keys keep theirs.
pub async fn a_key_s_last_use_is_its_latest(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration_with_agent();
    stores.register(&samples, &registration).await;
    let (key, other) = (&registration.key, &registration.agent.as_ref().unwrap().1);
    assert_eq!(current(stores, key).await.last_used_at, None);
    let batches = [
        vec![(key.id, samples.at(60)), (samples.key_id(), samples.at(60))],
        vec![(key.id, samples.at(120)), (key.id, samples.at(30))],
        vec![(key.id, samples.at(90))],
        Vec::new(),
    ];
    for batch in batches {
        assert_eq!(stores.keys.record_use(batch).await, Ok(()));
    }
    assert_eq!(current(stores, key).await.last_used_at, Some(samples.at(120)));
    assert_eq!(current(stores, other).await, *other);
    assert_eq!(stores.trail(None).await.len(), 1, "a use is no deed");
}

/// Servers that write the last uses of the same keys at the same time do not wait for each other in a circle.
pub async fn last_uses_are_written_down_by_several_at_once(stores: &Stores) {
    let samples = Samples::new();
    let mut keys = Vec::new();
    for _ in 0..30 {
        let registration = samples.registration();
        stores.register(&samples, &registration).await;
        keys.push(registration.key);
    }
    for round in 1..=8 {
        let results = race_of(2, |number| {
            let store = stores.keys.clone();
            let mut used: Vec<_> = keys.iter().map(|key| (key.id, samples.at(round))).collect();
            if number == 1 {
                used.reverse();
            }
            // Not patiently: who waits in a circle hears that the store is busy.
            async move { store.record_use(used).await }
        })
        .await;
        assert_eq!(results, [Ok(()), Ok(())]);
    }
    for key in &keys {
        assert_eq!(current(stores, key).await.last_used_at, Some(samples.at(8)));
    }
}
