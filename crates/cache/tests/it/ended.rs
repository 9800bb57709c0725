//! What has ended is refused by the next check, and what was under way meanwhile is remembered by nobody.

use std::sync::Arc;

use keyward_cache::Lease;
use keyward_domain::audit::Actor;
use keyward_domain::credentials::CredentialUpkeep;
use keyward_domain::keys::{AuthenticateKeyError, RevocationReason};
use keyward_domain::revocations::RevocationListener;
use keyward_domain::time::Clock;
use keyward_domain::tokens::AuthenticateTokenError;
use keyward_testkit::builders::Samples;
use keyward_testkit::domain::TestDomain;

use crate::fixture::{HeldBack, Remembering};

#[tokio::test]
async fn threat_j10_what_has_ended_is_refused_by_the_next_check() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, key, token) = world.alpha().await;
    let (id, actor) = (alpha.account.id, Actor::System);
    let keys = &world.domain.keys;
    keys.authenticate(&key).await.unwrap();

    world.domain.accounts.suspend(id, &actor, &world.test.context()).await.unwrap();
    assert!(matches!(keys.authenticate(&key).await, Err(AuthenticateKeyError::Account(_))));
    assert_eq!(world.domain.tokens.authenticate(&token).await, Err(AuthenticateTokenError::AccountSuspended));
    world.domain.accounts.resume(id, &actor, &world.test.context()).await.unwrap();
    assert!(keys.authenticate(&key).await.is_ok());
    assert!(world.domain.tokens.authenticate(&token).await.is_ok());

    let samples = Samples::new();
    let event = samples.event(keyward_domain::audit::Action::KeyRevoked, id, samples.at(0));
    let (store, now) = (&world.test.store, world.test.clock.now());
    let revoke = keyward_domain::keys::KeyStore::revoke(
        &**store,
        alpha.key.issued.key.id,
        now,
        RevocationReason::Requested,
        event,
    );
    assert_eq!(revoke.await, Ok(true));
    assert_eq!(keys.authenticate(&key).await, Err(AuthenticateKeyError::KeyRevoked));
    assert_eq!(world.domain.tokens.authenticate(&token).await, Err(AuthenticateTokenError::Revoked));
}

#[tokio::test]
async fn threat_j10_a_logout_ends_one_token_and_a_logout_everywhere_all_of_them() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, key, first) = world.alpha().await;
    let secret = alpha.key.login_secret.as_ref().unwrap().expose().clone();
    let profile = keyward_testkit::domain::one_hour();
    let second = world.domain.tokens.exchange_key(&key, &secret, &profile).await.unwrap();
    let second = second.text.expose();
    let tokens = &world.domain.tokens;
    let principal = tokens.authenticate(&first).await.unwrap();

    tokens.log_out(&principal, &world.test.context()).await.unwrap();
    assert_eq!(tokens.authenticate(&first).await, Err(AuthenticateTokenError::Revoked));
    let principal = tokens.authenticate(second).await.unwrap();

    tokens.log_out_everywhere(&principal, &world.test.context()).await.unwrap();
    assert_eq!(tokens.authenticate(second).await, Err(AuthenticateTokenError::Revoked));
    assert!(world.domain.keys.authenticate(&key).await.is_ok(), "keys outlive tokens");
}

#[tokio::test]
async fn threat_d9_an_answer_that_was_under_way_during_a_revocation_is_remembered_by_nobody() {
    let (mut holder, world, alpha, key) = cold().await;
    let (domain, shown) = (world.domain.clone(), key.clone());
    let under_way = tokio::spawn(async move { domain.keys.authenticate(&shown).await });
    holder.asked.recv().await.unwrap();
    world.domain.accounts.suspend(alpha, &Actor::System, &world.test.context()).await.unwrap();
    holder.let_go();
    assert!(under_way.await.unwrap().is_ok(), "it asked before");
    assert!(matches!(world.domain.keys.authenticate(&key).await, Err(AuthenticateKeyError::Account(_))));
}

#[tokio::test]
async fn threat_d9_whoever_asks_after_a_revocation_does_not_join_a_look_up_from_before() {
    let (mut holder, world, alpha, key) = cold().await;
    let ask = || {
        let (domain, shown) = (world.domain.clone(), key.clone());
        tokio::spawn(async move { domain.keys.authenticate(&shown).await })
    };
    let before = ask();
    holder.asked.recv().await.unwrap();
    world.domain.accounts.suspend(alpha, &Actor::System, &world.test.context()).await.unwrap();
    let after = ask();
    tokio::task::yield_now().await;
    holder.let_go();
    assert!(before.await.unwrap().is_ok());
    assert!(matches!(after.await.unwrap(), Err(AuthenticateKeyError::Account(_))));
}

#[tokio::test]
async fn a_gap_in_what_is_told_makes_everything_be_read_anew() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, key, token) = world.alpha().await;
    let principal = world.domain.tokens.authenticate(&token).await.unwrap();
    world.domain.tokens.log_out(&principal, &world.test.context()).await.unwrap();
    world.test.store.edit_account(alpha.account.id, |account| {
        account.status = account.status.archive(world.test.clock.now());
    });
    assert!(world.domain.keys.authenticate(&key).await.is_ok(), "nobody has told the cache");
    world.cache.ended_unknown(&[]);
    assert!(world.domain.keys.authenticate(&key).await.is_err());
    assert_eq!(world.domain.tokens.authenticate(&token).await, Err(AuthenticateTokenError::Revoked));
}

#[tokio::test]
async fn an_ended_token_is_forgotten_when_it_is_over_anyway() {
    let world = Remembering::new(Lease::Alone);
    let (_, _, token) = world.alpha().await;
    let principal = world.domain.tokens.authenticate(&token).await.unwrap();
    world.domain.tokens.log_out(&principal, &world.test.context()).await.unwrap();
    world.cache.forget_expired_tokens(world.test.clock.now());
    assert_eq!(world.domain.tokens.authenticate(&token).await, Err(AuthenticateTokenError::Revoked));
    let two_days_later = world.test.clock.now().saturating_add(std::time::Duration::from_secs(2 * 86_400));
    world.cache.forget_expired_tokens(two_days_later);
    assert!(world.domain.tokens.authenticate(&token).await.is_ok(), "the clock stands where it stood");
}

/// An account that nobody remembers, over a source that is held back.
async fn cold() -> (crate::fixture::Holder, Remembering, keyward_domain::ids::AccountId, String) {
    let test = TestDomain::new();
    let alpha = test.register(keyward_testkit::domain::alpha_bot()).await;
    let key = alpha.key.issued.text.expose().clone();
    let mut held = None;
    let world = Remembering::over(test, Lease::Alone, |store| {
        let (source, holder) = HeldBack::new(store);
        held = Some(holder);
        source as Arc<_>
    });
    (held.unwrap(), world, alpha.account.id, key)
}
