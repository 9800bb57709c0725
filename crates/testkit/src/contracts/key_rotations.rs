//! The contract of [`KeyStore::rotate`](keyward_domain::keys::KeyStore::rotate).

use keyward_domain::accounts::{Epoch, Registration};
use keyward_domain::agents::AgentStatus;
use keyward_domain::audit::Action;
use keyward_domain::keys::{ApiKey, KeyRotation, KeyState, KeyStatus, RevocationReason, RotateKeyRefused};
use keyward_domain::revocations::Subject;

use super::Stores;
use super::agent_keys::replacement;
use super::frame::Frame;
use super::key_lifecycle::{create, ended, level_key, owner, revoke, stored};
use super::race::{RACERS, patiently, race, race_of};
use crate::builders::{Samples, in_epoch};

const NOT_ACTIVE: Result<(), RotateKeyRefused> = Err(RotateKeyRefused::NotActive);

/// `new` in place of `old`, at the moment at which the new one was issued; the old one is good until that second.
pub(super) fn rotation(
    samples: &Samples,
    old: &ApiKey,
    new: &ApiKey,
    good_until: Option<u64>,
) -> KeyRotation {
    KeyRotation {
        from: old.id,
        key: new.clone(),
        at: new.created_at,
        good_until: good_until.map(|seconds| samples.at(seconds)),
        asker: in_epoch(Epoch::FIRST),
        idempotency: None,
    }
}

pub(super) async fn rotate(
    stores: &Stores,
    samples: &Samples,
    old: &ApiKey,
    new: &ApiKey,
    good_until: Option<u64>,
) -> Result<(), RotateKeyRefused> {
    let event = samples.event(Action::KeyRotated, new.account, new.created_at);
    stores.keys.rotate(rotation(samples, old, new, good_until), event).await
}

async fn account(stores: &Stores, samples: &Samples) -> Registration {
    let registration = samples.registration_with_agent();
    stores.register(samples, &registration).await;
    registration
}

async fn state_of(stores: &Stores, key: &ApiKey) -> KeyState {
    stored(stores, key).await.unwrap().state
}

/// The old key is dead with the commit that makes the new one, and every server hears of it.
pub async fn threat_k5_a_rotated_key_is_dead_as_the_new_one_begins(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    let new = level_key(&samples, &own, 5);

    assert_eq!(rotate(stores, &samples, &own.key, &new, None).await, Ok(()));

    let state = KeyState::Revoked { at: samples.at(5), reason: RevocationReason::Rotated };
    assert_eq!(stored(stores, &own.key).await, Some(ApiKey { state, ..own.key.clone() }));
    assert_eq!(stored(stores, &new).await, Some(new));
    assert_eq!(ended(stores).await, [Subject::Key(own.key.id)]);
    let trail = stores.trail(own.account.id).await;
    assert_eq!((trail.len(), trail[0].action), (2, Action::KeyRotated));
}

/// With grace the old key is good beside the new one until then, and every server hears of its new end.
pub async fn a_key_that_is_rotated_with_grace_is_good_until_then(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    let new = level_key(&samples, &own, 5);

    assert_eq!(rotate(stores, &samples, &own.key, &new, Some(60)).await, Ok(()));

    let old = stored(stores, &own.key).await.unwrap();
    let state = KeyState::Superseded { at: samples.at(5) };
    assert_eq!(old, ApiKey { state, expires_at: Some(samples.at(60)), ..own.key.clone() });
    assert_eq!(old.status(samples.at(59)), KeyStatus::Superseded);
    assert_eq!(old.status(samples.at(60)), KeyStatus::Expired);
    assert_eq!(stored(stores, &new).await, Some(new));
    assert_eq!(ended(stores).await, [Subject::Key(own.key.id)]);
}

/// A grace ends at the key's own end, where that comes first.
pub async fn a_grace_never_extends_a_key_s_own_end(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    for (own_end, grace, expected) in [(30, 60, 30), (60, 60, 60), (90, 60, 60)] {
        let mut old = level_key(&samples, &own, 1);
        old.expires_at = Some(samples.at(own_end));
        assert_eq!(create(stores, &samples, &old, 100).await, Ok(()));
        let new = level_key(&samples, &own, 5);
        assert_eq!(rotate(stores, &samples, &old, &new, Some(grace)).await, Ok(()));
        let found = stored(stores, &old).await.unwrap();
        assert_eq!(found.expires_at, Some(samples.at(expected)), "{own_end} {grace}");
        assert_eq!(found.state, KeyState::Superseded { at: samples.at(5) });
    }
}

/// Only an active key is rotated: none that was rotated or revoked, has expired, or is not there. Nothing is written.
pub async fn threat_k5_only_an_active_key_is_rotated(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    let keys = [(); 4].map(|()| level_key(&samples, &own, 1));
    let [superseded, rotated, revoked, expires] = &keys;
    for key in &keys {
        let expires_at = (key.id == expires.id).then(|| samples.at(10));
        assert_eq!(create(stores, &samples, &ApiKey { expires_at, ..key.clone() }, 100).await, Ok(()));
    }
    let next = || level_key(&samples, &own, 2);
    assert_eq!(rotate(stores, &samples, superseded, &next(), Some(1_000)).await, Ok(()));
    assert_eq!(rotate(stores, &samples, rotated, &next(), None).await, Ok(()));
    assert_eq!(revoke(stores, &samples, owner(&own), revoked, 2).await, Ok(true));
    let before = Frame::of(stores).await;

    let never = level_key(&samples, &own, 1);
    for key in keys.iter().chain([&never]) {
        for grace in [None, Some(60)] {
            let new = level_key(&samples, &own, 10);
            assert_eq!(rotate(stores, &samples, key, &new, grace).await, NOT_ACTIVE);
            assert_eq!(stored(stores, &new).await, None);
        }
    }
    assert_eq!(Frame::of(stores).await, before);
    let in_time = level_key(&samples, &own, 9);
    assert_eq!(rotate(stores, &samples, expires, &in_time, None).await, Ok(()));
}

/// A handle that is in use leaves the old key as it was.
pub async fn a_taken_handle_of_a_rotation_leaves_the_old_key_active(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    let before = Frame::of(stores).await;
    for grace in [None, Some(60)] {
        let new = ApiKey { handle: own.key.handle, ..level_key(&samples, &own, 5) };
        let refused = rotate(stores, &samples, &own.key, &new, grace).await;
        assert_eq!(refused, Err(RotateKeyRefused::HandleTaken));
    }
    assert_eq!(Frame::of(stores).await, before);
}

/// The key of an agent is rotated as any other, which changes the agent; that of one that has ended is not.
pub async fn an_agent_s_key_is_rotated_while_its_agent_is_active(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    let (agent, old) = own.agent.clone().unwrap();
    let [new, newer] =
        [5, 7].map(|seconds| ApiKey { binding: old.binding, ..level_key(&samples, &own, seconds) });

    assert_eq!(rotate(stores, &samples, &old, &new, Some(60)).await, Ok(()));

    let found = stores.agents.find_profile(agent.owner(), agent.id).await.unwrap().unwrap();
    assert_eq!(found.agent.updated_at, samples.at(5));
    assert_eq!(found.key, Some(new.clone()));

    let event = samples.event(Action::AgentArchived, own.account.id, samples.at(6));
    assert_eq!(stores.agents.archive(agent.owner(), agent.id, samples.at(6), event).await, Ok(true));
    assert_eq!(rotate(stores, &samples, &new, &newer, None).await, NOT_ACTIVE);
    let found = stores.agents.find_profile(agent.owner(), agent.id).await.unwrap().unwrap();
    assert_eq!(found.agent.status, AgentStatus::Archived { since: samples.at(6) });
    assert_eq!((found.agent.updated_at, found.key), (samples.at(6), Some(new)));
}

/// A replaced key of an agent takes those that were rotated with grace with it.
pub async fn a_replacement_ends_a_grace(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    let (agent, old) = own.agent.clone().unwrap();
    let [new, newer] =
        [5, 7].map(|seconds| ApiKey { binding: old.binding, ..level_key(&samples, &own, seconds) });
    assert_eq!(rotate(stores, &samples, &old, &new, Some(60)).await, Ok(()));

    let event = samples.event(Action::AgentKeyRegenerated, own.account.id, samples.at(7));
    let asked = replacement(&agent, Some(new.id), &newer, samples.at(7));
    assert_eq!(stores.agents.replace_key(asked, event).await, Ok(()));

    for key in [&old, &new] {
        assert_eq!(stored(stores, key).await.unwrap().status(samples.at(8)), KeyStatus::Revoked);
    }
    assert_eq!(stored(stores, &newer).await, Some(newer));
}

/// All rotate one key: one gets a new one, the others leave nothing.
pub async fn threat_k5_of_32_rotations_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    for grace in [None, Some(60)] {
        let own = account(stores, &samples).await;
        let contenders: Vec<_> = (0..RACERS).map(|_| level_key(&samples, &own, 5)).collect();

        let results = race(|number| {
            let (keys, new) = (stores.keys.clone(), &contenders[number]);
            let event = samples.event(Action::KeyRotated, own.account.id, new.created_at);
            let asked = rotation(&samples, &own.key, new, grace);
            async move { patiently(|| keys.rotate(asked.clone(), event.clone())).await }
        })
        .await;

        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        assert_eq!(results.iter().filter(|result| **result == NOT_ACTIVE).count(), RACERS - 1);
        for (result, contender) in results.iter().zip(&contenders) {
            assert_eq!(stored(stores, contender).await.is_some(), result.is_ok());
        }
        assert_ne!(state_of(stores, &own.key).await, KeyState::Active);
        assert_eq!(stores.trail(own.account.id).await.len(), 2);
    }
}

/// Rotations and revocations of one key at the same time: one rotation at most, and the old key is dead.
pub async fn threat_k5_of_rotations_and_revocations_exactly_one_ends_the_key(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    let contenders: Vec<_> = (0..RACERS).map(|_| level_key(&samples, &own, 5)).collect();

    let results = race(|number| {
        let (keys, new, who) = (stores.keys.clone(), &contenders[number], owner(&own));
        let (id, at) = (own.key.id, new.created_at);
        let action = if number % 2 == 0 { Action::KeyRotated } else { Action::KeyRevoked };
        let event = samples.event(action, who.account, at);
        let asked = rotation(&samples, &own.key, new, None);
        async move {
            if number % 2 == 0 {
                patiently(|| keys.rotate(asked.clone(), event.clone())).await.is_ok()
            } else {
                patiently(|| keys.revoke_of(who, id, at, event.clone())).await.unwrap()
            }
        }
    })
    .await;

    let winners: Vec<_> = (0..RACERS).filter(|&number| results[number]).collect();
    assert_eq!(winners.len(), 1);
    let reason = if winners[0] % 2 == 0 { RevocationReason::Rotated } else { RevocationReason::Requested };
    assert_eq!(state_of(stores, &own.key).await, KeyState::Revoked { at: samples.at(5), reason });
    for (number, contender) in contenders.iter().enumerate() {
        let is_there = winners[0] == number && number % 2 == 0;
        assert_eq!(stored(stores, contender).await.is_some(), is_there);
    }
    assert_eq!(stores.trail(own.account.id).await.len(), 2);
}

/// Requests that may be repeated do not wait for each other in a circle: each rotates a key of its own, of one account.
pub async fn repeatable_rotations_of_one_account_all_succeed_at_once(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    for _ in 0..8 {
        let olds = [(); 4].map(|()| level_key(&samples, &own, 1));
        for old in &olds {
            assert_eq!(create(stores, &samples, old, 1_000).await, Ok(()));
        }
        let results = race_of(olds.len(), |number| {
            let (keys, new) = (stores.keys.clone(), level_key(&samples, &own, 5));
            let event = samples.event(Action::KeyRotated, own.account.id, samples.at(5));
            let mut asked = rotation(&samples, &olds[number], &new, None);
            asked.idempotency = Some(samples.answer(own.account.id, samples.at(5)));
            // Not patiently: who waits in a circle hears that the store is busy.
            async move { keys.rotate(asked, event).await }
        })
        .await;
        assert_eq!(results, [Ok(()), Ok(()), Ok(()), Ok(())]);
    }
}

/// A rotation and a replacement of an agent's key at the same time: one key is active in the end, and nobody waits for
/// the other in a circle.
pub async fn threat_k5_of_a_rotation_and_a_replacement_one_key_is_active(stores: &Stores) {
    let samples = Samples::new();
    for _ in 0..8 {
        let own = account(stores, &samples).await;
        let (agent, old) = own.agent.clone().unwrap();
        let contenders = [(); 2].map(|()| ApiKey { binding: old.binding, ..level_key(&samples, &own, 5) });
        let results = race_of(2, |number| {
            let (keys, agents) = (stores.keys.clone(), stores.agents.clone());
            let action = if number == 0 { Action::KeyRotated } else { Action::AgentKeyRegenerated };
            let event = samples.event(action, own.account.id, samples.at(5));
            let rotated = rotation(&samples, &old, &contenders[0], None);
            let replaced = replacement(&agent, Some(old.id), &contenders[1], samples.at(5));
            async move {
                match number {
                    0 => keys.rotate(rotated, event).await.map_err(|refused| format!("{refused:?}")),
                    _ => agents.replace_key(replaced, event).await.map_err(|refused| format!("{refused:?}")),
                }
            }
        })
        .await;
        let won = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(won, 1, "{results:?}");
        for (result, contender) in results.iter().zip(&contenders) {
            assert!(!matches!(result, Err(why) if why.contains("Store")), "{result:?}");
            assert_eq!(stored(stores, contender).await.is_some(), result.is_ok());
        }
    }
}

/// A rotation of an agent's key and the agent's deletion at the same time: in the end all of it is gone.
pub async fn of_a_rotation_and_a_deletion_nothing_is_left(stores: &Stores) {
    let samples = Samples::new();
    for _ in 0..8 {
        let own = account(stores, &samples).await;
        let (agent, old) = own.agent.clone().unwrap();
        let new = ApiKey { binding: old.binding, ..level_key(&samples, &own, 5) };
        let results = race_of(2, |number| {
            let (keys, agents, agent) = (stores.keys.clone(), stores.agents.clone(), agent.clone());
            let action = if number == 0 { Action::KeyRotated } else { Action::AgentDeleted };
            let event = samples.event(action, own.account.id, samples.at(5));
            let rotated = rotation(&samples, &old, &new, None);
            async move {
                match number {
                    0 => match keys.rotate(rotated, event).await {
                        Ok(()) | Err(RotateKeyRefused::NotActive) => Ok(true),
                        Err(why) => Err(format!("{why:?}")),
                    },
                    _ => {
                        agents.delete(agent.owner(), agent.id, event).await.map_err(|why| format!("{why:?}"))
                    }
                }
            }
        })
        .await;
        assert_eq!(results, [Ok(true), Ok(true)]);
        for key in [&old, &new] {
            assert_eq!(stored(stores, key).await, None);
        }
    }
}
