//! The contracts of [`KeyStore`](keyward_domain::keys::KeyStore) and [`AgentStore`](keyward_domain::agents::AgentStore)
//! for requests that were let in before the account's tokens were ended.

use keyward_domain::accounts::Epoch;
use keyward_domain::agents::{CreateAgentRefused, KeyReplacement, NewAgent, ReplaceKeyRefused};
use keyward_domain::audit::Action;
use keyward_domain::keys::{CreateKeyRefused, KeyRotation, NewKey, RotateKeyRefused};

use super::Stores;
use super::agent_keys::replacement;
use super::frame::Frame;
use super::key_lifecycle::level_key;
use super::key_rotations::rotation;
use crate::builders::Samples;

/// Nothing that issues a key is done for a request that was let in in an epoch that has ended, and all of it is for one
/// that was let in in the one that followed.
pub async fn threat_c10_no_key_is_issued_to_whom_a_reset_has_put_out(stores: &Stores) {
    let samples = Samples::new();
    let own = samples.registration_with_agent();
    stores.register(&samples, &own).await;
    let (account, (agent, agents_key)) = (own.account.id, own.agent.clone().unwrap());
    let event = |action| samples.event(action, account, samples.at(2));
    let ended = stores.accounts.begin_epoch(account, Epoch::FIRST, None, event(Action::TokensRevoked));
    assert_eq!(ended.await, Ok(true));

    let before = Frame::of(stores).await;
    let fresh = |seconds| level_key(&samples, &own, seconds);
    let (another, its_key) = samples.agent(&own.account);
    let create = |epoch| NewKey { key: fresh(3), most: 10, epoch, idempotency: None };
    let rotate = |epoch| KeyRotation { epoch, ..rotation(&samples, &own.key, &fresh(4), None) };
    let make = |epoch| NewAgent { agent: another.clone(), key: its_key.clone(), epoch, idempotency: None };
    let new_key = samples.key(account, agents_key.binding);
    let replace =
        |epoch| KeyReplacement { epoch, ..replacement(&agent, Some(agents_key.id), &new_key, samples.at(5)) };
    let (keys, agents) = (&stores.keys, &stores.agents);
    let old = Epoch::FIRST;
    assert_eq!(keys.create(create(old), event(Action::KeyCreated)).await, Err(CreateKeyRefused::Outdated));
    assert_eq!(keys.rotate(rotate(old), event(Action::KeyRotated)).await, Err(RotateKeyRefused::Outdated));
    assert_eq!(
        agents.create(make(old), event(Action::AgentCreated)).await,
        Err(CreateAgentRefused::Outdated)
    );
    let replaced = agents.replace_key(replace(old), event(Action::AgentKeyRegenerated));
    assert_eq!(replaced.await, Err(ReplaceKeyRefused::Outdated));
    assert_eq!(Frame::of(stores).await, before);

    let next = old.next();
    keys.create(create(next), event(Action::KeyCreated)).await.unwrap();
    keys.rotate(rotate(next), event(Action::KeyRotated)).await.unwrap();
    agents.create(make(next), event(Action::AgentCreated)).await.unwrap();
    agents.replace_key(replace(next), event(Action::AgentKeyRegenerated)).await.unwrap();
}
