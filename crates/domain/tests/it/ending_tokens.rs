//! Ending tokens before their time: one, all of an account's, and those of an old password.

use std::time::Duration;

use keyward_domain::accounts::{
    AccountStatus, AccountStore, ChangePasswordError, EmailAddress, NewPassword, Password, RegisteredAccount,
};
use keyward_domain::audit::Action;
use keyward_domain::principal::Principal;
use keyward_domain::revocations::{RevocationLog, RevocationNumber, Subject};
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::tokens::{AuthenticateTokenError, LogOutError};
use keyward_testkit::domain::{ALPHA_PASSWORD, TestDomain, alpha_bot, beta_bot, one_hour};

async fn exchanged(test: &TestDomain, account: &RegisteredAccount) -> String {
    let (key, secret) = (&account.key.issued.text, account.key.login_secret.as_ref().unwrap());
    let issued = test.domain.tokens.exchange_key(key.expose(), secret.expose(), &one_hour()).await.unwrap();
    issued.text.expose().clone()
}

async fn principal(test: &TestDomain, token: &str) -> Principal {
    test.domain.tokens.authenticate(token).await.unwrap()
}

async fn is_revoked(test: &TestDomain, token: &str) -> bool {
    test.domain.tokens.authenticate(token).await == Err(AuthenticateTokenError::Revoked)
}

#[tokio::test]
async fn threat_j10_a_logout_ends_the_token_that_was_shown_and_no_other() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let (one, other) = (exchanged(&test, &alpha).await, exchanged(&test, &alpha).await);
    let shown = principal(&test, &one).await;
    for _ in 0..2 {
        assert_eq!(test.domain.tokens.log_out(&shown, &test.context()).await, Ok(()));
    }
    assert!(is_revoked(&test, &one).await);
    assert!(!is_revoked(&test, &other).await);
    let trail = test.trail(alpha.account.id).await;
    assert_eq!(trail.iter().filter(|event| event.action == Action::TokenRevoked).count(), 1);
}

#[tokio::test]
async fn an_ended_token_is_remembered_beyond_every_verifier_s_leeway() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let token = exchanged(&test, &alpha).await;
    let shown = principal(&test, &token).await;
    test.domain.tokens.log_out(&shown, &test.context()).await.unwrap();
    let log = test.store.after(RevocationNumber::NONE, 10).await.unwrap();
    let Some(Subject::Token(revoked)) = log.first().map(|revocation| revocation.subject) else {
        panic!("no token in {log:?}");
    };
    let ends = test.clock.now().truncated_to_seconds().saturating_add(one_hour().lifetime);
    assert!(revoked.expires_at >= ends.saturating_add(Duration::from_secs(5)));
}

#[tokio::test]
async fn a_key_is_not_logged_out() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let shown = test.domain.keys.authenticate(alpha.key.issued.text.expose()).await.unwrap();
    assert_eq!(test.domain.tokens.log_out(&shown, &test.context()).await, Err(LogOutError::NotAToken));
    assert_eq!(test.trail(alpha.account.id).await.len(), 1);
}

#[tokio::test]
async fn threat_j10_a_logout_everywhere_ends_all_tokens_of_one_account_and_no_key() {
    let test = TestDomain::new();
    let (alpha, beta) = (test.register(alpha_bot()).await, test.register(beta_bot()).await);
    let (one, other) = (exchanged(&test, &alpha).await, exchanged(&test, &alpha).await);
    let foreign = exchanged(&test, &beta).await;
    let shown = principal(&test, &one).await;
    assert_eq!(test.domain.tokens.log_out_everywhere(&shown, &test.context()).await, Ok(()));
    assert!(is_revoked(&test, &one).await && is_revoked(&test, &other).await);
    assert!(!is_revoked(&test, &foreign).await);
    assert!(test.domain.keys.authenticate(alpha.key.issued.text.expose()).await.is_ok());
    assert!(!is_revoked(&test, &exchanged(&test, &alpha).await).await, "a new token is good");
    assert_eq!(test.trail(alpha.account.id).await[0].action, Action::TokensRevoked);
}

#[tokio::test]
async fn who_is_limited_to_an_agent_does_not_log_out_the_account() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let token = exchanged(&test, &alpha).await;
    let agent = alpha.agent.as_ref().unwrap().0.id;
    let limited = Principal { agent: Some(agent), ..principal(&test, &token).await };
    let refused = test.domain.tokens.log_out_everywhere(&limited, &test.context()).await;
    assert_eq!(refused, Err(LogOutError::LimitedToAgent));
    assert!(!is_revoked(&test, &token).await);
}

#[tokio::test]
async fn an_outage_ends_nothing() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let token = exchanged(&test, &alpha).await;
    let shown = principal(&test, &token).await;
    test.store.set_outage(Some(StoreError::Busy));
    let refused = Err(LogOutError::Store(StoreError::Busy));
    assert_eq!(test.domain.tokens.log_out(&shown, &test.context()).await, refused);
    assert_eq!(test.domain.tokens.log_out_everywhere(&shown, &test.context()).await, refused);
    test.store.set_outage(None);
    assert!(!is_revoked(&test, &token).await);
}

async fn change(
    test: &TestDomain,
    account: &RegisteredAccount,
    present: &str,
) -> Result<(), ChangePasswordError> {
    let present = Password::parse(present).unwrap();
    let chosen = NewPassword::parse("another-secure-password", &[]).unwrap();
    test.domain
        .accounts
        .change_password(account.account.id, &present, &chosen, &test.context())
        .await
        .map(drop)
}

#[tokio::test]
async fn threat_a5_a_password_change_ends_all_tokens_and_no_key() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let token = exchanged(&test, &alpha).await;
    assert_eq!(change(&test, &alpha, ALPHA_PASSWORD).await, Ok(()));
    assert!(is_revoked(&test, &token).await);
    assert!(test.domain.keys.authenticate(alpha.key.issued.text.expose()).await.is_ok());
    let email = EmailAddress::parse("alpha@example.com").unwrap();
    for (password, is_right) in [(ALPHA_PASSWORD, false), ("another-secure-password", true)] {
        let password = Password::parse(password).unwrap();
        let context = test.context();
        let login = test.domain.tokens.log_in_with_password(&email, &password, &one_hour(), &context).await;
        assert_eq!(login.is_ok(), is_right);
    }
    let trail = test.trail(alpha.account.id).await;
    assert!(trail.iter().any(|event| event.action == Action::PasswordChanged));
}

#[tokio::test]
async fn threat_a5_a_password_is_not_changed_without_the_present_one() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let token = exchanged(&test, &alpha).await;
    assert_eq!(change(&test, &alpha, "a-wrong-password").await, Err(ChangePasswordError::Mismatch));
    test.store.set_password(alpha.account.id, None);
    assert_eq!(change(&test, &alpha, ALPHA_PASSWORD).await, Err(ChangePasswordError::Mismatch));
    assert!(!is_revoked(&test, &token).await);
    assert_eq!(test.trail(alpha.account.id).await.len(), 1);
}

#[tokio::test]
async fn a_password_of_an_account_that_may_not_act_is_not_changed() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let since = test.clock.now();
    for status in [AccountStatus::Suspended { since }, AccountStatus::Archived { since }] {
        test.store.edit_account(alpha.account.id, |account| account.status = status);
        assert_eq!(change(&test, &alpha, ALPHA_PASSWORD).await, Err(ChangePasswordError::Inactive));
    }
}

#[tokio::test]
async fn an_outage_changes_no_password() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    test.store.set_outage_of("AccountStore::begin_epoch", StoreError::Busy);
    assert_eq!(
        change(&test, &alpha, ALPHA_PASSWORD).await,
        Err(ChangePasswordError::Store(StoreError::Busy))
    );
    let login = test.store.find_with_password(alpha.account.id).await.unwrap().unwrap();
    assert_eq!(login.account, alpha.account);
}
