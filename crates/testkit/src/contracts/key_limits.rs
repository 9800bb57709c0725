//! The contract of [`KeyStore::create`](keyward_domain::keys::KeyStore::create) for how many keys an account may have.

use keyward_domain::accounts::Epoch;
use keyward_domain::accounts::{PasswordHash, Registration};
use keyward_domain::audit::Action;
use keyward_domain::keys::{
    ApiKey, CreateKeyRefused, KeyBinding, KeyStatus, KeysThat, NewKey, RevocationReason,
};
use keyward_domain::single_use::{PasswordReset, Redemption, SingleUsePurpose};

use super::Stores;
use super::key_lifecycle::{create, level_key, owner, revoke, stored};
use super::key_rotations::rotate;
use super::race::{RACERS, patiently, race};
use super::single_use_tokens::issue;
use crate::builders::{Samples, in_epoch};

const REACHED: Result<(), CreateKeyRefused> = Err(CreateKeyRefused::LimitReached);

/// An account that has as many keys as it may have: that of its registration, and new ones of `seconds`.
async fn full(stores: &Stores, samples: &Samples, most: u32) -> (Registration, Vec<ApiKey>) {
    let registration = samples.registration_with_agent();
    stores.register(samples, &registration).await;
    let mut keys = vec![registration.key.clone()];
    while keys.len() < most as usize {
        let key = level_key(samples, &registration, 1);
        assert_eq!(create(stores, samples, &key, most).await, Ok(()));
        keys.push(key);
    }
    let refused = create(stores, samples, &level_key(samples, &registration, 1), most).await;
    assert_eq!(refused, REACHED);
    (registration, keys)
}

/// How many account-level keys are active at that second. The store counts as many.
async fn active(stores: &Stores, samples: &Samples, of: &Registration, seconds: u64) -> usize {
    let keys = stores.keys.page_of(owner(of), KeysThat::Exist, None, 1_000).await.unwrap();
    let of_account = keys.iter().filter(|key| key.agent.is_none());
    let active = of_account.filter(|key| key.status(samples.at(seconds)) == KeyStatus::Active).count();
    let counted = stores.keys.count(of.account.id, samples.at(seconds)).await;
    assert_eq!(counted, Ok(u32::try_from(active).unwrap()));
    active
}

/// An account has as many keys as it may have and not one more; what is refused writes nothing. Its agents' keys, and
/// other accounts', do not count.
pub async fn an_account_has_no_more_keys_than_it_may_have(stores: &Stores) {
    let samples = Samples::new();
    let other = samples.registration();
    stores.register(&samples, &other).await;
    let (own, _) = full(stores, &samples, 3).await;
    let refused = level_key(&samples, &own, 1);
    for most in [0, 1, 3] {
        assert_eq!(create(stores, &samples, &refused, most).await, REACHED);
    }
    assert_eq!(stored(stores, &refused).await, None);
    assert_eq!(active(stores, &samples, &own, 1).await, 3);
    assert_eq!(stores.trail(own.account.id).await.len(), 3);
    assert_eq!(create(stores, &samples, &level_key(&samples, &other, 1), 2).await, Ok(()));
    assert_eq!(create(stores, &samples, &refused, 4).await, Ok(()), "another plan has more room");
}

/// A key that is revoked makes room for one: however often it is revoked, and whoever revokes it.
pub async fn a_revoked_key_makes_room_for_one(stores: &Stores) {
    let samples = Samples::new();
    let (own, keys) = full(stores, &samples, 3).await;
    for key in &keys[..2] {
        let event = samples.event(Action::KeyRevoked, own.account.id, samples.at(2));
        let by_admin = key.id == keys[0].id;
        if by_admin {
            let revoked = stores.keys.revoke(key.id, samples.at(2), RevocationReason::ByAdmin, event).await;
            assert_eq!(revoked, Ok(true));
        } else {
            assert_eq!(revoke(stores, &samples, owner(&own), key, 2).await, Ok(true));
        }
        assert_eq!(revoke(stores, &samples, owner(&own), key, 2).await, Ok(false));
        assert_eq!(create(stores, &samples, &level_key(&samples, &own, 3), 3).await, Ok(()));
        assert_eq!(create(stores, &samples, &level_key(&samples, &own, 3), 3).await, REACHED);
    }
}

/// The key of an agent makes no room.
pub async fn a_revoked_key_of_an_agent_makes_no_room(stores: &Stores) {
    let samples = Samples::new();
    let (own, _) = full(stores, &samples, 2).await;
    let of_agent = &own.agent.as_ref().unwrap().1;
    assert_eq!(revoke(stores, &samples, owner(&own), of_agent, 2).await, Ok(true));
    assert_eq!(create(stores, &samples, &level_key(&samples, &own, 3), 2).await, REACHED);
}

/// A key that ends by itself makes room then, once, whether or not it is revoked too, before its end or behind it.
pub async fn an_expired_key_makes_room_for_one(stores: &Stores) {
    let samples = Samples::new();
    for revoked_at in [None, Some(5), Some(10), Some(15)] {
        let own = samples.registration();
        stores.register(&samples, &own).await;
        let ends = ApiKey { expires_at: Some(samples.at(10)), ..level_key(&samples, &own, 1) };
        assert_eq!(create(stores, &samples, &ends, 2).await, Ok(()));
        let at_9 = create(stores, &samples, &level_key(&samples, &own, 9), 2).await;
        assert_eq!(at_9, REACHED, "it is good until its end");
        if let Some(seconds) = revoked_at {
            assert_eq!(revoke(stores, &samples, owner(&own), &ends, seconds).await, Ok(true));
        }
        assert_eq!(create(stores, &samples, &level_key(&samples, &own, 15), 2).await, Ok(()));
        assert_eq!(create(stores, &samples, &level_key(&samples, &own, 15), 2).await, REACHED);
    }
}

/// A revocation that is written late, of a key that was counted as expired already, does not make room a second time.
pub async fn a_revocation_that_comes_late_makes_no_second_room(stores: &Stores) {
    let samples = Samples::new();
    let own = samples.registration();
    stores.register(&samples, &own).await;
    let ends = ApiKey { expires_at: Some(samples.at(10)), ..level_key(&samples, &own, 1) };
    assert_eq!(create(stores, &samples, &ends, 2).await, Ok(()));
    assert_eq!(create(stores, &samples, &level_key(&samples, &own, 10), 2).await, Ok(()));

    // It was asked for before the end, by another server it may be, and waited for its turn.
    assert_eq!(revoke(stores, &samples, owner(&own), &ends, 9).await, Ok(true));

    assert_eq!(create(stores, &samples, &level_key(&samples, &own, 11), 2).await, REACHED);
    assert_eq!(active(stores, &samples, &own, 11).await, 2);
}

/// A rotation takes no room and makes none, with grace or without; nor does revoking what was rotated.
pub async fn a_rotation_keeps_the_number_of_keys(stores: &Stores) {
    let samples = Samples::new();
    let (own, mut keys) = full(stores, &samples, 2).await;
    for grace in [None, Some(60)] {
        let (old, new) = (keys.pop().unwrap(), level_key(&samples, &own, 2));
        assert_eq!(rotate(stores, &samples, &old, &new, grace).await, Ok(()));
        assert_eq!(create(stores, &samples, &level_key(&samples, &own, 3), 2).await, REACHED);
        assert_eq!(revoke(stores, &samples, owner(&own), &old, 3).await, Ok(grace.is_some()));
        assert_eq!(create(stores, &samples, &level_key(&samples, &own, 3), 2).await, REACHED);
        keys.push(new);
    }
    assert_eq!(active(stores, &samples, &own, 3).await, 2);
}

/// A reset that revokes all keys makes room for all.
pub async fn a_reset_that_ends_all_keys_makes_room_for_all(stores: &Stores) {
    let samples = Samples::new();
    let (own, _) = full(stores, &samples, 3).await;
    let token = issue(stores, &samples, &own.account, SingleUsePurpose::ResetPassword, 2).await;
    let password = PasswordHash::new("chosen".to_owned());
    let reset = PasswordReset {
        token: token.digest,
        purpose: token.binding.purpose(),
        password,
        was_verified: false,
    };
    let event = samples.event(Action::AccountReclaimed, own.account.id, samples.at(3));
    let done = stores.single_use_tokens.reset_password(reset, samples.at(3), event).await;
    assert_eq!(done, Ok(Redemption::Redeemed));
    // The reset has begun another epoch.
    let again = async || {
        let key = level_key(&samples, &own, 4);
        let event = samples.event(Action::KeyCreated, key.account, key.created_at);
        let new = NewKey { key, most: 3, asker: in_epoch(Epoch::FIRST.next()), idempotency: None };
        stores.keys.create(new, event).await
    };
    for _ in 0..3 {
        assert_eq!(again().await, Ok(()));
    }
    assert_eq!(again().await, REACHED);
}

/// Of many who want the last place one gets it.
pub async fn of_32_creations_with_room_for_one_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    // Once by the number as it stands, and once where it must be counted anew: a key has ended by itself.
    for has_expired in [false, true] {
        let own = samples.registration();
        stores.register(&samples, &own).await;
        let expires_at = has_expired.then(|| samples.at(5));
        let filler = ApiKey { expires_at, ..level_key(&samples, &own, 1) };
        assert_eq!(create(stores, &samples, &filler, 2).await, Ok(()));
        let most = if has_expired { 2 } else { 3 };
        let contenders: Vec<_> = (0..RACERS).map(|_| level_key(&samples, &own, 6)).collect();

        let results = race(|number| {
            let (keys, key) = (stores.keys.clone(), contenders[number].clone());
            let event = samples.event(Action::KeyCreated, key.account, key.created_at);
            let new = NewKey { key, most, asker: in_epoch(Epoch::FIRST), idempotency: None };
            async move { patiently(|| keys.create(new.clone(), event.clone())).await }
        })
        .await;

        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        assert_eq!(results.iter().filter(|result| **result == REACHED).count(), RACERS - 1);
        for (result, contender) in results.iter().zip(&contenders) {
            assert_eq!(stored(stores, contender).await.is_some(), result.is_ok());
        }
        assert_eq!(active(stores, &samples, &own, 6).await, most as usize);
    }
}

/// While others create and revoke at the same time, there are never more than there may be, and the number stays right.
pub async fn the_number_of_keys_is_exact_after_32_changes_at_once(stores: &Stores) {
    let samples = Samples::new();
    let (own, keys) = full(stores, &samples, 9).await;
    let contenders: Vec<_> = (0..RACERS).map(|_| level_key(&samples, &own, 2)).collect();

    let results = race(|number| {
        let (store, new) = (stores.keys.clone(), contenders[number].clone());
        let old = keys.get(number / 4 + 1).filter(|_| number % 4 == 0).map(|key| key.id);
        let (who, at) = (owner(&own), samples.at(2));
        let action = if old.is_some() { Action::KeyRevoked } else { Action::KeyCreated };
        let event = samples.event(action, who.account, at);
        async move {
            match old {
                Some(id) => {
                    let revoked = patiently(|| store.revoke_of(who, id, at, event.clone())).await;
                    assert_eq!(revoked, Ok(true));
                    -1
                }
                None => {
                    let new = NewKey { key: new, most: 9, asker: in_epoch(Epoch::FIRST), idempotency: None };
                    match patiently(|| store.create(new.clone(), event.clone())).await {
                        Ok(()) => 1,
                        Err(refused) => {
                            assert_eq!(refused, CreateKeyRefused::LimitReached);
                            0
                        }
                    }
                }
            }
        }
    })
    .await;

    let left = usize::try_from(9 + results.iter().sum::<i32>()).unwrap();
    assert_eq!(active(stores, &samples, &own, 2).await, left);
    assert!(left <= 9, "{left}");
    for _ in left..9 {
        assert_eq!(create(stores, &samples, &level_key(&samples, &own, 3), 9).await, Ok(()));
    }
    assert_eq!(create(stores, &samples, &level_key(&samples, &own, 3), 9).await, REACHED);
}

/// A key that is bound to an agent is written with its agent, and is none of the account's.
pub async fn keys_of_agents_do_not_count(stores: &Stores) {
    let samples = Samples::new();
    let own = samples.registration();
    stores.register(&samples, &own).await;
    for _ in 0..3 {
        let (agent, key) = samples.agent(&own.account);
        assert!(matches!(key.binding, KeyBinding::Agent(_)));
        let event = samples.event(Action::AgentCreated, own.account.id, samples.at(1));
        let new =
            keyward_domain::agents::NewAgent { agent, key, asker: in_epoch(Epoch::FIRST), idempotency: None };
        stores.agents.create(new, event).await.unwrap();
    }
    assert_eq!(create(stores, &samples, &level_key(&samples, &own, 2), 2).await, Ok(()));
    assert_eq!(create(stores, &samples, &level_key(&samples, &own, 2), 2).await, REACHED);
}
