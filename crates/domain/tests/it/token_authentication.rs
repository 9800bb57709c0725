//! Saying who shows a token.

use std::time::Duration;

use keyward_domain::accounts::{AccountStatus, Epoch, Plan, RegisteredAccount};
use keyward_domain::agents::AgentStatus;
use keyward_domain::audit::Actor;
use keyward_domain::keys::{Generation, KeyState, RevocationReason};
use keyward_domain::principal::{Credential, Principal};
use keyward_domain::scope::Scopes;
use keyward_domain::time::Clock;
use keyward_domain::tokens::{
    AccessToken, AgentStamp, AuthenticateTokenError, SigningAlgorithm, TokenRejected, TokenSigner,
};
use keyward_testkit::domain::{TestDomain, alpha_bot, beta_bot, one_hour};

/// A token of an account, exchanged for its key.
async fn exchanged(test: &TestDomain, account: &RegisteredAccount) -> (AccessToken, String) {
    let (key, secret) = (&account.key.issued.text, account.key.login_secret.as_ref().unwrap());
    let issued = test.domain.tokens.exchange_key(key.expose(), secret.expose(), &one_hour()).await.unwrap();
    (issued.token, issued.text.expose().clone())
}

/// The same token limited to the account's agent, as no use case issues one yet.
async fn limited_to_agent(test: &TestDomain, account: &RegisteredAccount) -> (AccessToken, String) {
    let agent = &account.agent.as_ref().unwrap().0;
    let stamp = AgentStamp { id: agent.id, epoch: agent.epoch };
    let token = AccessToken { agent: Some(stamp), ..exchanged(test, account).await.0 };
    (token, test.tokens.sign(&token, SigningAlgorithm::EdDsa).unwrap().expose().clone())
}

async fn refusal(test: &TestDomain, text: &str) -> AuthenticateTokenError {
    test.domain.tokens.authenticate(text).await.unwrap_err()
}

#[tokio::test]
async fn a_good_token_says_whose_it_is() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    for (token, text) in [exchanged(&test, &alpha).await, limited_to_agent(&test, &alpha).await] {
        let expected = Principal {
            plan: Plan::Free,
            account: alpha.account.id,
            agent: token.agent.map(|agent| agent.id),
            credential: Credential::Token {
                id: token.id,
                key: token.key,
                issued_at: token.issued_at,
                expires_at: token.expires_at,
            },
            environment: token.environment,
            scopes: Scopes::ALL,
            epoch: Epoch::FIRST,
        };
        assert_eq!(test.domain.tokens.authenticate(&text).await, Ok(expected));
    }
}

#[tokio::test]
async fn authenticating_reads_once_and_writes_nothing() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let (_, text) = exchanged(&test, &alpha).await;
    test.store.take_calls();
    test.domain.tokens.authenticate(&text).await.unwrap();
    assert_eq!(test.store.take_calls(), ["CredentialSource::read"]);
}

#[tokio::test]
async fn a_token_whose_text_is_no_good_is_refused_before_any_look_up() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let (_, text) = exchanged(&test, &alpha).await;
    test.tokens.reject("without sub", TokenRejected::MissingClaim);
    test.clock.advance(Duration::from_secs(3_600));
    test.store.take_calls();
    for (shown, rejected) in [
        ("", TokenRejected::Invalid),
        ("not.a.token", TokenRejected::Invalid),
        (&text, TokenRejected::Expired),
        ("without sub", TokenRejected::MissingClaim),
    ] {
        assert_eq!(refusal(&test, shown).await, AuthenticateTokenError::Rejected(rejected), "{shown}");
    }
    assert_eq!(test.store.take_calls(), Vec::<&str>::new());
}

#[tokio::test]
async fn threat_j10_a_token_dies_with_its_account_s_epoch() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let (_, text) = exchanged(&test, &alpha).await;
    for epoch in [Epoch::new(2), Epoch::new(0)] {
        test.store.edit_account(alpha.account.id, |account| account.epoch = epoch);
        assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::Revoked);
    }
}

#[tokio::test]
async fn threat_j10_a_token_dies_with_its_key_and_with_its_key_s_generation() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let (_, text) = exchanged(&test, &alpha).await;
    let (id, at) = (alpha.key.issued.key.id, test.clock.now());
    for generation in [Generation::new(2), Generation::new(0)] {
        test.store.edit_key(id, |key| key.generation = generation);
        assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::Revoked);
    }
    test.store.edit_key(id, |key| key.generation = Generation::FIRST);
    assert!(test.domain.tokens.authenticate(&text).await.is_ok());
    test.store.edit_key(id, |key| key.state = KeyState::Revoked { at, reason: RevocationReason::Requested });
    assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::Revoked);
}

#[tokio::test]
async fn threat_j10_a_token_dies_with_its_agent_and_with_its_agent_s_epoch() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let (_, text) = limited_to_agent(&test, &alpha).await;
    let (_, of_account) = exchanged(&test, &alpha).await;
    let (id, since) = (alpha.agent.as_ref().unwrap().0.id, test.clock.now());
    test.store.edit_agent(id, |agent| agent.epoch = Epoch::new(2));
    assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::Revoked);
    test.store.edit_agent(id, |agent| {
        agent.epoch = Epoch::FIRST;
        agent.status = AgentStatus::Archived { since };
    });
    assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::Revoked);
    assert!(test.domain.tokens.authenticate(&of_account).await.is_ok());
}

#[tokio::test]
async fn threat_a2_a_token_stamped_by_another_account_s_key_or_agent_is_revoked() {
    let test = TestDomain::new();
    let (alpha, beta) = (test.register(alpha_bot()).await, test.register(beta_bot()).await);
    let (token, _) = exchanged(&test, &alpha).await;
    let (foreign, _) = limited_to_agent(&test, &beta).await;
    for mixed in [AccessToken { key: foreign.key, ..token }, AccessToken { agent: foreign.agent, ..token }] {
        let text = test.tokens.sign(&mixed, SigningAlgorithm::EdDsa).unwrap();
        assert_eq!(refusal(&test, text.expose()).await, AuthenticateTokenError::Revoked);
    }
}

#[tokio::test]
async fn a_token_of_an_account_that_is_gone_or_archived_is_nobody_s() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let (_, text) = exchanged(&test, &alpha).await;
    let since = test.clock.now();
    test.store.edit_account(alpha.account.id, |account| account.status = AccountStatus::Archived { since });
    assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::UnknownAccount);
    test.store.lose_account(alpha.account.id);
    assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::UnknownAccount);
}

#[tokio::test]
async fn after_a_resume_the_same_key_and_token_work_again() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let (_, text) = exchanged(&test, &alpha).await;
    let (id, actor) = (alpha.account.id, Actor::System);

    test.domain.accounts.suspend(id, &actor, &test.context()).await.unwrap();
    assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::AccountSuspended);
    assert!(test.domain.keys.authenticate(alpha.key.issued.text.expose()).await.is_err());

    test.domain.accounts.resume(id, &actor, &test.context()).await.unwrap();
    assert!(test.domain.tokens.authenticate(&text).await.is_ok());
    assert!(test.domain.keys.authenticate(alpha.key.issued.text.expose()).await.is_ok());
}

#[tokio::test]
async fn the_text_is_judged_first_then_revocation_then_the_account() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let (_, text) = exchanged(&test, &alpha).await;
    let since = test.clock.now();
    test.store.edit_account(alpha.account.id, |account| account.status = AccountStatus::Suspended { since });
    assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::AccountSuspended);
    test.store.edit_key(alpha.key.issued.key.id, |key| key.generation = Generation::new(2));
    assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::Revoked);
    test.store.edit_account(alpha.account.id, |account| account.status = AccountStatus::Archived { since });
    assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::Revoked);
    test.clock.advance(one_hour().lifetime);
    assert_eq!(refusal(&test, &text).await, AuthenticateTokenError::Rejected(TokenRejected::Expired));
}
