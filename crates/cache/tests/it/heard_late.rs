//! What others have done a moment ago and nobody has told here yet: an answer that relies on it makes it known first.

use keyward_cache::Lease;
use keyward_domain::accounts::{AccountStatus, Epoch};
use keyward_domain::agents::AgentStatus;
use keyward_domain::audit::Actor;
use keyward_domain::keys::{AuthenticateKeyError, KeyState, RevocationReason};
use keyward_domain::time::Clock;
use keyward_domain::tokens::{AccessToken, AccountStamp, SigningAlgorithm, SubjectForm, TokenSigner};

use crate::fixture::Remembering;

#[tokio::test]
async fn threat_d9_who_suspends_what_is_suspended_already_finds_it_refused() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, key, _) = world.alpha().await;
    let (id, since) = (alpha.account.id, world.test.clock.now());
    world.domain.keys.authenticate(&key).await.unwrap();
    world.test.store.edit_account(id, |account| account.status = AccountStatus::Suspended { since });
    assert!(world.domain.keys.authenticate(&key).await.is_ok(), "nobody has told");
    world.domain.accounts.suspend(id, &Actor::System, &world.test.context()).await.unwrap();
    assert!(matches!(world.domain.keys.authenticate(&key).await, Err(AuthenticateKeyError::Account(_))));
}

#[tokio::test]
async fn threat_d9_who_revokes_a_revoked_key_finds_it_refused() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, key, _) = world.alpha().await;
    let (id, at) = (alpha.key.issued.key.id, world.test.clock.now());
    world.domain.keys.authenticate(&key).await.unwrap();
    let state = KeyState::Revoked { at, reason: RevocationReason::ByAdmin };
    world.test.store.edit_key(id, |key| key.state = state);
    world.domain.key_administration.revoke(id, &Actor::System, &world.test.context()).await.unwrap();
    assert_eq!(world.domain.keys.authenticate(&key).await, Err(AuthenticateKeyError::KeyRevoked));
}

#[tokio::test]
async fn threat_d9_who_archives_an_archived_agent_finds_its_key_refused() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, _, token) = world.alpha().await;
    let (agent, issued) = alpha.agent.as_ref().unwrap();
    world.domain.keys.authenticate(issued.text.expose()).await.unwrap();
    let since = world.test.clock.now();
    world.test.store.edit_agent(agent.id, |agent| agent.status = AgentStatus::Archived { since });
    let owner = world.domain.tokens.authenticate(&token).await.unwrap();
    world.domain.agents.archive(&owner, agent.id, &world.test.context()).await.unwrap();
    assert_eq!(
        world.domain.keys.authenticate(issued.text.expose()).await,
        Err(AuthenticateKeyError::AgentArchived)
    );
}

#[tokio::test]
async fn a_token_that_is_newer_than_what_is_remembered_is_good_at_once() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, key, token) = world.alpha().await;
    world.domain.keys.authenticate(&key).await.unwrap();
    world.domain.tokens.authenticate(&token).await.unwrap();
    // Another server has begun the next epoch, and issued a token in it.
    let (id, epoch) = (alpha.account.id, Epoch::new(2));
    world.test.store.edit_account(id, |account| account.epoch = epoch);
    let now = world.test.clock.now().truncated_to_seconds();
    let newer = AccessToken {
        id: keyward_testkit::builders::Samples::new().token_id(),
        account: AccountStamp { id, epoch },
        agent: None,
        key: None,
        subject: SubjectForm::Account,
        environment: keyward_domain::environment::Environment::Live,
        issued_at: now,
        expires_at: now.saturating_add(std::time::Duration::from_secs(60)),
    };
    let text = world.test.tokens.sign(&newer, SigningAlgorithm::EdDsa).unwrap();
    assert!(world.domain.tokens.authenticate(text.expose()).await.is_ok());
    assert!(world.domain.tokens.authenticate(&token).await.is_err(), "and the old one has ended");
}

#[tokio::test]
async fn a_warm_choice_of_an_agent_asks_the_store_nothing() {
    let world = Remembering::new(Lease::Alone);
    let (alpha, _, token) = world.alpha().await;
    let agent = alpha.agent.as_ref().unwrap().0.id;
    let owner = world.domain.tokens.authenticate(&token).await.unwrap();
    world.domain.agents.select(owner, &agent.to_string()).await.unwrap();
    world.test.store.take_calls();
    for _ in 0..10 {
        let limited = world.domain.agents.select(owner, &agent.to_string()).await.unwrap();
        assert_eq!(limited.agent, Some(agent));
    }
    assert_eq!(world.test.store.take_calls(), Vec::<&str>::new());
}
