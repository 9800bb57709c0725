//! Keys that end by themselves, or because others take their places, as they are remembered.

use std::time::Duration;

use keyward_cache::Lease;
use keyward_domain::keys::{AuthenticateKeyError, Grace, KeyPrefix, KeyPrefixes, SuccessorPrefix};
use keyward_domain::tokens::AuthenticateTokenError;

use crate::fixture::Remembering;

fn prefixes() -> KeyPrefixes {
    let prefix = |text| KeyPrefix::parse(text).unwrap();
    KeyPrefixes { live: prefix("tc_live_"), sandbox: prefix("tc_test_") }
}

/// A world in which a key was rotated that it remembers: the old key's text, the new one's, and the old one's token.
async fn rotated(grace: u64) -> (Remembering, String, String, String) {
    let world = Remembering::new(Lease::Alone);
    let (alpha, key, token) = world.alpha().await;
    let principal = world.domain.keys.authenticate(&key).await.unwrap();
    world.domain.tokens.authenticate(&token).await.unwrap();
    let (id, grace) = (alpha.key.issued.key.id, Grace::from_seconds(grace).unwrap());
    let context = world.test.context();
    let rotated = world
        .domain
        .own_keys
        .rotate(&principal, id, grace, SuccessorPrefix::OfSurface(&prefixes()), &context)
        .await
        .unwrap();
    let new = rotated.issued.text.expose().clone();
    (world, key, new, token)
}

#[tokio::test]
async fn threat_k5_a_rotated_key_that_is_remembered_is_refused_by_the_next_check() {
    let (world, old, new, token) = rotated(0).await;
    assert_eq!(world.domain.keys.authenticate(&old).await, Err(AuthenticateKeyError::KeyRevoked));
    assert_eq!(world.domain.tokens.authenticate(&token).await, Err(AuthenticateTokenError::Revoked));
    assert!(world.domain.keys.authenticate(&new).await.is_ok());
}

#[tokio::test]
async fn threat_k5_a_remembered_key_in_its_grace_ends_with_it_and_nobody_is_asked() {
    let (world, old, _, token) = rotated(60).await;
    world.domain.keys.authenticate(&old).await.unwrap();
    world.domain.tokens.authenticate(&token).await.unwrap();
    world.test.store.take_calls();
    world.test.clock.advance(Duration::from_micros(59_999_999));
    assert!(world.domain.keys.authenticate(&old).await.is_ok());
    assert!(world.domain.tokens.authenticate(&token).await.is_ok());

    world.test.clock.advance(Duration::from_micros(1));

    assert_eq!(world.domain.keys.authenticate(&old).await, Err(AuthenticateKeyError::KeyExpired));
    assert_eq!(world.domain.tokens.authenticate(&token).await, Err(AuthenticateTokenError::Revoked));
    assert_eq!(world.domain.keys.recall(&old), Some(Err(AuthenticateKeyError::KeyExpired)));
    assert_eq!(world.test.store.take_calls(), Vec::<&str>::new());
}
