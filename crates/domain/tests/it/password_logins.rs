//! Logging in with an address and a password.

use keyward_domain::accounts::{
    AccountInactive, AccountStatus, AccountStore, EmailAddress, Password, PasswordError, PasswordHash,
    RegisterAccount,
};
use keyward_domain::audit::{Action, Outcome};
use keyward_domain::environment::Environment;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::tokens::{
    AccountStamp, IssuedToken, NoSigningKey, PasswordLoginError, SigningAlgorithm, TokenProfile,
};
use keyward_testkit::domain::{ALPHA_PASSWORD, TestDomain, alpha_bot, beta_bot, one_hour};
use keyward_testkit::passwords::{FakePasswordHasher, HashingWork};

const ALPHA: &str = "alpha@example.com";

async fn log_in(test: &TestDomain, email: &str, password: &str) -> Result<IssuedToken, PasswordLoginError> {
    let (email, password) = (EmailAddress::parse(email).unwrap(), Password::parse(password).unwrap());
    let (profile, context) = (one_hour(), test.context());
    let login = test.domain.tokens.log_in_with_password(&email, &password, &profile, &context);
    Ok(login.await?.token)
}

async fn refusal(test: &TestDomain, email: &str, password: &str) -> PasswordLoginError {
    log_in(test, email, password).await.unwrap_err()
}

async fn stored(test: &TestDomain) -> Option<String> {
    let login = test.store.find_login(&EmailAddress::parse(ALPHA).unwrap()).await.unwrap().unwrap();
    login.password.map(|hash| hash.expose().to_owned())
}

fn current() -> Option<String> {
    Some(FakePasswordHasher::current(ALPHA_PASSWORD).expose().to_owned())
}

async fn logins(test: &TestDomain) -> usize {
    test.trail(None).await.iter().filter(|event| event.action == Action::AccountLoggedIn).count()
}

#[tokio::test]
async fn the_right_password_gives_a_token_for_the_whole_account() {
    let test = TestDomain::new();
    let account = test.register(alpha_bot()).await.account;

    let token = log_in(&test, "ALPHA@Example.com", ALPHA_PASSWORD).await.unwrap().token;

    assert_eq!(token.account, AccountStamp { id: account.id, epoch: account.epoch });
    assert_eq!((token.agent, token.key, token.environment), (None, None, Environment::Live));
    assert_eq!(token.expires_at, token.issued_at.saturating_add(one_hour().lifetime));
}

#[tokio::test]
async fn a_login_leaves_an_event_in_the_account_s_trail() {
    let test = TestDomain::new();
    let id = test.register(alpha_bot()).await.account.id;
    let (email, password) = (EmailAddress::parse(ALPHA).unwrap(), Password::parse(ALPHA_PASSWORD).unwrap());
    let context = test.context();
    test.store.take_calls();

    test.domain.tokens.log_in_with_password(&email, &password, &one_hour(), &context).await.unwrap();

    assert_eq!(test.store.take_calls(), ["AccountStore::find_login", "AccountStore::record_login"]);
    let event =
        test.trail(id).await.into_iter().find(|event| event.action == Action::AccountLoggedIn).unwrap();
    let account = format!("account:{id}");
    assert_eq!((event.actor.as_str(), event.target.as_str()), (account.as_str(), account.as_str()));
    assert_eq!((event.at, event.outcome), (test.clock.now(), Outcome::Succeeded));
    assert_eq!((event.account, event.request_id), (Some(id), Some(context.request_id)));
    assert!(test.domain.trail.is_intact(&event));
}

#[tokio::test]
async fn threat_e1_every_failed_login_costs_one_lookup_and_one_hash() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let no_password = EmailAddress::parse("none@example.com").unwrap();
    test.register(RegisterAccount { email: Some(no_password), password: None, ..alpha_bot() }).await;
    let imported = EmailAddress::parse("imported@example.com").unwrap();
    let imported = test.register(RegisterAccount { email: Some(imported), ..alpha_bot() }).await.account.id;
    test.store.set_password(imported, Some(FakePasswordHasher::outdated(ALPHA_PASSWORD)));
    let since = test.clock.now();
    for (email, status) in [
        ("suspended@example.com", AccountStatus::Suspended { since }),
        ("archived@example.com", AccountStatus::Archived { since }),
    ] {
        let email = Some(EmailAddress::parse(email).unwrap());
        let id = test.register(RegisterAccount { email, ..alpha_bot() }).await.account.id;
        test.store.edit_account(id, |account| account.status = status);
    }
    let failures = [
        ("nobody@example.com", ALPHA_PASSWORD),
        ("none@example.com", ALPHA_PASSWORD),
        ("archived@example.com", ALPHA_PASSWORD),
        (ALPHA, "another password"),
        ("suspended@example.com", "another password"),
        ("imported@example.com", "another password"),
    ];
    for (email, password) in failures {
        test.store.take_calls();
        test.passwords.take_work();
        assert_eq!(refusal(&test, email, password).await, PasswordLoginError::Mismatch, "{email}");
        assert_eq!(test.store.take_calls(), ["AccountStore::find_login"], "{email}");
        assert_eq!(
            test.passwords.take_work(),
            HashingWork { verifies: 1, ..HashingWork::default() },
            "{email}"
        );
    }
    assert_eq!((logins(&test).await, test.tokens.signed()), (0, 0));
}

#[tokio::test]
async fn threat_e1_a_suspension_is_said_only_after_the_right_password() {
    let test = TestDomain::new();
    let id = test.register(alpha_bot()).await.account.id;
    let since = test.clock.now();
    test.store.edit_account(id, |account| account.status = AccountStatus::Suspended { since });
    for password in
        [FakePasswordHasher::current(ALPHA_PASSWORD), FakePasswordHasher::outdated(ALPHA_PASSWORD)]
    {
        test.store.set_password(id, Some(password));
        assert_eq!(refusal(&test, ALPHA, "another password").await, PasswordLoginError::Mismatch);
        let refused = refusal(&test, ALPHA, ALPHA_PASSWORD).await;
        assert_eq!(refused, PasswordLoginError::Account(AccountInactive::Suspended));
    }
    assert_eq!((logins(&test).await, test.tokens.signed()), (0, 0));
    assert_eq!(test.passwords.work().rehashes, 0);
}

#[tokio::test]
async fn one_account_s_password_is_not_another_s() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let beta = test.register(beta_bot()).await.account.id;
    test.store.set_password(beta, Some(FakePasswordHasher::current("beta's own password")));
    assert_eq!(refusal(&test, ALPHA, "beta's own password").await, PasswordLoginError::Mismatch);
    let token = log_in(&test, "beta@example.com", "beta's own password").await.unwrap().token;
    assert_eq!(token.account.id, beta);
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_at_the_next_login() {
    let test = TestDomain::new();
    let id = test.register(alpha_bot()).await.account.id;
    test.store.set_password(id, Some(FakePasswordHasher::outdated(ALPHA_PASSWORD)));
    for expected in [1, 0] {
        test.passwords.take_work();
        log_in(&test, ALPHA, ALPHA_PASSWORD).await.unwrap();
        assert_eq!(test.passwords.take_work(), HashingWork { verifies: 1, rehashes: expected, hashes: 0 });
        assert_eq!(stored(&test).await, current());
    }
}

#[tokio::test]
async fn a_busy_hasher_does_not_keep_an_outdated_password_from_logging_in() {
    let test = TestDomain::new();
    let id = test.register(alpha_bot()).await.account.id;
    let outdated = FakePasswordHasher::outdated(ALPHA_PASSWORD);
    test.store.set_password(id, Some(outdated.clone()));

    test.passwords.be_busy_after(1);
    log_in(&test, ALPHA, ALPHA_PASSWORD).await.unwrap();
    assert_eq!(stored(&test).await.as_deref(), Some(outdated.expose()));
    assert_eq!(logins(&test).await, 1);

    test.passwords.recover();
    log_in(&test, ALPHA, ALPHA_PASSWORD).await.unwrap();
    assert_eq!(stored(&test).await, current());
}

#[tokio::test]
async fn threat_d1_a_busy_hasher_gives_no_verdict() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    test.passwords.be_busy_after(0);
    for (email, password) in
        [(ALPHA, ALPHA_PASSWORD), (ALPHA, "another password"), ("nobody@example.com", "password")]
    {
        assert_eq!(refusal(&test, email, password).await, PasswordLoginError::Password(PasswordError::Busy));
    }
    assert_eq!((logins(&test).await, test.tokens.signed()), (0, 0));
}

#[tokio::test]
async fn an_unreadable_stored_hash_gives_no_verdict() {
    let test = TestDomain::new();
    let id = test.register(alpha_bot()).await.account.id;
    test.store.set_password(id, Some(PasswordHash::new("$md5$…".to_owned())));
    let refused = refusal(&test, ALPHA, ALPHA_PASSWORD).await;
    assert!(matches!(refused, PasswordLoginError::Password(PasswordError::Unreadable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_login_that_cannot_be_written_down_gives_no_token() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    test.store.set_outage_of("AccountStore::record_login", StoreError::Busy);
    assert_eq!(refusal(&test, ALPHA, ALPHA_PASSWORD).await, PasswordLoginError::Store(StoreError::Busy));
    assert_eq!(logins(&test).await, 0);
}

#[tokio::test]
async fn a_login_that_cannot_be_signed_is_not_written_down() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    test.tokens.lose(SigningAlgorithm::Es256);
    let profile = TokenProfile { algorithm: SigningAlgorithm::Es256, ..one_hour() };
    let (email, password) = (EmailAddress::parse(ALPHA).unwrap(), Password::parse(ALPHA_PASSWORD).unwrap());
    let context = test.context();
    let login = test.domain.tokens.log_in_with_password(&email, &password, &profile, &context);
    assert_eq!(login.await.unwrap_err(), PasswordLoginError::Signing(NoSigningKey(SigningAlgorithm::Es256)));
    assert_eq!(logins(&test).await, 0);
}
