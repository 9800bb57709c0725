//! Saying who shows a key.

use keyward_domain::accounts::{AccountInactive, AccountStatus, Epoch, Plan};
use keyward_domain::agents::AgentStatus;
use keyward_domain::environment::Environment;
use keyward_domain::ids::{AgentId, KeyId};
use keyward_domain::keys::{
    ApiKey, AuthenticateKeyError, IssuedKey, KeyBinding, KeyIssuer, KeyState, RevocationReason,
};
use keyward_domain::principal::{Credential, Principal};
use keyward_domain::scope::Scopes;
use keyward_domain::time::Clock;
use keyward_testkit::domain::{TestDomain, alpha_bot, beta_bot};

use crate::key_text::{forge, parts, with_prefix, with_unknown_handle, with_wrong_secret};

async fn refusal(test: &TestDomain, text: &str) -> AuthenticateKeyError {
    test.domain.keys.authenticate(text).await.unwrap_err()
}

fn revoke(test: &TestDomain, issued: &IssuedKey) {
    let at = test.clock.now();
    test.store.edit_key(issued.key.id, |key| {
        key.state = KeyState::Revoked { at, reason: RevocationReason::ByAdmin };
    });
}

#[tokio::test]
async fn a_good_key_says_whose_it_is() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (agent, agent_key) = registered.agent.as_ref().unwrap();
    for (issued, agent) in [(&registered.key.issued, None), (agent_key, Some(agent.id))] {
        let expected = Principal {
            plan: Plan::Free,
            account: registered.account.id,
            agent,
            credential: Credential::Key {
                id: issued.key.id,
                generation: issued.key.generation,
                issued_at: issued.key.created_at,
            },
            environment: Environment::Live,
            scopes: Scopes::ALL,
            epoch: Epoch::FIRST,
        };
        assert_eq!(test.domain.keys.authenticate(issued.text.expose()).await, Ok(expected));
    }
}

#[tokio::test]
async fn the_row_and_not_the_prefix_decides_what_a_key_opens() {
    let test = TestDomain::new();
    let account = test.register(alpha_bot()).await;
    let issuer = KeyIssuer::new(test.key_mac.clone(), test.entropy.clone());
    let style = alpha_bot().key_style;
    let now = test.clock.now();
    let sandbox = issuer.for_account(now, &style, account.account.id, Environment::Sandbox).issued;
    test.store.add_key(sandbox.key.clone());
    let principal = test.domain.keys.authenticate(sandbox.text.expose()).await.unwrap();
    assert_eq!(principal.environment, Environment::Sandbox);
}

#[tokio::test]
async fn authenticating_reads_once_and_writes_nothing() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    test.store.take_calls();
    test.domain.keys.authenticate(registered.key.issued.text.expose()).await.unwrap();
    assert_eq!(test.store.take_calls(), ["CredentialSource::read"]);
}

#[tokio::test]
async fn threat_g1_what_is_no_key_is_refused_before_any_look_up() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let text = registered.key.issued.text.expose();
    let macs = test.key_mac.calls();
    test.store.take_calls();
    let typo = format!("{}{}", &text[..text.len() - 1], if text.ends_with('0') { '1' } else { '0' });
    for garbage in ["", "ak_live_", "Bearer", &typo, &text[1..], &format!("{text}0"), &text.to_uppercase()] {
        assert_eq!(refusal(&test, garbage).await, AuthenticateKeyError::UnknownKey, "{garbage}");
    }
    assert_eq!(test.store.take_calls(), Vec::<&str>::new());
    assert_eq!(test.key_mac.calls(), macs);
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let text = with_wrong_secret(registered.key.issued.text.expose());
    assert_eq!(refusal(&test, &text).await, AuthenticateKeyError::UnknownKey);
}

#[tokio::test]
async fn a_key_under_another_prefix_is_refused_though_its_checksum_is_right() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let text = registered.key.issued.text.expose();
    assert!(test.domain.keys.authenticate(&with_prefix(text, "ak_live_")).await.is_ok());
    for prefix in ["ak_test_", "sk_live_", "tm_live_", "ak_live__", "a_"] {
        assert_eq!(
            refusal(&test, &with_prefix(text, prefix)).await,
            AuthenticateKeyError::UnknownKey,
            "{prefix}"
        );
    }
}

#[tokio::test]
async fn the_second_secret_is_not_the_key() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let login_secret = registered.key.login_secret.unwrap();
    for text in [login_secret.expose().clone(), with_prefix(login_secret.expose(), "ak_live_")] {
        assert_eq!(refusal(&test, &text).await, AuthenticateKeyError::UnknownKey);
    }
}

#[tokio::test]
async fn threat_e6_an_unknown_handle_costs_the_same_look_up_and_mac_as_a_wrong_secret() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let text = registered.key.issued.text.expose();
    test.store.take_calls();
    for shown in [with_unknown_handle(text), with_wrong_secret(text), with_prefix(text, "ak_test_")] {
        let macs = test.key_mac.calls();
        assert_eq!(refusal(&test, &shown).await, AuthenticateKeyError::UnknownKey);
        assert_eq!(test.key_mac.calls() - macs, 1, "{shown}");
        assert_eq!(test.store.take_calls(), ["CredentialSource::read"], "{shown}");
    }
}

#[tokio::test]
async fn threat_k4_a_verifier_in_another_row_verifies_nothing() {
    let test = TestDomain::new();
    let (alpha, beta) = (test.register(alpha_bot()).await, test.register(beta_bot()).await);
    let (known, victim) = (&alpha.key.issued, &beta.key.issued);
    test.store.edit_key(victim.key.id, |row| row.verifier = known.key.verifier);
    let (prefix, _, secret) = parts(known.text.expose());
    let forged = forge(prefix, victim.key.handle.as_str(), secret);
    assert_eq!(refusal(&test, &forged).await, AuthenticateKeyError::UnknownKey);
    assert_eq!(refusal(&test, victim.text.expose()).await, AuthenticateKeyError::UnknownKey);
}

#[tokio::test]
async fn threat_k4_a_row_that_is_altered_no_longer_fits_its_key() {
    let test = TestDomain::new();
    let beta = test.register(beta_bot()).await.account.id;
    let alpha = test.register(alpha_bot()).await.key.issued;
    let (id, agent) = (
        KeyId::generate(test.clock.now(), &*test.entropy),
        AgentId::generate(test.clock.now(), &*test.entropy),
    );
    let row = &alpha.key;
    for altered in [
        ApiKey { id, ..row.clone() },
        ApiKey { account: beta, ..row.clone() },
        ApiKey { binding: KeyBinding::Agent(agent), ..row.clone() },
        ApiKey { environment: Environment::Sandbox, ..row.clone() },
    ] {
        test.store.edit_key(row.id, |kept| *kept = altered.clone());
        let refused = refusal(&test, alpha.text.expose()).await;
        assert_eq!(refused, AuthenticateKeyError::UnknownKey, "{altered:?}");
    }
    test.store.edit_key(row.id, |kept| *kept = row.clone());
    assert!(test.domain.keys.authenticate(alpha.text.expose()).await.is_ok());
}

#[tokio::test]
async fn threat_k4_the_verifier_of_a_second_secret_does_not_make_it_a_key() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await.key;
    let KeyBinding::Account { login_verifier: Some(verifier) } = alpha.issued.key.binding else {
        panic!("a key of this dialect has a second secret");
    };
    test.store.edit_key(alpha.issued.key.id, |row| row.verifier = verifier);
    let login_secret = alpha.login_secret.unwrap();
    assert_eq!(refusal(&test, login_secret.expose()).await, AuthenticateKeyError::UnknownKey);
}

#[tokio::test]
async fn threat_k4_an_agent_s_key_does_not_open_its_account() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (_, agent_key) = registered.agent.unwrap();
    test.store.edit_key(agent_key.key.id, |row| row.binding = KeyBinding::Account { login_verifier: None });
    assert_eq!(refusal(&test, agent_key.text.expose()).await, AuthenticateKeyError::UnknownKey);
}

#[tokio::test]
async fn a_revoked_key_is_refused_as_such() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (_, agent_key) = registered.agent.as_ref().unwrap();
    revoke(&test, agent_key);
    assert_eq!(refusal(&test, agent_key.text.expose()).await, AuthenticateKeyError::KeyRevoked);
    assert!(test.domain.keys.authenticate(registered.key.issued.text.expose()).await.is_ok());
}

#[tokio::test]
async fn a_key_is_as_good_as_its_account() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let since = test.clock.now();
    let (_, agent_key) = registered.agent.as_ref().unwrap();
    for text in [registered.key.issued.text.expose(), agent_key.text.expose()] {
        for (status, inactive) in [
            (AccountStatus::Suspended { since }, AccountInactive::Suspended),
            (AccountStatus::Archived { since }, AccountInactive::Archived),
        ] {
            test.store.edit_account(registered.account.id, |account| account.status = status);
            assert_eq!(refusal(&test, text).await, AuthenticateKeyError::Account(inactive));
        }
        test.store.edit_account(registered.account.id, |account| account.status = AccountStatus::Active);
        assert!(test.domain.keys.authenticate(text).await.is_ok());
    }
}

#[tokio::test]
async fn an_agent_s_key_is_as_good_as_its_agent() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (agent, agent_key) = registered.agent.as_ref().unwrap();
    let since = test.clock.now();
    test.store.edit_agent(agent.id, |agent| agent.status = AgentStatus::Archived { since });
    assert_eq!(refusal(&test, agent_key.text.expose()).await, AuthenticateKeyError::AgentArchived);
    assert!(test.domain.keys.authenticate(registered.key.issued.text.expose()).await.is_ok());
}

#[tokio::test]
async fn the_key_s_own_state_is_said_first_then_its_agent_s_then_its_account_s() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (agent, agent_key) = registered.agent.as_ref().unwrap();
    let (text, since) = (agent_key.text.expose(), test.clock.now());
    test.store
        .edit_account(registered.account.id, |account| account.status = AccountStatus::Suspended { since });
    assert_eq!(refusal(&test, text).await, AuthenticateKeyError::Account(AccountInactive::Suspended));
    test.store.edit_agent(agent.id, |agent| agent.status = AgentStatus::Archived { since });
    assert_eq!(refusal(&test, text).await, AuthenticateKeyError::AgentArchived);
    revoke(&test, agent_key);
    assert_eq!(refusal(&test, text).await, AuthenticateKeyError::KeyRevoked);
}

#[tokio::test]
async fn threat_e6_a_key_s_state_is_said_only_to_those_who_know_its_secret() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (agent, agent_key) = registered.agent.as_ref().unwrap();
    let since = test.clock.now();
    test.store
        .edit_account(registered.account.id, |account| account.status = AccountStatus::Suspended { since });
    test.store.edit_agent(agent.id, |agent| agent.status = AgentStatus::Archived { since });
    revoke(&test, agent_key);
    for issued in [&registered.key.issued, agent_key] {
        let text = with_wrong_secret(issued.text.expose());
        assert_eq!(refusal(&test, &text).await, AuthenticateKeyError::UnknownKey);
    }
}
