//! Exchanging a key and its second secret for a token.

use std::time::Duration;

use keyward_domain::accounts::{AccountInactive, AccountStatus, Epoch, RegisteredAccount};
use keyward_domain::environment::Environment;
use keyward_domain::keys::{Generation, KeyBinding, KeyState, RevocationReason};
use keyward_domain::time::{Clock, Instant};
use keyward_domain::tokens::{
    AccountStamp, ExchangeKeyError, IssuedToken, KeyStamp, NoSigningKey, SigningAlgorithm, TokenProfile,
};
use keyward_testkit::clock::FakeClock;
use keyward_testkit::domain::{TestDomain, alpha_bot, beta_bot, one_hour};

use crate::key_text::{with_prefix, with_unknown_handle, with_wrong_secret};

fn key(registered: &RegisteredAccount) -> &str {
    registered.key.issued.text.expose()
}

fn secret(registered: &RegisteredAccount) -> &str {
    registered.key.login_secret.as_ref().unwrap().expose()
}

fn agent_key(registered: &RegisteredAccount) -> &str {
    registered.agent.as_ref().unwrap().1.text.expose()
}

async fn exchange(test: &TestDomain, key: &str, secret: &str) -> Result<IssuedToken, ExchangeKeyError> {
    test.domain.tokens.exchange_key(key, secret, &one_hour()).await
}

async fn refusal(test: &TestDomain, key: &str, secret: &str) -> ExchangeKeyError {
    exchange(test, key, secret).await.unwrap_err()
}

#[tokio::test]
async fn a_token_is_stamped_by_the_account_s_epoch_and_the_key_s_generation() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let key_id = alpha.key.issued.key.id;
    test.store.edit_account(alpha.account.id, |account| account.epoch = Epoch::new(3));
    test.store.edit_key(key_id, |key| key.generation = Generation::new(4));

    let issued = exchange(&test, key(&alpha), secret(&alpha)).await.unwrap();

    let token = issued.token;
    assert_eq!(token.account, AccountStamp { id: alpha.account.id, epoch: Epoch::new(3) });
    assert_eq!(token.key, Some(KeyStamp { id: key_id, generation: Generation::new(4) }));
    assert_eq!((token.agent, token.environment), (None, Environment::Live));
    assert_eq!(issued.lifetime, Duration::from_secs(3_600));
}

#[tokio::test]
async fn a_token_s_times_are_whole_seconds() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    test.clock.set(Instant::from_unix_micros(FakeClock::START + 999_999).unwrap());

    let token = exchange(&test, key(&alpha), secret(&alpha)).await.unwrap().token;

    assert_eq!(token.issued_at.to_string(), "2026-03-19T13:00:00Z");
    assert_eq!(token.expires_at.to_string(), "2026-03-19T14:00:00Z");
}

#[tokio::test]
async fn two_exchanges_give_two_tokens_and_both_are_good() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let first = exchange(&test, key(&alpha), secret(&alpha)).await.unwrap();
    let second = exchange(&test, key(&alpha), secret(&alpha)).await.unwrap();
    assert_ne!(first.token.id, second.token.id);
    for issued in [first, second] {
        assert!(test.domain.tokens.authenticate(issued.text.expose()).await.is_ok());
    }
}

#[tokio::test]
async fn an_exchange_reads_once_and_writes_nothing() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    test.store.take_calls();
    exchange(&test, key(&alpha), secret(&alpha)).await.unwrap();
    assert_eq!(test.store.take_calls(), ["CredentialSource::read"]);
    assert_eq!(test.trail(None).await.len(), 1);
}

#[tokio::test]
async fn an_unknown_key_is_refused_whatever_secret_is_beside_it() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let keys = [
        String::new(),
        "ak_live_garbage".to_owned(),
        with_unknown_handle(key(&alpha)),
        with_wrong_secret(key(&alpha)),
        with_prefix(key(&alpha), "ak_test_"),
        secret(&alpha).to_owned(),
    ];
    for shown in &keys {
        for beside in ["", secret(&alpha)] {
            assert_eq!(refusal(&test, shown, beside).await, ExchangeKeyError::UnknownKey, "{shown}");
        }
    }
}

#[tokio::test]
async fn threat_e6_an_unknown_key_costs_the_same_look_up_and_macs_as_a_known_one() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let wrong = with_wrong_secret(secret(&alpha));
    let cases = [
        (key(&alpha).to_owned(), secret(&alpha)),
        (key(&alpha).to_owned(), wrong.as_str()),
        (with_wrong_secret(key(&alpha)), secret(&alpha)),
        (with_unknown_handle(key(&alpha)), secret(&alpha)),
        (agent_key(&alpha).to_owned(), secret(&alpha)),
    ];
    test.store.take_calls();
    for (number, (shown, beside)) in cases.iter().enumerate() {
        let macs = test.key_mac.calls();
        assert_eq!(exchange(&test, shown, beside).await.is_ok(), number == 0);
        assert_eq!(test.key_mac.calls() - macs, 2, "case {number}");
        assert_eq!(test.store.take_calls(), ["CredentialSource::read"], "case {number}");
    }
}

#[tokio::test]
async fn a_wrong_second_secret_is_refused() {
    let test = TestDomain::new();
    let (alpha, beta) = (test.register(alpha_bot()).await, test.register(beta_bot()).await);
    let secrets = [
        String::new(),
        "my-secure-password".to_owned(),
        with_wrong_secret(secret(&alpha)),
        with_prefix(secret(&alpha), "ak_live_"),
        with_prefix(key(&alpha), "sk_live_"),
        key(&alpha).to_owned(),
        secret(&beta).to_owned(),
    ];
    for shown in &secrets {
        assert_eq!(refusal(&test, key(&alpha), shown).await, ExchangeKeyError::WrongSecret, "{shown}");
    }
}

#[tokio::test]
async fn an_agent_s_key_logs_in_nowhere_whatever_secret_is_beside_it() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    for beside in ["", secret(&alpha), &with_prefix(agent_key(&alpha), "sk_live_")] {
        assert_eq!(
            refusal(&test, agent_key(&alpha), beside).await,
            ExchangeKeyError::KeyCannotLogIn,
            "{beside}"
        );
    }
}

#[tokio::test]
async fn threat_e6_that_a_key_cannot_log_in_is_said_only_after_its_own_secret() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let shown = with_wrong_secret(agent_key(&alpha));
    assert_eq!(refusal(&test, &shown, secret(&alpha)).await, ExchangeKeyError::UnknownKey);
}

#[tokio::test]
async fn a_key_without_a_second_secret_cannot_log_in() {
    let test = TestDomain::new();
    let mut command = alpha_bot();
    command.key_style.login_prefix = None;
    let (alpha, beta) = (test.register(command).await, test.register(beta_bot()).await);
    for beside in ["", secret(&beta), key(&alpha)] {
        assert_eq!(refusal(&test, key(&alpha), beside).await, ExchangeKeyError::KeyCannotLogIn);
    }
}

#[tokio::test]
async fn threat_k4_a_second_secret_in_another_row_is_wrong() {
    let test = TestDomain::new();
    let (alpha, beta) = (test.register(alpha_bot()).await, test.register(beta_bot()).await);
    test.store.edit_key(alpha.key.issued.key.id, |row| row.binding = beta.key.issued.key.binding);
    assert!(matches!(beta.key.issued.key.binding, KeyBinding::Account { login_verifier: Some(_) }));
    assert_eq!(refusal(&test, key(&alpha), secret(&beta)).await, ExchangeKeyError::WrongSecret);
}

#[tokio::test]
async fn threat_k4_the_verifier_of_a_key_does_not_make_it_a_second_secret() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let row = &alpha.key.issued.key;
    test.store.edit_key(row.id, |kept| {
        kept.binding = KeyBinding::Account { login_verifier: Some(row.verifier) };
    });
    assert_eq!(refusal(&test, key(&alpha), key(&alpha)).await, ExchangeKeyError::WrongSecret);
}

#[tokio::test]
async fn a_revoked_key_counts_as_unknown_whatever_secret_is_beside_it() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let at = test.clock.now();
    test.store.edit_key(alpha.key.issued.key.id, |key| {
        key.state = KeyState::Revoked { at, reason: RevocationReason::Requested };
    });
    for beside in ["", secret(&alpha)] {
        assert_eq!(refusal(&test, key(&alpha), beside).await, ExchangeKeyError::UnknownKey);
    }
}

#[tokio::test]
async fn threat_e1_a_suspension_is_said_only_after_both_secrets() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let since = test.clock.now();
    let wrong = with_wrong_secret(secret(&alpha));
    for (status, inactive) in [
        (AccountStatus::Suspended { since }, AccountInactive::Suspended),
        (AccountStatus::Archived { since }, AccountInactive::Archived),
    ] {
        test.store.edit_account(alpha.account.id, |account| account.status = status);
        let unknown = with_wrong_secret(key(&alpha));
        assert_eq!(refusal(&test, &unknown, secret(&alpha)).await, ExchangeKeyError::UnknownKey);
        assert_eq!(refusal(&test, key(&alpha), &wrong).await, ExchangeKeyError::WrongSecret);
        assert_eq!(refusal(&test, agent_key(&alpha), "").await, ExchangeKeyError::KeyCannotLogIn);
        assert_eq!(refusal(&test, key(&alpha), secret(&alpha)).await, ExchangeKeyError::Account(inactive));
    }
    assert_eq!(test.tokens.signed(), 0);
}

#[tokio::test]
async fn an_algorithm_without_a_key_signs_nothing() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    test.tokens.lose(SigningAlgorithm::Rs256);
    let profile = TokenProfile { algorithm: SigningAlgorithm::Rs256, ..one_hour() };
    let refused = test.domain.tokens.exchange_key(key(&alpha), secret(&alpha), &profile).await.unwrap_err();
    assert_eq!(refused, ExchangeKeyError::Signing(NoSigningKey(SigningAlgorithm::Rs256)));
    assert!(exchange(&test, key(&alpha), secret(&alpha)).await.is_ok());
}
