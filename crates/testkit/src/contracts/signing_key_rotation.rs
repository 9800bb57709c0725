//! The contract of [`SigningKeyStore`](keyward_domain::tokens::SigningKeyStore): how keys go from state to state.

use keyward_domain::audit::Action;
use keyward_domain::revocations::{RevocationNumber, Subject};
use keyward_domain::time::Instant;
use keyward_domain::tokens::{
    HandOver, MoveSigningKeyError, PublishSigningKeyError, SigningAlgorithm, SigningKey, SigningKeyState,
};

use super::Stores;
use super::race::{RACERS, patiently, race};
use crate::builders::Samples;

const ALGORITHM: SigningAlgorithm = SigningAlgorithm::EdDsa;

async fn activate(stores: &Stores, samples: &Samples, key: &SigningKey) {
    stores.signing_keys.activate_first(key.clone(), samples.activated(key)).await.unwrap();
}

async fn publish(stores: &Stores, samples: &Samples, key: &SigningKey) -> Result<(), PublishSigningKeyError> {
    let event = samples.signing_key_event(Action::SigningKeyPublished, key, key.created_at);
    stores.signing_keys.publish(key.clone(), event).await
}

async fn delete(stores: &Stores, samples: &Samples, key: &SigningKey) -> Result<(), MoveSigningKeyError> {
    let event = samples.signing_key_event(Action::SigningKeyDeleted, key, samples.at(99));
    stores.signing_keys.delete(key.kid.clone(), event).await
}

async fn all(stores: &Stores) -> Vec<SigningKey> {
    stores.signing_keys.all().await.unwrap()
}

/// An active key and its successor.
async fn two_keys(stores: &Stores, samples: &Samples) -> [SigningKey; 2] {
    let old = samples.signing_key(ALGORITHM, samples.at(0));
    let next = samples.next_signing_key(ALGORITHM, samples.at(1));
    activate(stores, samples, &old).await;
    publish(stores, samples, &next).await.unwrap();
    [old, next]
}

/// The two after the one has taken over from the other.
fn handed_over([old, next]: [SigningKey; 2], at: Instant) -> [SigningKey; 2] {
    [
        SigningKey { state: SigningKeyState::Retired { since: at }, ..old },
        SigningKey { state: SigningKeyState::Active { since: at }, ..next },
    ]
}

/// A key comes back with its state and the moment of it.
pub async fn a_signing_key_comes_back_in_each_state(stores: &Stores) {
    let samples = Samples::new();
    let [old, next] = two_keys(stores, &samples).await;
    assert_eq!(all(stores).await, [old.clone(), next.clone()]);

    let (hand_over, events) = samples.hand_over(&old, &next, samples.at(2));
    stores.signing_keys.hand_over(hand_over, events).await.unwrap();

    assert_eq!(all(stores).await, handed_over([old, next], samples.at(2)));
}

/// Each algorithm has one published key: a second one is refused, and nothing is written.
pub async fn an_algorithm_has_one_published_key(stores: &Stores) {
    let samples = Samples::new();
    let mut kept = Vec::new();
    for (second, &algorithm) in (0..).zip(SigningAlgorithm::ALL) {
        let (first, late) = (
            samples.next_signing_key(algorithm, samples.at(second)),
            samples.next_signing_key(algorithm, samples.at(9)),
        );
        assert_eq!(publish(stores, &samples, &first).await, Ok(()));
        let refused = publish(stores, &samples, &late).await;
        assert_eq!(refused, Err(PublishSigningKeyError::AlreadyPublished));
        kept.push(first);
    }
    assert_eq!(stores.trail(None).await.len(), kept.len());
    assert_eq!(all(stores).await, kept);
}

/// The one retires, the other becomes active, and both events are in the trail. Then there is room for the next one.
pub async fn one_key_takes_over_from_the_other(stores: &Stores) {
    let samples = Samples::new();
    let [old, next] = two_keys(stores, &samples).await;
    let (hand_over, events) = samples.hand_over(&old, &next, samples.at(2));

    stores.signing_keys.hand_over(hand_over.clone(), events.clone()).await.unwrap();
    let again = stores.signing_keys.hand_over(hand_over, events.clone()).await;

    assert_eq!(again, Err(MoveSigningKeyError::AlreadyDone));
    let trail = stores.trail(None).await;
    assert_eq!(trail.len(), 4);
    assert!(trail.contains(&events.retired) && trail.contains(&events.activated));
    let third = samples.next_signing_key(ALGORITHM, samples.at(3));
    assert_eq!(publish(stores, &samples, &third).await, Ok(()));
    let [old, next] = handed_over([old, next], samples.at(2));
    assert_eq!(all(stores).await, [old, next, third]);
}

/// Unless the one is active, the other published, and both of the algorithm that is named, nothing changes.
pub async fn keys_that_do_not_stand_so_hand_nothing_over(stores: &Stores) {
    let samples = Samples::new();
    let [old, next] = two_keys(stores, &samples).await;
    let other = samples.signing_key(SigningAlgorithm::Rs256, samples.at(2));
    let other_next = samples.next_signing_key(SigningAlgorithm::Rs256, samples.at(3));
    activate(stores, &samples, &other).await;
    publish(stores, &samples, &other_next).await.unwrap();
    let unknown = samples.signing_key(ALGORITHM, samples.at(4));

    for (from, to) in [
        (&next, &old),
        (&old, &old),
        (&next, &next),
        (&old, &other_next),
        (&other, &next),
        (&old, &unknown),
        (&unknown, &next),
    ] {
        for algorithm in [ALGORITHM, SigningAlgorithm::Rs256, SigningAlgorithm::Es256] {
            let (hand_over, events) = samples.hand_over(from, to, samples.at(5));
            let refused = stores.signing_keys.hand_over(HandOver { algorithm, ..hand_over }, events).await;
            assert_eq!(refused, Err(MoveSigningKeyError::AlreadyDone), "{algorithm}");
        }
    }
    let (hand_over, events) = samples.hand_over(&old, &next, samples.at(5));
    let hand_over = HandOver { algorithm: SigningAlgorithm::Rs256, ..hand_over };
    let refused = stores.signing_keys.hand_over(hand_over, events).await;
    assert_eq!(refused, Err(MoveSigningKeyError::AlreadyDone));

    assert_eq!(all(stores).await, [old, next, other, other_next]);
    assert_eq!(stores.trail(None).await.len(), 4);
}

/// A key that does not sign can be deleted, once. One that signs cannot.
pub async fn a_retired_or_published_key_is_deleted_and_an_active_one_never(stores: &Stores) {
    let samples = Samples::new();
    let [old, next] = two_keys(stores, &samples).await;
    let gone = Err(MoveSigningKeyError::AlreadyDone);
    assert_eq!(delete(stores, &samples, &old).await, gone);
    assert_eq!(delete(stores, &samples, &samples.signing_key(ALGORITHM, samples.at(7))).await, gone);
    let (hand_over, events) = samples.hand_over(&old, &next, samples.at(2));
    stores.signing_keys.hand_over(hand_over, events).await.unwrap();
    let third = samples.next_signing_key(ALGORITHM, samples.at(3));
    publish(stores, &samples, &third).await.unwrap();

    for key in [&old, &third] {
        assert_eq!(delete(stores, &samples, key).await, Ok(()));
        assert_eq!(delete(stores, &samples, key).await, gone);
    }
    assert_eq!(delete(stores, &samples, &next).await, gone);

    assert_eq!(all(stores).await, [handed_over([old, next], samples.at(2))[1].clone()]);
    let trail = stores.trail(None).await;
    let deleted = trail.iter().filter(|event| event.action == Action::SigningKeyDeleted);
    assert_eq!((trail.len(), deleted.count()), (7, 2));
}

/// Each change is in the log of revocations, so that every server hears of it; what changes nothing is not.
pub async fn every_server_hears_of_each_change_of_signing_keys(stores: &Stores) {
    let samples = Samples::new();
    let [old, next] = two_keys(stores, &samples).await;
    assert!(publish(stores, &samples, &samples.next_signing_key(ALGORITHM, samples.at(2))).await.is_err());
    for _ in 0..2 {
        let (hand_over, events) = samples.hand_over(&old, &next, samples.at(2));
        drop(stores.signing_keys.hand_over(hand_over, events).await);
        drop(delete(stores, &samples, &old).await);
    }
    let log = stores.revocations.after(RevocationNumber::NONE, 10).await.unwrap();
    let subjects: Vec<_> = log.iter().map(|revocation| revocation.subject).collect();
    assert_eq!(subjects, [Subject::SigningKeys; 4]);
}

/// The keys of another algorithm stay as they are.
pub async fn threat_k11_a_rotation_touches_its_own_keys(stores: &Stores) {
    let samples = Samples::new();
    let others = [
        samples.signing_key(SigningAlgorithm::Rs256, samples.at(10)),
        samples.next_signing_key(SigningAlgorithm::Rs256, samples.at(11)),
    ];
    activate(stores, &samples, &others[0]).await;
    publish(stores, &samples, &others[1]).await.unwrap();
    let [old, next] = two_keys(stores, &samples).await;

    let (hand_over, events) = samples.hand_over(&old, &next, samples.at(2));
    stores.signing_keys.hand_over(hand_over, events).await.unwrap();
    delete(stores, &samples, &old).await.unwrap();

    assert_eq!(all(stores).await[1..], others);
}

/// Whoever wins the race has published the next key; the others learn that they have not, and leave no event.
pub async fn of_32_publications_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let contenders: Vec<_> =
        (0..RACERS as u64).map(|number| samples.next_signing_key(ALGORITHM, samples.at(number))).collect();

    let results = race(|number| {
        let (store, key) = (stores.signing_keys.clone(), contenders[number].clone());
        let event = samples.signing_key_event(Action::SigningKeyPublished, &key, key.created_at);
        async move { patiently(|| store.publish(key.clone(), event.clone())).await }
    })
    .await;

    let winner = only_winner(&results, &Err(PublishSigningKeyError::AlreadyPublished));
    assert_eq!(all(stores).await, [contenders[winner].clone()]);
    assert_eq!(stores.trail(None).await.len(), 1);
}

/// Whoever wins the race has handed over, at its own moment; the others change nothing and leave no event.
pub async fn of_32_hand_overs_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let [old, next] = two_keys(stores, &samples).await;
    let at = |number: usize| samples.at(number as u64 + 10);

    let results = race(|number| {
        let store = stores.signing_keys.clone();
        let (hand_over, events) = samples.hand_over(&old, &next, at(number));
        async move { patiently(|| store.hand_over(hand_over.clone(), events.clone())).await }
    })
    .await;

    let winner = only_winner(&results, &Err(MoveSigningKeyError::AlreadyDone));
    assert_eq!(all(stores).await, handed_over([old, next], at(winner)));
    assert_eq!(stores.trail(None).await.len(), 4);
}

/// Whoever wins the race has deleted the key; the others leave no event.
pub async fn of_32_deletions_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let [old, next] = two_keys(stores, &samples).await;

    let results = race(|number| {
        let (store, kid) = (stores.signing_keys.clone(), next.kid.clone());
        let event =
            samples.signing_key_event(Action::SigningKeyDeleted, &next, samples.at(number as u64 + 10));
        async move { patiently(|| store.delete(kid.clone(), event.clone())).await }
    })
    .await;

    only_winner(&results, &Err(MoveSigningKeyError::AlreadyDone));
    assert_eq!(all(stores).await, [old]);
    assert_eq!(stores.trail(None).await.len(), 3);
}

/// The number of the one that succeeded, where all others got that.
fn only_winner<E: std::fmt::Debug + PartialEq>(results: &[Result<(), E>], lost: &Result<(), E>) -> usize {
    let winners: Vec<_> = (0..results.len()).filter(|&number| results[number].is_ok()).collect();
    assert_eq!(results.iter().filter(|result| *result == lost).count(), results.len() - 1, "{results:?}");
    winners[0]
}
