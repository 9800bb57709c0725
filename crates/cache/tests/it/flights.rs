//! Look-ups: one for each thing, gathered into one query at a time.

use std::sync::Arc;

use async_trait::async_trait;
use keyward_cache::Lease;
use keyward_domain::credentials::{CredentialSource, Credentials, Found, Wanted};
use keyward_domain::keys::KeyHandle;
use keyward_domain::store::StoreError;
use keyward_testkit::builders::Samples;
use keyward_testkit::domain::TestDomain;
use keyward_testkit::entropy::SeededEntropy;

use crate::fixture::{HeldBack, Holder, Remembering};

/// Keys of as many accounts, which nobody remembers.
async fn cold(number: usize) -> (Holder, Remembering, Vec<KeyHandle>) {
    let (test, samples) = (TestDomain::new(), Samples::new());
    let mut handles = Vec::new();
    for _ in 0..number {
        let registration = samples.registration_with_agent();
        handles.push(registration.agent.as_ref().unwrap().1.handle);
        let event = samples.registered(&registration);
        keyward_domain::accounts::AccountStore::register(&*test.store, registration, event).await.unwrap();
    }
    let mut held = None;
    let world = Remembering::over(test, Lease::Alone, |store| {
        let (source, holder) = HeldBack::new(store);
        held = Some(holder);
        source as Arc<_>
    });
    (held.unwrap(), world, handles)
}

fn find(world: &Remembering, handle: KeyHandle) -> tokio::task::JoinHandle<Result<bool, StoreError>> {
    let cache = world.cache.clone();
    tokio::spawn(async move { cache.find_key(handle).await.map(|found| found.is_some()) })
}

#[tokio::test]
async fn many_who_miss_the_same_key_are_served_by_one_look_up() {
    let (mut holder, world, handles) = cold(1).await;
    let first = find(&world, handles[0]);
    holder.asked.recv().await.unwrap();
    let others: Vec<_> = (0..100).map(|_| find(&world, handles[0])).collect();
    tokio::task::yield_now().await;
    holder.answer();
    assert_eq!(first.await.unwrap(), Ok(true));
    for other in others {
        assert_eq!(other.await.unwrap(), Ok(true));
    }
    assert_eq!(holder.reads(), 1);
}

#[tokio::test]
async fn those_who_miss_other_things_meanwhile_are_gathered_into_the_next_query() {
    let (mut holder, world, handles) = cold(41).await;
    let first = find(&world, handles[0]);
    assert_eq!(holder.asked.recv().await.unwrap().handles.len(), 1);
    let others: Vec<_> = handles[1..].iter().map(|&handle| find(&world, handle)).collect();
    tokio::task::yield_now().await;
    holder.let_go();
    assert_eq!(holder.asked.recv().await.unwrap().handles.len(), 40);
    assert_eq!(first.await.unwrap(), Ok(true));
    for other in others {
        assert_eq!(other.await.unwrap(), Ok(true));
    }
    assert_eq!(holder.reads(), 2);
}

#[tokio::test]
async fn who_goes_away_in_the_middle_strands_nobody() {
    let (mut holder, world, handles) = cold(1).await;
    let first = find(&world, handles[0]);
    holder.asked.recv().await.unwrap();
    let second = find(&world, handles[0]);
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    holder.answer();
    assert_eq!(second.await.unwrap(), Ok(true));
    assert!(world.cache.recall_key(handles[0]).is_some(), "and what was read is remembered");
}

#[tokio::test]
async fn threat_d5_an_outage_is_told_to_all_and_remembered_by_nobody() {
    let (holder, world, handles) = cold(2).await;
    holder.let_go();
    world.test.store.set_outage(Some(StoreError::Busy));
    let asked: Vec<_> = handles.iter().map(|&handle| find(&world, handle)).collect();
    for answer in asked {
        assert_eq!(answer.await.unwrap(), Err(StoreError::Busy));
    }
    world.test.store.set_outage(None);
    for handle in handles {
        assert_eq!(find(&world, handle).await.unwrap(), Ok(true));
    }
}

#[tokio::test]
async fn what_nobody_waits_for_any_longer_is_not_looked_up() {
    let (mut holder, world, handles) = cold(3).await;
    let first = find(&world, handles[0]);
    holder.asked.recv().await.unwrap();
    let (impatient, patient) = (find(&world, handles[1]), find(&world, handles[2]));
    tokio::task::yield_now().await;
    impatient.abort();
    assert!(impatient.await.unwrap_err().is_cancelled());
    holder.let_go();
    assert_eq!(holder.asked.recv().await.unwrap().handles, [handles[2]]);
    assert_eq!((first.await.unwrap(), patient.await.unwrap()), (Ok(true), Ok(true)));
}

#[tokio::test]
async fn more_than_can_be_looked_up_in_time_is_busy_and_takes_no_memory() {
    let (mut holder, world, handles) = cold(1).await;
    let first = find(&world, handles[0]);
    holder.asked.recv().await.unwrap();
    let entropy = SeededEntropy::new(1);
    let strangers: Vec<_> = (0..8_200).map(|_| find(&world, KeyHandle::generate(&entropy))).collect();
    tokio::task::yield_now().await;
    holder.let_go();
    let mut busy = 0;
    for stranger in strangers {
        match stranger.await.unwrap() {
            Ok(found) => assert!(!found),
            Err(error) => {
                assert_eq!(error, StoreError::Busy);
                busy += 1;
            }
        }
    }
    assert_eq!((first.await.unwrap(), busy), (Ok(true), 8));
}

#[tokio::test]
async fn one_row_that_nobody_can_read_harms_no_other() {
    let (test, samples) = (TestDomain::new(), Samples::new());
    let registrations = [samples.registration(), samples.registration(), samples.registration()];
    for registration in &registrations {
        let event = samples.registered(registration);
        keyward_domain::accounts::AccountStore::register(&*test.store, registration.clone(), event)
            .await
            .unwrap();
    }
    let handles = registrations.map(|registration| registration.key.handle);
    let mut held = None;
    let world = Remembering::over(test, Lease::Alone, |store| {
        let unreadable = Unreadable { source: store, handle: handles[1] };
        let (source, holder) = HeldBack::new(Arc::new(unreadable));
        held = Some(holder);
        source as Arc<_>
    });
    held.unwrap().let_go();
    let asked = handles.map(|handle| find(&world, handle));
    let mut answers = Vec::new();
    for answer in asked {
        answers.push(answer.await.unwrap());
    }
    assert_eq!(answers, [Ok(true), Err(StoreError::Corrupt("a row".to_owned())), Ok(true)]);
}

/// A source with one row that cannot be read.
struct Unreadable {
    source: Arc<dyn CredentialSource>,
    handle: KeyHandle,
}

#[async_trait]
impl CredentialSource for Unreadable {
    async fn read(&self, wanted: Wanted) -> Result<Found, StoreError> {
        if wanted.handles.contains(&self.handle) {
            return Err(StoreError::Corrupt("a row".to_owned()));
        }
        self.source.read(wanted).await
    }
}

#[tokio::test(start_paused = true)]
async fn threat_d5_who_waits_behind_a_stuck_query_is_answered_in_time() {
    let (mut holder, world, handles) = cold(2).await;
    let stuck = find(&world, handles[0]);
    holder.asked.recv().await.unwrap();
    let behind = find(&world, handles[1]);
    let late = Err(StoreError::Unavailable("no answer in time".to_owned()));
    assert_eq!((stuck.await.unwrap(), behind.await.unwrap()), (late.clone(), late));
    holder.let_go();
    assert_eq!(find(&world, handles[1]).await.unwrap(), Ok(true));
}
