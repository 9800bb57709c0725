//! The contracts of [`KeyStore`](keyward_domain::keys::KeyStore) and [`AgentStore`](keyward_domain::agents::AgentStore)
//! for requests whose credential has ended since they were let in.

use keyward_domain::accounts::{Epoch, PasswordHash, Registration};
use keyward_domain::agents::{Agent, CreateAgentRefused, KeyReplacement, NewAgent, ReplaceKeyRefused};
use keyward_domain::audit::Action;
use keyward_domain::keys::{ApiKey, CreateKeyRefused, Generation, KeyRotation, NewKey, RotateKeyRefused};
use keyward_domain::principal::CredentialStamp;
use keyward_domain::single_use::{PasswordReset, Redemption, SingleUsePurpose};
use keyward_domain::tokens::KeyStamp;

use super::Stores;
use super::agent_keys::replacement;
use super::frame::Frame;
use super::key_lifecycle::{create, level_key, owner, revoke};
use super::key_rotations::{rotate, rotation};
use super::race::{patiently, race};
use super::single_use_tokens::issue;
use crate::builders::{Samples, by_key, in_epoch};

/// An account, and everything that issues a key to it.
struct World {
    samples: Samples,
    own: Registration,
    new: Vec<ApiKey>,
    another: (Agent, ApiKey),
}

impl World {
    async fn new(stores: &Stores) -> Self {
        let samples = Samples::new();
        let own = samples.registration_with_agent();
        stores.register(&samples, &own).await;
        let binding = own.agent.as_ref().unwrap().1.binding;
        let agents_key = ApiKey { created_at: samples.at(10), ..samples.key(own.account.id, binding) };
        let (agent, its_key) = samples.agent(&own.account);
        let another = (agent, ApiKey { created_at: samples.at(10), ..its_key });
        let new = vec![level_key(&samples, &own, 10), level_key(&samples, &own, 10), agents_key];
        Self { samples, own, new, another }
    }

    /// Whether each of the four deeds was done for whoever asks so: all of them or none.
    async fn is_done(&self, stores: &Stores, asker: CredentialStamp) -> bool {
        let (samples, own) = (&self.samples, &self.own);
        let (agent, agents_key) = own.agent.clone().unwrap();
        let event = |action| samples.event(action, own.account.id, samples.at(10));
        let before = Frame::of(stores).await;
        let create = NewKey { key: self.new[0].clone(), most: 10, asker, idempotency: None };
        let rotate = KeyRotation { asker, ..rotation(samples, &own.key, &self.new[1], None) };
        let (another, its_key) = self.another.clone();
        let make = NewAgent { agent: another, key: its_key, asker, idempotency: None };
        let replace = replacement(&agent, Some(agents_key.id), &self.new[2], samples.at(10));
        let replace = KeyReplacement { asker, ..replace };
        let created = stores.keys.create(create, event(Action::KeyCreated)).await;
        if created.is_ok() {
            stores.keys.rotate(rotate, event(Action::KeyRotated)).await.unwrap();
            stores.agents.create(make, event(Action::AgentCreated)).await.unwrap();
            stores.agents.replace_key(replace, event(Action::AgentKeyRegenerated)).await.unwrap();
            return true;
        }
        assert_eq!(created, Err(CreateKeyRefused::Outdated));
        let rotated = stores.keys.rotate(rotate, event(Action::KeyRotated)).await;
        assert_eq!(rotated, Err(RotateKeyRefused::Outdated));
        let made = stores.agents.create(make, event(Action::AgentCreated)).await;
        assert_eq!(made, Err(CreateAgentRefused::Outdated));
        let replaced = stores.agents.replace_key(replace, event(Action::AgentKeyRegenerated)).await;
        assert_eq!(replaced, Err(ReplaceKeyRefused::Outdated));
        assert_eq!(Frame::of(stores).await, before);
        false
    }

    async fn begin_epoch(&self, stores: &Stores) {
        let (id, samples) = (self.own.account.id, &self.samples);
        let event = samples.event(Action::TokensRevoked, id, samples.at(2));
        assert_eq!(stores.accounts.begin_epoch(id, Epoch::FIRST, None, event).await, Ok(true));
    }

    /// Another key of the account, which asks.
    async fn asking(&self, stores: &Stores, edit: impl FnOnce(&mut ApiKey)) -> ApiKey {
        let mut key = level_key(&self.samples, &self.own, 1);
        edit(&mut key);
        assert_eq!(create(stores, &self.samples, &key, 10).await, Ok(()));
        key
    }
}

fn exchanged_for(key: &ApiKey, epoch: Epoch) -> CredentialStamp {
    let key = Some(KeyStamp { id: key.id, generation: key.generation });
    CredentialStamp::InEpoch { epoch, key }
}

/// Nothing that issues a key is done for a token or a session of an epoch that has ended, and all of it is for one of the
/// epoch that followed.
pub async fn threat_c10_no_key_is_issued_to_whom_a_reset_has_put_out(stores: &Stores) {
    let world = World::new(stores).await;
    let key = world.asking(stores, |_| {}).await;
    world.begin_epoch(stores).await;
    assert!(!world.is_done(stores, in_epoch(Epoch::FIRST)).await);
    assert!(!world.is_done(stores, exchanged_for(&key, Epoch::FIRST)).await);
    assert!(world.is_done(stores, exchanged_for(&key, Epoch::FIRST.next())).await);
}

/// A key outlives its account's epochs: what it asks for is done in any.
pub async fn a_good_key_is_issued_keys_in_any_epoch(stores: &Stores) {
    let world = World::new(stores).await;
    let key = world.asking(stores, |_| {}).await;
    world.begin_epoch(stores).await;
    assert!(world.is_done(stores, by_key(&key)).await);
}

/// Nothing is done for a key that has ended, in whichever way, nor for a token that was exchanged for it; a rotated one
/// is good until its grace ends.
pub async fn threat_c10_no_key_is_issued_to_a_key_that_has_ended(stores: &Stores) {
    let world = World::new(stores).await;
    let samples = &world.samples;
    let [revoked, superseded] = [world.asking(stores, |_| {}).await, world.asking(stores, |_| {}).await];
    assert_eq!(revoke(stores, samples, owner(&world.own), &revoked, 2).await, Ok(true));
    let successor = level_key(samples, &world.own, 2);
    assert_eq!(rotate(stores, samples, &superseded, &successor, Some(10)).await, Ok(()));
    let expired = world.asking(stores, |key| key.expires_at = Some(samples.at(10))).await;
    let good = world.asking(stores, |key| key.expires_at = Some(samples.at(11))).await;
    let of_another_generation = ApiKey { generation: Generation::new(2), ..good.clone() };
    let stranger = samples.registration();
    stores.register(samples, &stranger).await;

    for ended in [&revoked, &superseded, &expired, &of_another_generation, &stranger.key] {
        assert!(!world.is_done(stores, by_key(ended)).await, "{ended:?}");
        assert!(!world.is_done(stores, exchanged_for(ended, Epoch::FIRST)).await, "{ended:?}");
    }
    assert!(world.is_done(stores, by_key(&good)).await);
}

/// A rotated key asks until its grace ends.
pub async fn a_key_in_its_grace_is_issued_keys(stores: &Stores) {
    let world = World::new(stores).await;
    let key = world.asking(stores, |_| {}).await;
    let successor = level_key(&world.samples, &world.own, 2);
    assert_eq!(rotate(stores, &world.samples, &key, &successor, Some(11)).await, Ok(()));
    assert!(world.is_done(stores, by_key(&key)).await);
}

/// While a reset ends all keys of an account that was never verified, many requests that those keys have let in create and
/// rotate keys: whatever comes first, no key is good afterwards.
pub async fn threat_c10_of_32_requests_beside_a_reset_none_leaves_a_key(stores: &Stores) {
    let samples = Samples::new();
    for _ in 0..4 {
        let own = samples.registration();
        stores.register(&samples, &own).await;
        let mut olds = Vec::new();
        for _ in 0..16 {
            let old = level_key(&samples, &own, 1);
            assert_eq!(create(stores, &samples, &old, 100).await, Ok(()));
            olds.push(old);
        }
        let token = issue(stores, &samples, &own.account, SingleUsePurpose::ResetPassword, 1).await;
        race(|number| {
            let (keys, tokens) = (stores.keys.clone(), stores.single_use_tokens.clone());
            let (at, id) = (samples.at(2), own.account.id);
            let (key, old) = (level_key(&samples, &own, 2), olds[number / 2].clone());
            let event = |action| samples.event(action, id, at);
            let (created, rotated) = (event(Action::KeyCreated), event(Action::KeyRotated));
            let reclaimed = event(Action::AccountReclaimed);
            let password = PasswordHash::new("chosen".to_owned());
            let purpose = SingleUsePurpose::ResetPassword;
            let reset = PasswordReset { token: token.digest, purpose, password, was_verified: false };
            let asker = by_key(&own.key);
            let new = NewKey { key: key.clone(), most: 100, asker, idempotency: None };
            let rotation = KeyRotation { asker, ..rotation(&samples, &old, &key, Some(100)) };
            async move {
                match number {
                    0 => {
                        let done =
                            patiently(|| tokens.reset_password(reset.clone(), at, reclaimed.clone())).await;
                        assert_eq!(done, Ok(Redemption::Redeemed));
                    }
                    _ if number % 2 == 0 => {
                        let done = patiently(|| keys.create(new.clone(), created.clone())).await;
                        assert!(matches!(done, Ok(()) | Err(CreateKeyRefused::Outdated)), "{done:?}");
                    }
                    _ => {
                        let done = patiently(|| keys.rotate(rotation.clone(), rotated.clone())).await;
                        assert!(matches!(done, Ok(()) | Err(RotateKeyRefused::NotActive)), "{done:?}");
                    }
                }
            }
        })
        .await;
        let all = stores.keys.page(Some(own.account.id), None, 1_000).await.unwrap();
        assert!(!all.iter().any(|key| key.state.is_standing()), "{all:?}");
    }
}

/// A key that rotates itself has ended with that: the same request once more is told that it was answered, and another one
/// that the key is not active.
pub async fn a_key_that_has_rotated_itself_is_told_so(stores: &Stores) {
    let world = World::new(stores).await;
    let (samples, own) = (&world.samples, &world.own);
    let answer = samples.answer(own.account.id, samples.at(10));
    let rotate = async |new: &ApiKey, idempotency| {
        let asker = by_key(&own.key);
        let rotation = KeyRotation { asker, idempotency, ..rotation(samples, &own.key, new, None) };
        let event = samples.event(Action::KeyRotated, own.account.id, samples.at(10));
        stores.keys.rotate(rotation, event).await
    };
    assert_eq!(rotate(&world.new[0], Some(answer.clone())).await, Ok(()));
    assert_eq!(rotate(&world.new[1], Some(answer)).await, Err(RotateKeyRefused::Repeated));
    assert_eq!(rotate(&world.new[1], None).await, Err(RotateKeyRefused::NotActive));
}
