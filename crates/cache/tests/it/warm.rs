//! A warm check asks nobody and writes nothing.

use keyward_cache::Lease;

use crate::fixture::Remembering;

#[tokio::test]
async fn a_warm_check_of_a_key_or_token_asks_the_store_nothing() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, key, token) = world.alpha().await;
    let agent_key = alpha.agent.as_ref().unwrap().1.text.expose().clone();
    world.domain.keys.authenticate(&agent_key).await.unwrap();
    world.test.store.take_calls();
    for _ in 0..100 {
        world.domain.keys.authenticate(&key).await.unwrap();
        world.domain.keys.authenticate(&agent_key).await.unwrap();
        world.domain.tokens.authenticate(&token).await.unwrap();
    }
    assert_eq!(world.test.store.take_calls(), Vec::<&str>::new());
}

#[tokio::test]
async fn a_warm_check_never_waits() {
    let world = Remembering::new(Lease::Alone);
    let (_, key, token) = world.alpha().await;
    world.domain.keys.authenticate(&key).await.unwrap();
    // Polled once, outside of any runtime: whatever had to wait would not be ready.
    let waker = std::task::Waker::noop();
    let mut context = std::task::Context::from_waker(waker);
    let by_key = std::pin::pin!(world.domain.keys.authenticate(&key)).poll(&mut context).is_ready();
    let by_token = std::pin::pin!(world.domain.tokens.authenticate(&token)).poll(&mut context).is_ready();
    assert!(by_key && by_token);
}

#[tokio::test]
async fn a_cold_check_reads_once() {
    let world = Remembering::new(Lease::Alone);
    let (_, _, token) = world.alpha().await;
    let cold = Remembering::over(world.test, Lease::Alone, |store| store);
    cold.test.store.take_calls();
    cold.domain.tokens.authenticate(&token).await.unwrap();
    assert_eq!(cold.test.store.take_calls(), ["CredentialSource::read"], "key and account by one query");
    cold.domain.tokens.authenticate(&token).await.unwrap();
    assert_eq!(cold.test.store.take_calls(), Vec::<&str>::new());
}

#[tokio::test]
async fn an_unknown_key_is_looked_up_each_time_and_remembered_by_nobody() {
    let world = Remembering::new(Lease::Alone);
    let (_, key, _) = world.alpha().await;
    let other = Remembering::new(Lease::Alone);
    for _ in 0..3 {
        assert!(other.domain.keys.authenticate(&key).await.is_err());
    }
    assert_eq!(other.test.store.calls("CredentialSource::read"), 3);
}
