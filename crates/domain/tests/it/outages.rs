//! An outage is an error and never a verdict.

use keyward_domain::accounts::{ChangeStatusError, EmailAddress, Password, RegisterAccountError};
use keyward_domain::agents::SelectAgentError;
use keyward_domain::audit::Actor;
use keyward_domain::authentication::{AuthenticationError, Presented};
use keyward_domain::keys::AuthenticateKeyError;
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{AuthenticateTokenError, ExchangeKeyError, PasswordLoginError};
use keyward_testkit::domain::{ALPHA_PASSWORD, TestDomain, alpha_bot, beta_bot, one_hour};

use crate::key_text::{with_unknown_handle, with_wrong_secret};

fn outages() -> [StoreError; 3] {
    [
        StoreError::Busy,
        StoreError::Unavailable("connection refused".to_owned()),
        StoreError::Corrupt("account.status".to_owned()),
    ]
}

#[tokio::test]
async fn threat_d5_an_outage_is_no_verdict_on_a_key() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let text = registered.key.issued.text.expose();
    for outage in outages() {
        test.store.set_outage(Some(outage.clone()));
        for shown in [text.clone(), with_wrong_secret(text), with_unknown_handle(text)] {
            let refused = test.domain.keys.authenticate(&shown).await;
            assert_eq!(refused, Err(AuthenticateKeyError::Store(outage.clone())));
        }
        // What is no key is none, database or not.
        assert_eq!(test.domain.keys.authenticate("garbage").await, Err(AuthenticateKeyError::UnknownKey));
    }
    test.store.set_outage(None);
    assert!(test.domain.keys.authenticate(text).await.is_ok());
}

#[tokio::test]
async fn threat_d5_an_outage_is_no_verdict_on_a_token() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (key, secret) = (&registered.key.issued.text, registered.key.login_secret.as_ref().unwrap());
    let token = test.domain.tokens.exchange_key(key.expose(), secret.expose(), &one_hour()).await.unwrap();
    for outage in outages() {
        test.store.set_outage(Some(outage.clone()));
        let refused = test.domain.tokens.authenticate(token.text.expose()).await;
        assert_eq!(refused, Err(AuthenticateTokenError::Store(outage.clone())));
        let presented = Presented { key: None, token: Some(token.text.expose()) };
        let refused = test.domain.authentication.authenticate(presented, &test.context()).await;
        assert_eq!(refused, Err(AuthenticationError::Token(AuthenticateTokenError::Store(outage))));
    }
    test.store.set_outage(None);
    assert!(test.domain.tokens.authenticate(token.text.expose()).await.is_ok());
}

#[tokio::test]
async fn threat_d5_an_outage_is_no_verdict_on_a_login() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (key, secret) = (&registered.key.issued.text, registered.key.login_secret.as_ref().unwrap());
    let (email, password) =
        (EmailAddress::parse("alpha@example.com").unwrap(), Password::parse(ALPHA_PASSWORD).unwrap());
    let wrong = Password::parse("another password").unwrap();
    let profile = &one_hour();
    for outage in outages() {
        test.store.set_outage(Some(outage.clone()));
        let tokens = &test.domain.tokens;
        for secret in [secret.expose().as_str(), ""] {
            let refused = tokens.exchange_key(key.expose(), secret, profile).await.unwrap_err();
            assert_eq!(refused, ExchangeKeyError::Store(outage.clone()));
        }
        for password in [&password, &wrong] {
            let context = test.context();
            let login = tokens.log_in_with_password(&email, password, profile, &context);
            assert_eq!(login.await.unwrap_err(), PasswordLoginError::Store(outage.clone()));
        }
    }
    test.store.set_outage(None);
    assert_eq!((test.trail(None).await.len(), test.tokens.signed()), (1, 0));
}

#[tokio::test]
async fn threat_d5_an_outage_registers_and_changes_nothing() {
    let test = TestDomain::new();
    let id = test.register(alpha_bot()).await.account.id;
    let accounts = &test.domain.accounts;
    for outage in outages() {
        test.store.set_outage(Some(outage.clone()));
        for command in [alpha_bot(), beta_bot()] {
            let refused = accounts.register(command, &test.context()).await.unwrap_err();
            assert_eq!(refused, RegisterAccountError::Store(outage.clone()));
        }
        let refused = Err(ChangeStatusError::Store(outage.clone()));
        assert_eq!(accounts.suspend(id, &Actor::System, &test.context()).await, refused);
        assert_eq!(accounts.resume(id, &Actor::System, &test.context()).await, refused);
        assert_eq!(accounts.archive(id, &Actor::System, &test.context()).await, refused);
    }
    test.store.set_outage(None);
    assert_eq!(test.trail(None).await.len(), 1);
}

#[tokio::test]
async fn threat_d5_an_outage_is_no_verdict_on_an_agent_or_a_profile() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let principal = test.domain.keys.authenticate(registered.key.issued.text.expose()).await.unwrap();
    let agent = registered.agent.unwrap().0.id.to_string();
    for outage in outages() {
        test.store.set_outage(Some(outage.clone()));
        let refused = test.domain.agents.select(principal, &agent).await;
        assert_eq!(refused, Err(SelectAgentError::Store(outage.clone())));
        assert_eq!(test.domain.accounts.profile(&principal).await.unwrap_err(), outage);
    }
}
