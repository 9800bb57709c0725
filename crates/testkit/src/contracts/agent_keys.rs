//! The contract of [`AgentStore::replace_key`](keyward_domain::agents::AgentStore::replace_key).

use keyward_domain::accounts::Epoch;
use keyward_domain::agents::{Agent, KeyReplacement, ReplaceKeyRefused};
use keyward_domain::audit::Action;
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{ApiKey, KeyState, RevocationReason};
use keyward_domain::time::Instant;

use super::Stores;
use super::race::{RACERS, patiently, race};
use crate::builders::{Samples, in_epoch};

pub(super) fn replacement(agent: &Agent, seen: Option<KeyId>, key: &ApiKey, at: Instant) -> KeyReplacement {
    KeyReplacement {
        agent: agent.id,
        seen,
        key: key.clone(),
        at,
        asker: in_epoch(Epoch::FIRST),
        idempotency: None,
    }
}

pub(super) async fn replace(
    stores: &Stores,
    samples: &Samples,
    agent: &Agent,
    seen: Option<KeyId>,
    key: &ApiKey,
) -> Result<(), ReplaceKeyRefused> {
    let event = samples.event(Action::AgentKeyRegenerated, agent.account, samples.at(3));
    stores.agents.replace_key(replacement(agent, seen, key, samples.at(3)), event).await
}

/// An account with an agent, and the agent's key.
async fn agent_with_key(stores: &Stores, samples: &Samples) -> (Agent, ApiKey) {
    let registration = samples.registration_with_agent();
    stores.register(samples, &registration).await;
    registration.agent.unwrap()
}

async fn state_of(stores: &Stores, key: &ApiKey) -> Option<KeyState> {
    stores.credential(key.handle).await.unwrap().map(|found| found.key.state)
}

fn revoked(samples: &Samples) -> Option<KeyState> {
    Some(KeyState::Revoked { at: samples.at(3), reason: RevocationReason::Requested })
}

/// The old key ends as the new one begins, with one event.
pub async fn a_replaced_key_is_revoked_and_the_new_one_is_active(stores: &Stores) {
    let samples = Samples::new();
    let (agent, old) = agent_with_key(stores, &samples).await;
    let new = samples.key(agent.account, old.binding);

    assert_eq!(replace(stores, &samples, &agent, Some(old.id), &new).await, Ok(()));

    assert_eq!(state_of(stores, &old).await, revoked(&samples));
    assert_eq!(stores.credential(new.handle).await.unwrap().unwrap().key, new);
    let found = stores.agents.find_profile(agent.owner(), agent.id).await.unwrap().unwrap();
    assert_eq!((found.agent.updated_at, found.key), (samples.at(3), Some(new)));
    assert_eq!(stores.trail(agent.account).await.len(), 2);
}

/// Who saw another key, or none, is overtaken, and nothing is written.
pub async fn threat_k5_a_key_is_replaced_only_while_it_is_the_one_that_was_seen(stores: &Stores) {
    let samples = Samples::new();
    let (agent, first) = agent_with_key(stores, &samples).await;
    let second = samples.key(agent.account, first.binding);
    assert_eq!(replace(stores, &samples, &agent, Some(first.id), &second).await, Ok(()));
    let (_, foreign) = agent_with_key(stores, &samples).await;

    for seen in [None, Some(first.id), Some(foreign.id), Some(samples.key_id())] {
        let new = samples.key(agent.account, first.binding);
        let refused = replace(stores, &samples, &agent, seen, &new).await;
        assert_eq!(refused, Err(ReplaceKeyRefused::Overtaken), "{seen:?}");
        assert_eq!(state_of(stores, &new).await, None);
    }
    assert_eq!(state_of(stores, &second).await, Some(KeyState::Active));
    assert_eq!(state_of(stores, &foreign).await, Some(KeyState::Active));
    assert_eq!(stores.trail(agent.account).await.len(), 2);
}

/// An agent whose key was revoked gets a new one; who saw the key before it was revoked does not.
pub async fn an_agent_without_an_active_key_gets_one(stores: &Stores) {
    let samples = Samples::new();
    let (agent, old) = agent_with_key(stores, &samples).await;
    let event = samples.event(Action::KeyRevoked, agent.account, samples.at(3));
    let revocation = stores.keys.revoke(old.id, samples.at(3), RevocationReason::Requested, event).await;
    assert_eq!(revocation, Ok(true));
    let new = samples.key(agent.account, old.binding);
    let refused = replace(stores, &samples, &agent, Some(old.id), &new).await;
    assert_eq!(refused, Err(ReplaceKeyRefused::Overtaken));
    assert_eq!(replace(stores, &samples, &agent, None, &new).await, Ok(()));
    assert_eq!(state_of(stores, &new).await, Some(KeyState::Active));
}

/// An agent that is archived or deleted gets no key.
pub async fn an_ended_agent_gets_no_key(stores: &Stores) {
    let samples = Samples::new();
    let (agent, key) = agent_with_key(stores, &samples).await;
    let new = samples.key(agent.account, key.binding);
    let event = samples.event(Action::AgentArchived, agent.account, samples.at(2));
    assert_eq!(stores.agents.archive(agent.owner(), agent.id, samples.at(2), event).await, Ok(true));
    let refused = replace(stores, &samples, &agent, Some(key.id), &new).await;
    assert_eq!(refused, Err(ReplaceKeyRefused::Overtaken));
    assert_eq!(state_of(stores, &key).await, Some(KeyState::Active));

    let event = samples.event(Action::AgentDeleted, agent.account, samples.at(2));
    assert_eq!(stores.agents.delete(agent.owner(), agent.id, event).await, Ok(true));
    let refused = replace(stores, &samples, &agent, None, &new).await;
    assert_eq!(refused, Err(ReplaceKeyRefused::Overtaken));
    assert_eq!(state_of(stores, &new).await, None);
}

/// A handle that is in use leaves the old key as it was.
pub async fn a_taken_handle_of_a_new_key_leaves_the_old_one_active(stores: &Stores) {
    let samples = Samples::new();
    let (agent, old) = agent_with_key(stores, &samples).await;
    let new = ApiKey { handle: old.handle, ..samples.key(agent.account, old.binding) };
    let refused = replace(stores, &samples, &agent, Some(old.id), &new).await;
    assert_eq!(refused, Err(ReplaceKeyRefused::HandleTaken));
    assert_eq!(stores.credential(old.handle).await.unwrap().unwrap().key, old);
    let found = stores.agents.find(agent.owner(), agent.id).await.unwrap();
    assert_eq!(found, Some(agent.clone()));
    assert_eq!(stores.trail(agent.account).await.len(), 1);
}

/// All saw the same key: one gets a new one, the others leave nothing, and one key is active.
pub async fn threat_k5_of_32_replacements_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let (agent, old) = agent_with_key(stores, &samples).await;
    let contenders: Vec<_> = (0..RACERS).map(|_| samples.key(agent.account, old.binding)).collect();

    let results = race(|number| {
        let agents = stores.agents.clone();
        let asked = replacement(&agent, Some(old.id), &contenders[number], samples.at(3));
        let event = samples.event(Action::AgentKeyRegenerated, agent.account, samples.at(3));
        async move { patiently(|| agents.replace_key(asked.clone(), event.clone())).await }
    })
    .await;

    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let overtaken = Err(ReplaceKeyRefused::Overtaken);
    assert_eq!(results.iter().filter(|result| **result == overtaken).count(), RACERS - 1);
    for (result, contender) in results.iter().zip(&contenders) {
        let expected = result.is_ok().then_some(KeyState::Active);
        assert_eq!(state_of(stores, contender).await, expected);
    }
    assert_eq!(state_of(stores, &old).await, revoked(&samples));
    assert_eq!(stores.trail(agent.account).await.len(), 2);
}

/// A revocation and a replacement of one key at the same time: exactly one of them finds it active.
pub async fn threat_k5_of_revocations_and_replacements_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let (agent, old) = agent_with_key(stores, &samples).await;
    let new = samples.key(agent.account, old.binding);

    let results = race(|number| {
        let (agents, keys, id, at) = (stores.agents.clone(), stores.keys.clone(), old.id, samples.at(3));
        let action = if number == 0 { Action::AgentKeyRegenerated } else { Action::KeyRevoked };
        let event = samples.event(action, agent.account, at);
        let asked = replacement(&agent, Some(id), &new, at);
        async move {
            if number == 0 {
                match patiently(|| agents.replace_key(asked.clone(), event.clone())).await {
                    Ok(()) => true,
                    Err(refused) => {
                        assert_eq!(refused, ReplaceKeyRefused::Overtaken);
                        false
                    }
                }
            } else {
                let reason = RevocationReason::Requested;
                patiently(|| keys.revoke(id, at, reason, event.clone())).await.unwrap()
            }
        }
    })
    .await;

    assert_eq!(results.iter().filter(|&&succeeded| succeeded).count(), 1);
    assert_eq!(state_of(stores, &old).await, revoked(&samples));
    assert_eq!(state_of(stores, &new).await, results[0].then_some(KeyState::Active));
    assert_eq!(stores.trail(agent.account).await.len(), 2);
}
