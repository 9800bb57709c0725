//! The contract of [`KeyStore`](keyward_domain::keys::KeyStore) for looking at keys without their secrets.

use keyward_domain::accounts::Registration;
use keyward_domain::keys::{ApiKey, KeyCursor, KeyState, KeySummary, RevocationReason};

use super::Stores;
use crate::builders::Samples;

fn behind(key: &KeySummary) -> Option<KeyCursor> {
    Some(KeyCursor { created_at: key.created_at, id: key.id })
}

fn keys_of(registration: &Registration) -> [&ApiKey; 2] {
    [&registration.key, &registration.agent.as_ref().unwrap().1]
}

fn newest_first<'a>(keys: impl IntoIterator<Item = &'a ApiKey>) -> Vec<KeySummary> {
    let mut keys: Vec<_> = keys.into_iter().map(KeySummary::from).collect();
    keys.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
    keys
}

/// Two accounts with two keys each, one of them revoked; three keys are of one moment.
async fn two_accounts(stores: &Stores, samples: &Samples) -> [Registration; 2] {
    let (mut one, mut other) = (samples.registration_with_agent(), samples.registration_with_agent());
    one.key.created_at = samples.at(7);
    one.key.state = KeyState::Revoked { at: samples.at(8), reason: RevocationReason::ByAdmin };
    other.key.prefix = keyward_domain::keys::KeyPrefix::parse("tm_live_").unwrap();
    for registration in [&one, &other] {
        stores.register(samples, registration).await;
    }
    [one, other]
}

/// Without keys there is an empty page, and no key is found.
pub async fn a_list_of_no_keys_is_empty(stores: &Stores) {
    assert_eq!(stores.keys.page(None, None, 10).await, Ok(Vec::new()));
    assert_eq!(stores.keys.find(Samples::new().key_id()).await, Ok(None));
}
/// A key is found by its id, whatever its state.
pub async fn a_key_is_found_by_its_id(stores: &Stores) {
    let samples = Samples::new();
    for registration in two_accounts(stores, &samples).await {
        for key in keys_of(&registration) {
            assert_eq!(stores.keys.find(key.id).await, Ok(Some(KeySummary::from(key))));
        }
    }
}
/// All keys, newest first, those of one moment by their ids.
pub async fn keys_are_listed_newest_first(stores: &Stores) {
    let samples = Samples::new();
    let registrations = two_accounts(stores, &samples).await;
    let expected = newest_first(registrations.iter().flat_map(keys_of));
    assert_eq!(stores.keys.page(None, None, 10).await, Ok(expected));
}
/// An account's keys are its own and its agents', and no other's.
pub async fn threat_a2_an_account_s_keys_are_its_own(stores: &Stores) {
    let samples = Samples::new();
    for registration in two_accounts(stores, &samples).await {
        let expected = newest_first(keys_of(&registration));
        assert_eq!(stores.keys.page(Some(registration.account.id), None, 10).await, Ok(expected));
    }
    assert_eq!(stores.keys.page(Some(samples.account_id()), None, 10).await, Ok(Vec::new()));
}
/// Pages of any size, one behind the other, are the whole list: nothing twice, nothing left out.
pub async fn pages_one_behind_the_other_are_all_keys(stores: &Stores) {
    let samples = Samples::new();
    let registrations = two_accounts(stores, &samples).await;
    let first = registrations[0].account.id;
    let whole = newest_first(registrations.iter().flat_map(keys_of));
    for (account, expected) in [(None, whole), (Some(first), newest_first(keys_of(&registrations[0])))] {
        for size in 1..=5 {
            let (mut read, mut after) = (Vec::new(), None);
            loop {
                let page = stores.keys.page(account, after, size).await.unwrap();
                assert!(page.len() <= usize::from(size));
                let Some(last) = page.last() else { break };
                after = behind(last);
                read.extend(page);
                assert!(read.len() <= expected.len(), "in pages of {size}, the list has no end");
            }
            assert_eq!(read, expected, "in pages of {size}");
        }
    }
}
/// A key that is issued behind a page's back neither repeats nor hides one on the next page.
pub async fn a_new_key_does_not_move_the_next_page(stores: &Stores) {
    let samples = Samples::new();
    let registrations = two_accounts(stores, &samples).await;
    let expected = newest_first(registrations.iter().flat_map(keys_of));
    let first = stores.keys.page(None, None, 2).await.unwrap();
    let mut late = samples.registration();
    late.key.created_at = samples.at(30);
    stores.register(&samples, &late).await;

    let second = stores.keys.page(None, behind(&first[1]), 2).await.unwrap();

    assert_eq!([first, second].concat(), expected);
}
