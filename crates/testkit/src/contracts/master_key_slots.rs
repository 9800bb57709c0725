//! The contract of [`DeploymentStore`](keyward_domain::deployment::DeploymentStore): how slots come and go.

use keyward_domain::audit::Action;
use keyward_domain::deployment::{ChangeSlotsError, Exchange, Fingerprint, OldSlot, Slot, Slots};

use super::Stores;
use super::race::{RACERS, patiently, race};
use crate::builders::Samples;

type Changed = Result<(), ChangeSlotsError>;

const LOST: Changed = Err(ChangeSlotsError::AlreadyChanged);

async fn slots(stores: &Stores) -> Slots {
    stores.deployment.deployment().await.unwrap().unwrap().slots
}

async fn found(stores: &Stores, samples: &Samples) -> Slot {
    let first = samples.slot(samples.at(0));
    stores.deployment.found(samples.fingerprint(), first.clone()).await.unwrap();
    first
}

async fn add(stores: &Stores, samples: &Samples, old: Fingerprint, next: &Slot) -> Changed {
    let event = samples.master_key_event(Action::MasterKeyRotated, next.master_key(), next.added_at);
    stores.deployment.add_slot(OldSlot::Written(old), next.clone(), event).await
}

async fn drop_superseded(stores: &Stores, samples: &Samples, exchange: Exchange) -> Changed {
    let event = samples.master_key_event(Action::MasterKeyRetired, exchange.from, samples.at(8));
    stores.deployment.drop_superseded(exchange, event).await
}

async fn drop_current(stores: &Stores, samples: &Samples, exchange: Exchange) -> Changed {
    let event = samples.master_key_event(Action::MasterKeyWithdrawn, exchange.to, samples.at(8));
    stores.deployment.drop_current(exchange, event).await
}

const fn exchange(from: &Slot, to: &Slot) -> Exchange {
    Exchange { from: from.master_key(), to: to.master_key() }
}

/// A founded deployment with a second slot.
async fn two(stores: &Stores, samples: &Samples) -> (Slot, Slot) {
    let (first, next) = (found(stores, samples).await, samples.slot(samples.at(1)));
    assert_eq!(add(stores, samples, first.master_key(), &next).await, Ok(()));
    (first, next)
}

/// The new key is current, the one before superseded, and the event is in the trail.
pub async fn a_second_slot_supersedes_the_first(stores: &Stores) {
    let samples = Samples::new();
    let (first, next) = (found(stores, &samples).await, samples.slot(samples.at(1)));
    let event = samples.master_key_event(Action::MasterKeyRotated, next.master_key(), samples.at(1));
    let old = OldSlot::Written(first.master_key());
    stores.deployment.add_slot(old, next.clone(), event.clone()).await.unwrap();
    assert_eq!(slots(stores).await, Slots::Two { superseded: first, current: next });
    assert_eq!(stores.trail(None).await, [event]);
}

/// There are two slots at most, and a second one comes beside the key that stands alone, or not at all.
pub async fn a_slot_that_is_not_expected_so_changes_nothing(stores: &Stores) {
    let samples = Samples::new();
    let (first, next) = (found(stores, &samples).await, samples.slot(samples.at(1)));
    let stranger = samples.slot(samples.at(1));
    assert_eq!(add(stores, &samples, stranger.master_key(), &next).await, LOST);
    let event = samples.master_key_event(Action::MasterKeyRotated, next.master_key(), samples.at(1));
    let unwritten = OldSlot::Unwritten(stranger.clone());
    assert_eq!(stores.deployment.add_slot(unwritten, next.clone(), event).await, LOST);
    let nothing_to_drop = exchange(&first, &next);
    assert_eq!(drop_superseded(stores, &samples, nothing_to_drop).await, LOST);
    assert_eq!(drop_current(stores, &samples, nothing_to_drop).await, LOST);
    assert_eq!(slots(stores).await, Slots::One(first.clone()));
    assert_eq!(stores.trail(None).await, []);

    assert_eq!(add(stores, &samples, first.master_key(), &next).await, Ok(()));
    for old in [&first, &next, &stranger] {
        assert_eq!(add(stores, &samples, old.master_key(), &samples.slot(samples.at(2))).await, LOST);
    }
    for wrong in [exchange(&next, &first), exchange(&first, &stranger), exchange(&stranger, &next)] {
        assert_eq!(drop_superseded(stores, &samples, wrong).await, LOST);
        assert_eq!(drop_current(stores, &samples, wrong).await, LOST);
    }
    assert_eq!(slots(stores).await, Slots::Two { superseded: first, current: next });
    assert_eq!(stores.trail(None).await.len(), 1);
}

/// The new key stands alone, and there is room for the next one.
pub async fn the_superseded_slot_is_dropped_once(stores: &Stores) {
    let samples = Samples::new();
    let (first, next) = two(stores, &samples).await;
    assert_eq!(drop_superseded(stores, &samples, exchange(&first, &next)).await, Ok(()));
    assert_eq!(drop_superseded(stores, &samples, exchange(&first, &next)).await, LOST);
    assert_eq!(slots(stores).await, Slots::One(next.clone()));
    let third = samples.slot(samples.at(2));
    assert_eq!(add(stores, &samples, next.master_key(), &third).await, Ok(()));
    assert_eq!(slots(stores).await, Slots::Two { superseded: next, current: third });
    assert_eq!(stores.trail(None).await.len(), 3);
}

/// The old key is as it was, and there is room for another new one.
pub async fn the_current_slot_is_dropped_once_and_the_other_is_current_again(stores: &Stores) {
    let samples = Samples::new();
    let (first, next) = two(stores, &samples).await;
    assert_eq!(drop_current(stores, &samples, exchange(&first, &next)).await, Ok(()));
    assert_eq!(drop_current(stores, &samples, exchange(&first, &next)).await, LOST);
    assert_eq!(slots(stores).await, Slots::One(first.clone()));
    assert_eq!(add(stores, &samples, first.master_key(), &next).await, Ok(()));
    assert_eq!(stores.trail(None).await.len(), 3);
}

/// Whoever wins the race has rotated; the others learn that they have not, and leave nothing behind.
pub async fn of_32_rotations_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let first = found(stores, &samples).await;
    let offers: Vec<_> = (0..RACERS).map(|_| samples.slot(samples.at(1))).collect();

    let results = race(|number| {
        let (deployment, next, old) = (stores.deployment.clone(), offers[number].clone(), first.master_key());
        let event = samples.master_key_event(Action::MasterKeyRotated, next.master_key(), next.added_at);
        let old = OldSlot::Written(old);
        async move { patiently(|| deployment.add_slot(old.clone(), next.clone(), event.clone())).await }
    })
    .await;

    let winner = only_winner(&results);
    let current = offers[winner].clone();
    assert_eq!(slots(stores).await, Slots::Two { superseded: first, current });
    assert_eq!(stores.trail(None).await.len(), 1);
}

/// Half of the racers drop the one slot, half the other: one goes, and one stays, whoever wins.
pub async fn of_32_racers_for_either_slot_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let (first, next) = two(stores, &samples).await;
    let (old, new) = (exchange(&first, &next), exchange(&first, &next));

    let results = race(|number| {
        let deployment = stores.deployment.clone();
        let finishes = number % 2 == 0;
        let action = if finishes { Action::MasterKeyRetired } else { Action::MasterKeyWithdrawn };
        let event = samples.master_key_event(action, old.from, samples.at(8));
        async move {
            patiently(|| {
                let (deployment, event) = (deployment.clone(), event.clone());
                async move {
                    match finishes {
                        true => deployment.drop_superseded(old, event).await,
                        false => deployment.drop_current(new, event).await,
                    }
                }
            })
            .await
        }
    })
    .await;

    let stays = if only_winner(&results).is_multiple_of(2) { next } else { first };
    assert_eq!(slots(stores).await, Slots::One(stays));
    assert_eq!(stores.trail(None).await.len(), 2);
}

/// The number of the one that succeeded, where all others were too late.
fn only_winner(results: &[Changed]) -> usize {
    let winners: Vec<_> = (0..results.len()).filter(|&number| results[number].is_ok()).collect();
    assert_eq!(results.iter().filter(|result| **result == LOST).count(), results.len() - 1, "{results:?}");
    winners[0]
}
