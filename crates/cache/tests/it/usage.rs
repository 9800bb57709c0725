//! The last use of keys: kept in memory, written in batches.

use std::time::Duration;

use keyward_cache::Lease;
use keyward_domain::credentials::{CredentialSource, CredentialUpkeep, Wanted};
use keyward_domain::keys::KeyHandle;
use keyward_domain::store::StoreError;
use keyward_domain::time::{Clock, Instant};

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
async fn what_could_not_be_written_is_written_the_next_time() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, _, _) = world.alpha().await;
    world.test.store.set_outage(Some(StoreError::Busy));
    assert_eq!(world.cache.write_down_use(&*world.test.store).await, Err(StoreError::Busy));
    world.test.store.set_outage(None);
    world.cache.write_down_use(&*world.test.store).await.unwrap();
    assert_eq!(last_use(&world, alpha.key.issued.key.handle).await, Some(world.test.clock.now()));
}
