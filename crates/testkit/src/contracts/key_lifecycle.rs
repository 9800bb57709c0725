//! The contract of [`KeyStore`](keyward_domain::keys::KeyStore) for what an account does with its own keys.

use keyward_domain::accounts::{Epoch, Registration};
use keyward_domain::audit::Action;
use keyward_domain::environment::Environment;
use keyward_domain::keys::{
    ApiKey, CreateKeyRefused, KeyBinding, KeyCursor, KeyLabel, KeyPurpose, KeyState, KeySummary, KeysThat,
    NewKey, RevocationReason, RotateKeyRefused,
};
use keyward_domain::principal::Owner;
use keyward_domain::revocations::{RevocationNumber, Subject};
use keyward_domain::scope::{Scope, Scopes};
use keyward_domain::store::StoreError;

use super::Stores;
use super::frame::Frame;
use super::key_rotations::rotate;
use crate::builders::{Samples, in_epoch};

/// An account-level key of this account that was issued so many seconds after the beginning.
pub(super) fn level_key(samples: &Samples, of: &Registration, seconds: u64) -> ApiKey {
    let binding = KeyBinding::Account { login_verifier: None };
    ApiKey { created_at: samples.at(seconds), ..samples.key(of.account.id, binding) }
}

pub(super) async fn create(
    stores: &Stores,
    samples: &Samples,
    key: &ApiKey,
    most: u32,
) -> Result<(), CreateKeyRefused> {
    let event = samples.event(Action::KeyCreated, key.account, key.created_at);
    stores
        .keys
        .create(NewKey { key: key.clone(), most, asker: in_epoch(Epoch::FIRST), idempotency: None }, event)
        .await
}

pub(super) async fn revoke(
    stores: &Stores,
    samples: &Samples,
    owner: Owner,
    key: &ApiKey,
    seconds: u64,
) -> Result<bool, StoreError> {
    let event = samples.event(Action::KeyRevoked, owner.account, samples.at(seconds));
    stores.keys.revoke_of(owner, key.id, samples.at(seconds), event).await
}

/// Who owns the live things of this account.
pub(super) fn owner(registration: &Registration) -> Owner {
    Owner { account: registration.account.id, environment: Environment::Live }
}

/// The key as it is stored now; `None` if it is not.
pub(super) async fn stored(stores: &Stores, key: &ApiKey) -> Option<ApiKey> {
    stores.credential(key.handle).await.unwrap().map(|found| found.key)
}

pub(super) async fn ended(stores: &Stores) -> Vec<Subject> {
    let log = stores.revocations.after(RevocationNumber::NONE, 1_000).await.unwrap();
    log.iter().map(|revocation| revocation.subject).collect()
}

/// A key is written with its event, and ends nothing.
pub async fn a_key_is_created_with_its_event(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    stores.register(&samples, &registration).await;
    let key = level_key(&samples, &registration, 5);

    assert_eq!(create(stores, &samples, &key, 2).await, Ok(()));

    assert_eq!(stored(stores, &key).await, Some(key.clone()));
    let summary = stores.keys.find_of(owner(&registration), key.id).await;
    assert_eq!(summary, Ok(Some(KeySummary::from(&key))));
    let trail = stores.trail(registration.account.id).await;
    assert_eq!((trail.len(), trail[0].action), (2, Action::KeyCreated));
    assert_eq!(ended(stores).await, []);
}

/// Everything that an owner says of a key comes back, to the letter and to the microsecond.
pub async fn a_key_comes_back_with_all_that_its_owner_says(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    stores.register(&samples, &registration).await;
    let all = Scopes::of(Scope::ALL.iter().copied());
    let scopes = [Scopes::ALL, Scopes::of([]), Scopes::of([Scope::AtfMcp, Scope::AccountRead]), all];
    for (number, &scopes) in scopes.iter().enumerate() {
        for &purpose in KeyPurpose::ALL {
            for label in ["", "O'Brien \"; DROP TABLE api_keys; --", "🤖 密码 שלום"] {
                let mut key = level_key(&samples, &registration, 1);
                key.label = KeyLabel::parse(label).unwrap();
                key.scopes = scopes;
                key.purpose = purpose;
                let end = samples.at(60).saturating_add(std::time::Duration::from_micros(1));
                key.expires_at = (number % 2 == 0).then_some(end);
                assert_eq!(create(stores, &samples, &key, 1_000).await, Ok(()));
                assert_eq!(stored(stores, &key).await, Some(key.clone()));
                let summary = stores.keys.find(key.id).await;
                assert_eq!(summary, Ok(Some(KeySummary::from(&key))));
            }
        }
    }
}

/// A handle that is in use leaves nothing behind.
pub async fn a_taken_handle_of_a_created_key_leaves_nothing_behind(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    stores.register(&samples, &registration).await;
    let before = Frame::of(stores).await;
    let key = ApiKey { handle: registration.key.handle, ..level_key(&samples, &registration, 1) };

    assert_eq!(create(stores, &samples, &key, 2).await, Err(CreateKeyRefused::HandleTaken));

    assert_eq!(Frame::of(stores).await, before);
    let next = level_key(&samples, &registration, 2);
    assert_eq!(create(stores, &samples, &next, 2).await, Ok(()), "the refused one takes no room");
}

/// An account that is gone gets no key.
pub async fn a_key_without_an_account_is_not_written(stores: &Stores) {
    let samples = Samples::new();
    let key = level_key(&samples, &samples.registration(), 1);
    assert_eq!(create(stores, &samples, &key, 2).await, Err(CreateKeyRefused::OwnerGone));
    assert_eq!(stored(stores, &key).await, None);
    assert_eq!(stores.trail(None).await, []);
}

/// Creating, rotating and revoking a key leaves everything of other accounts as it was.
pub async fn threat_k11_what_an_account_does_with_its_keys_touches_no_other(stores: &Stores) {
    let samples = Samples::new();
    let (own, other) = (samples.registration_with_agent(), samples.registration_with_agent());
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;
    let before = Frame::of(stores).await.beside(own.account.id);

    let (key, next) = (level_key(&samples, &own, 1), level_key(&samples, &own, 2));
    assert_eq!(create(stores, &samples, &key, 10).await, Ok(()));
    assert_eq!(rotate(stores, &samples, &key, &next, Some(60)).await, Ok(()));
    for key in [&key, &next] {
        assert_eq!(revoke(stores, &samples, owner(&own), key, 3).await, Ok(true));
    }

    assert_eq!(Frame::of(stores).await.beside(own.account.id), before);
    assert_eq!(stored(stores, &own.key).await, Some(own.key.clone()), "nor its own other keys");
}

/// A key of another account, or of the other world, is neither found, listed, revoked nor rotated.
pub async fn threat_k8_a_key_of_another_owner_is_unknown(stores: &Stores) {
    let samples = Samples::new();
    let (own, stranger) = (samples.registration_with_agent(), samples.registration());
    stores.register(&samples, &own).await;
    stores.register(&samples, &stranger).await;
    let before = Frame::of(stores).await;
    let sandboxed = Owner { environment: Environment::Sandbox, ..owner(&own) };
    for who in [owner(&stranger), sandboxed] {
        for key in [&own.key, &own.agent.as_ref().unwrap().1] {
            assert_eq!(stores.keys.find_of(who, key.id).await, Ok(None));
            assert_eq!(revoke(stores, &samples, who, key, 1).await, Ok(false));
            let Owner { account, environment } = who;
            let next = ApiKey { account, environment, ..level_key(&samples, &own, 1) };
            let refused = rotate(stores, &samples, key, &next, None).await;
            assert_eq!(refused, Err(RotateKeyRefused::NotActive));
        }
    }
    assert_eq!(stores.keys.page_of(sandboxed, KeysThat::Exist, None, 10).await, Ok(Vec::new()));
    let listed = stores.keys.page_of(owner(&stranger), KeysThat::Exist, None, 10).await.unwrap();
    assert_eq!(listed, [KeySummary::from(&stranger.key)]);
    assert_eq!(Frame::of(stores).await, before);
}

/// An owner's keys, its agents' too, newest first; pages of any size are all of them, all that are good, or all that
/// have ended.
pub async fn pages_of_an_owner_s_keys_are_all_of_them(stores: &Stores) {
    let samples = Samples::new();
    let (own, other) = (samples.registration_with_agent(), samples.registration_with_agent());
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;
    let mut keys = vec![own.key.clone(), own.agent.clone().unwrap().1];
    for (seconds, end) in [(5, None), (5, Some(20)), (9, Some(21)), (9, None)] {
        let expires_at = end.map(|end| samples.at(end));
        let key = ApiKey { expires_at, ..level_key(&samples, &own, seconds) };
        assert_eq!(create(stores, &samples, &key, 10).await, Ok(()));
        keys.push(key);
    }
    let next = level_key(&samples, &own, 10);
    assert_eq!(rotate(stores, &samples, &keys[5], &next, Some(30)).await, Ok(()));
    keys[5].state = KeyState::Superseded { at: samples.at(10) };
    keys[5].expires_at = Some(samples.at(30));
    keys.push(next);
    assert_eq!(revoke(stores, &samples, owner(&own), &keys[2], 10).await, Ok(true));
    keys[2].state = KeyState::Revoked { at: samples.at(10), reason: RevocationReason::Requested };
    keys.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
    let now = samples.at(20);
    for (which, number) in [(KeysThat::Exist, 7), (KeysThat::AreGood(now), 5), (KeysThat::HaveEnded(now), 2)]
    {
        let expected = keys.iter().filter(|key| which.include(key.state, key.expires_at));
        let expected: Vec<_> = expected.map(KeySummary::from).collect();
        assert_eq!(expected.len(), number, "{which:?}");
        for size in 1..=8 {
            let (mut read, mut after) = (Vec::new(), None);
            loop {
                let page = stores.keys.page_of(owner(&own), which, after, size).await.unwrap();
                let Some(last) = page.last() else { break };
                assert!(page.len() <= usize::from(size));
                after = Some(KeyCursor { created_at: last.created_at, id: last.id });
                read.extend(page);
                assert!(read.len() <= expected.len(), "in pages of {size}, the list has no end");
            }
            assert_eq!(read, expected, "{which:?} in pages of {size}");
        }
    }
}

/// An owner's key, or one of its agents', is revoked once, with one event and one entry among what has ended.
pub async fn a_key_is_revoked_by_its_owner_once(stores: &Stores) {
    let samples = Samples::new();
    let own = samples.registration_with_agent();
    stores.register(&samples, &own).await;
    let keys = [&own.key, &own.agent.as_ref().unwrap().1];
    for key in keys {
        assert_eq!(revoke(stores, &samples, owner(&own), key, 1).await, Ok(true));
        assert_eq!(revoke(stores, &samples, owner(&own), key, 2).await, Ok(false));
        let state = KeyState::Revoked { at: samples.at(1), reason: RevocationReason::Requested };
        assert_eq!(stored(stores, key).await, Some(ApiKey { state, ..key.clone() }));
    }
    assert_eq!(ended(stores).await, keys.map(|key| Subject::Key(key.id)));
    assert_eq!(stores.trail(own.account.id).await.len(), 3);
    let never = level_key(&samples, &own, 1);
    assert_eq!(revoke(stores, &samples, owner(&own), &never, 3).await, Ok(false));
    assert_eq!(stores.trail(own.account.id).await.len(), 3);
}
