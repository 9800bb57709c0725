//! The last use of keys: kept in memory, written in batches.

use std::sync::mpsc;
use std::time::Duration;

use keyward_cache::Lease;
use keyward_domain::credentials::{CredentialSource, CredentialUpkeep, Credentials, Wanted};
use keyward_domain::keys::{KeyHandle, MockKeyStore};
use keyward_domain::store::StoreError;
use keyward_domain::time::{Clock, Instant};

use keyward_testkit::builders::Samples;

use crate::fixture::Remembering;

async fn last_use(world: &Remembering, handle: KeyHandle) -> Option<Instant> {
    let wanted = Wanted { handles: vec![handle], ..Wanted::default() };
    world.test.store.read(wanted).await.unwrap().keys[0].last_used_at
}

#[tokio::test]
async fn a_minute_of_uses_is_one_row_in_one_batch() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, key, _) = world.alpha().await;
    let handle = alpha.key.issued.key.handle;
    for _ in 0..100 {
        world.domain.keys.authenticate(&key).await.unwrap();
    }
    assert_eq!(last_use(&world, handle).await, None, "a check writes nothing");
    world.cache.write_down_use(&*world.test.store).await.unwrap();
    assert_eq!(last_use(&world, handle).await, Some(world.test.clock.now()));
    assert_eq!(world.test.store.calls("KeyStore::record_use"), 1);

    world.domain.keys.authenticate(&key).await.unwrap();
    world.cache.write_down_use(&*world.test.store).await.unwrap();
    assert_eq!(world.test.store.calls("KeyStore::record_use"), 1, "nothing new in the same minute");

    world.test.clock.advance(Duration::from_secs(60));
    world.domain.keys.authenticate(&key).await.unwrap();
    world.cache.write_down_use(&*world.test.store).await.unwrap();
    assert_eq!(last_use(&world, handle).await, Some(world.test.clock.now()));
}

#[tokio::test]
async fn an_exchange_is_a_use_and_a_refusal_is_none() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, key, _) = world.alpha().await;
    let used = alpha.key.issued.key.handle;
    let refused = alpha.agent.as_ref().unwrap().1.key.handle;
    let text = alpha.agent.as_ref().unwrap().1.text.expose();
    assert!(
        world.domain.tokens.exchange_key(text, &key, &keyward_testkit::domain::one_hour()).await.is_err()
    );
    world.cache.write_down_use(&*world.test.store).await.unwrap();
    assert_eq!(last_use(&world, used).await, Some(world.test.clock.now()));
    assert_eq!(last_use(&world, refused).await, None);
}

#[tokio::test]
async fn many_uses_are_written_some_at_a_time_and_in_one_order() {
    let world = Remembering::new(Lease::Alone);
    let samples = Samples::new();
    let keys: Vec<_> = (0..450).map(|_| samples.key_id()).collect();
    keys.iter().rev().for_each(|&key| world.cache.key_used(key));
    let (written, told) = mpsc::channel();
    let mut store = MockKeyStore::new();
    store.expect_record_use().returning(move |used| {
        written.send(used).unwrap();
        Ok(())
    });
    world.cache.write_down_use(&store).await.unwrap();
    let written: Vec<_> = told.try_iter().collect();
    assert_eq!(written.iter().map(Vec::len).collect::<Vec<_>>(), [200, 200, 50]);
    assert!(written.iter().flatten().map(|(key, _)| key).is_sorted());
}

#[tokio::test]
async fn what_could_not_be_written_is_written_the_next_time() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, _, _) = world.alpha().await;
    world.test.store.set_outage(Some(StoreError::Busy));
    assert_eq!(world.cache.write_down_use(&*world.test.store).await, Err(StoreError::Busy));
    world.test.store.set_outage(None);
    world.cache.write_down_use(&*world.test.store).await.unwrap();
    assert_eq!(last_use(&world, alpha.key.issued.key.handle).await, Some(world.test.clock.now()));
}
