//! Saying who makes a request by key, token or both.

use keyward_domain::accounts::RegisterAccount;
use keyward_domain::agents::{Agent, AgentStore};
use keyward_domain::authentication::{AuthenticationError, Presented};
use keyward_domain::environment::Environment;
use keyward_domain::ids::{AgentId, TokenId};
use keyward_domain::keys::AuthenticateKeyError;
use keyward_domain::principal::Owner;
use keyward_domain::tokens::{
    AccessToken, AgentStamp, AuthenticateTokenError, SigningAlgorithm, TokenRejected, TokenSigner,
};
use keyward_testkit::domain::{TestDomain, alpha_bot, beta_bot, one_hour};

/// What an account can show: its key, its agent's key, a token, a token that is limited to its agent.
struct Wallet {
    key: String,
    agent_key: String,
    token: String,
    agent_token: String,
    decoded: AccessToken,
}

async fn wallet(test: &TestDomain, command: RegisterAccount) -> Wallet {
    let registered = test.register(command).await;
    let (agent, agent_key) = registered.agent.as_ref().unwrap();
    let (key, secret) = (&registered.key.issued.text, registered.key.login_secret.as_ref().unwrap());
    let issued = test.domain.tokens.exchange_key(key.expose(), secret.expose(), &one_hour()).await.unwrap();
    let id = TokenId::generate(issued.token.issued_at, &*test.entropy);
    let limited =
        AccessToken { id, agent: Some(AgentStamp { id: agent.id, epoch: agent.epoch }), ..issued.token };
    Wallet {
        key: key.expose().clone(),
        agent_key: agent_key.text.expose().clone(),
        token: issued.text.expose().clone(),
        agent_token: test.tokens.sign(&limited, SigningAlgorithm::EdDsa).unwrap().expose().clone(),
        decoded: issued.token,
    }
}

fn both<'a>(key: &'a str, token: &'a str) -> Presented<'a> {
    Presented { key: Some(key), token: Some(token) }
}

#[tokio::test]
async fn nothing_shown_is_nobody() {
    let test = TestDomain::new();
    let nobody = test.domain.authentication.authenticate(Presented::default(), &test.context()).await;
    assert_eq!(nobody, Err(AuthenticationError::Missing));
}

#[tokio::test]
async fn one_credential_speaks_for_itself() {
    let test = TestDomain::new();
    let alpha = wallet(&test, alpha_bot()).await;
    let by_key = Presented { key: Some(&alpha.key), token: None };
    let by_token = Presented { key: None, token: Some(&alpha.token) };
    let authentication = &test.domain.authentication;
    let expected = test.domain.keys.authenticate(&alpha.key).await.unwrap();
    assert_eq!(authentication.authenticate(by_key, &test.context()).await, Ok(expected));
    let expected = test.domain.tokens.authenticate(&alpha.token).await.unwrap();
    assert_eq!(authentication.authenticate(by_token, &test.context()).await, Ok(expected));
}

#[tokio::test]
async fn of_two_credentials_the_more_specific_agent_wins() {
    let test = TestDomain::new();
    let alpha = wallet(&test, alpha_bot()).await;
    let account_key = test.domain.keys.authenticate(&alpha.key).await.unwrap();
    let agent_key = test.domain.keys.authenticate(&alpha.agent_key).await.unwrap();
    let agent_token = test.domain.tokens.authenticate(&alpha.agent_token).await.unwrap();
    for (presented, expected) in [
        (both(&alpha.key, &alpha.token), account_key),
        (both(&alpha.agent_key, &alpha.token), agent_key),
        (both(&alpha.key, &alpha.agent_token), agent_token),
        (both(&alpha.agent_key, &alpha.agent_token), agent_key),
    ] {
        assert_eq!(test.domain.authentication.authenticate(presented, &test.context()).await, Ok(expected));
    }
}

#[tokio::test]
async fn two_credentials_that_do_not_belong_together_are_refused() {
    let test = TestDomain::new();
    let (alpha, beta) = (wallet(&test, alpha_bot()).await, wallet(&test, beta_bot()).await);
    let sandbox = AccessToken { environment: Environment::Sandbox, ..alpha.decoded };
    let sandbox = AccessToken { id: TokenId::generate(sandbox.issued_at, &*test.entropy), ..sandbox };
    let sandbox = test.tokens.sign(&sandbox, SigningAlgorithm::EdDsa).unwrap();
    for presented in [
        both(&alpha.key, &beta.token),
        both(&alpha.agent_key, &beta.agent_token),
        both(&beta.key, &alpha.agent_token),
        both(&alpha.key, sandbox.expose()),
    ] {
        let refused = test.domain.authentication.authenticate(presented, &test.context()).await;
        assert_eq!(refused, Err(AuthenticationError::Contradiction));
    }
}

#[tokio::test]
async fn two_agents_of_one_account_do_not_belong_together() {
    let test = TestDomain::new();
    let alpha = wallet(&test, alpha_bot()).await;
    let own = test.domain.keys.authenticate(&alpha.agent_key).await.unwrap().agent.unwrap();
    let now = alpha.decoded.issued_at;
    let template = AgentStore::find(
        &*test.store,
        Owner { account: alpha.decoded.account.id, environment: alpha.decoded.environment },
        own,
    )
    .await;
    let sibling = Agent { id: AgentId::generate(now, &*test.entropy), ..template.unwrap().unwrap() };
    test.store.add_agent(sibling.clone());
    let stamp = AgentStamp { id: sibling.id, epoch: sibling.epoch };
    let id = TokenId::generate(now, &*test.entropy);
    let token = AccessToken { id, agent: Some(stamp), ..alpha.decoded };
    let token = test.tokens.sign(&token, SigningAlgorithm::EdDsa).unwrap();
    let refused = test
        .domain
        .authentication
        .authenticate(both(&alpha.agent_key, token.expose()), &test.context())
        .await;
    assert_eq!(refused, Err(AuthenticationError::Contradiction));
}

#[tokio::test]
async fn a_good_credential_never_covers_for_a_bad_one() {
    let test = TestDomain::new();
    let alpha = wallet(&test, alpha_bot()).await;
    let bad_key = AuthenticationError::Key(AuthenticateKeyError::UnknownKey);
    let bad_token = AuthenticationError::Token(AuthenticateTokenError::Rejected(TokenRejected::Invalid));
    for (presented, expected) in [
        (both("", &alpha.token), &bad_key),
        (both("no key", &alpha.token), &bad_key),
        (both(&alpha.key, ""), &bad_token),
        (both(&alpha.key, "no token"), &bad_token),
    ] {
        let refused = test.domain.authentication.authenticate(presented, &test.context()).await.unwrap_err();
        assert_eq!(refused, *expected);
    }
}
