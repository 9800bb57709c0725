//! Registering an account.

use std::sync::Arc;
use std::time::Duration;

use keyward_domain::accounts::{
    AccountStatus, AccountStore, DisposablePolicy, EmailAddress, PasswordError, RegisterAccount,
    RegisterAccountError, StartingBalance,
};
use keyward_domain::agents::AgentStore;
use keyward_domain::audit::{Action, Outcome};
use keyward_domain::entropy::Entropy;
use keyward_domain::environment::Environment;
use keyward_domain::keys::{KeyBinding, KeyState};
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::{Domain, Ports};
use keyward_testkit::disposable::FakeDisposableDomains;
use keyward_testkit::domain::{ALPHA_PASSWORD, TestDomain, alpha_bot, beta_bot};
use keyward_testkit::passwords::{FakePasswordHasher, HashingWork};

use crate::key_text::parts;

#[tokio::test]
async fn an_account_is_registered_with_everything_that_was_asked_for() {
    let test = TestDomain::new();
    let command =
        RegisterAccount { starting_balance: StartingBalance::parse("250.50").unwrap(), ..alpha_bot() };

    let registered = test.register(command).await;

    let account = &registered.account;
    assert_eq!(account.display_name.as_str(), "AlphaBot");
    let email = account.email.as_ref().unwrap();
    assert_eq!((email.address.as_typed(), email.verified_at), ("alpha@example.com", None));
    assert_eq!(account.status, AccountStatus::Active);
    assert_eq!(account.starting_balance.to_string(), "250.50");
    assert_eq!(account.created_at, test.clock.now());
    let (agent, agent_key) = registered.agent.as_ref().unwrap();
    assert_eq!((agent.name.as_str(), agent.account), ("AlphaBot's Agent", account.id));
    assert_eq!(agent.starting_balance.to_string(), "250.50");
    assert_eq!((agent.environment, agent_key.key.environment), (Environment::Live, Environment::Live));
    assert_eq!(agent_key.key.binding, KeyBinding::Agent(agent.id));
    assert_eq!((agent_key.key.account, agent_key.key.state), (account.id, KeyState::Active));
}

#[tokio::test]
async fn what_was_registered_is_what_is_kept() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let account = &registered.account;
    let (agent, _) = registered.agent.as_ref().unwrap();
    let key = &registered.key.issued.key;

    let kept = test.store.find_with_key(account.id, Some(key.id), test.clock.now()).await.unwrap();
    assert_eq!(kept, Some((account.clone(), Some(key.clone()))));
    assert_eq!(AgentStore::find(&*test.store, agent.owner(), agent.id).await, Ok(Some(agent.clone())));
    let login = test.store.find_login(&account.email.as_ref().unwrap().address).await.unwrap().unwrap();
    let expected = FakePasswordHasher::current(ALPHA_PASSWORD);
    assert_eq!(login.password.map(|kept| kept.expose().to_owned()), Some(expected.expose().to_owned()));
}

#[tokio::test]
async fn the_texts_of_keys_have_the_dialect_s_prefixes_and_secrets_of_their_own() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let key = &registered.key;
    let login_secret = key.login_secret.as_ref().unwrap();
    let (_, agent_key) = registered.agent.as_ref().unwrap();

    let key_parts = parts(key.issued.text.expose());
    let login_parts = parts(login_secret.expose());
    let agent_parts = parts(agent_key.text.expose());

    assert_eq!((key_parts.0, login_parts.0, agent_parts.0), ("ak_live_", "sk_live_", "ak_live_"));
    assert_eq!(
        (key_parts.1, login_parts.1),
        (key.issued.key.handle.as_str(), key.issued.key.handle.as_str())
    );
    assert_eq!(agent_parts.1, agent_key.key.handle.as_str());
    assert_ne!(key_parts.1, agent_parts.1);
    assert_ne!(key_parts.2, login_parts.2);
    assert_ne!(key_parts.2, agent_parts.2);
}

#[tokio::test]
async fn threat_k3_nothing_that_is_kept_of_a_key_holds_its_secret() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (_, agent_key) = registered.agent.as_ref().unwrap();
    for issued in [&registered.key.issued, agent_key] {
        let (_, _, secret) = parts(issued.text.expose());
        assert!(!format!("{:?}", issued.key).contains(secret));
        assert!(!secret.as_bytes().windows(32).any(|window| window == issued.key.verifier.as_bytes()));
        assert_eq!(issued.key.preview(), format!("ak_live_{}", &issued.key.handle.as_str()[..4]));
    }
}

#[tokio::test]
async fn registering_leaves_one_event_in_the_account_s_trail() {
    let test = TestDomain::new();
    let context = test.context();
    let registered = test.domain.accounts.register(alpha_bot(), &context).await.unwrap();
    let id = registered.account.id;

    let trail = test.trail(None).await;

    assert_eq!(trail.len(), 1);
    let event = &trail[0];
    assert_eq!((event.action, event.outcome), (Action::AccountRegistered, Outcome::Succeeded));
    assert_eq!(
        (event.actor.as_str(), event.target.as_str()),
        ("anonymous", format!("account:{id}").as_str())
    );
    assert_eq!((event.account, event.request_id), (Some(id), Some(context.request_id)));
    assert_eq!(event.at, test.clock.now());
    assert!(test.domain.trail.is_intact(event));
}

#[tokio::test]
async fn email_password_second_secret_and_agent_may_be_left_out() {
    let test = TestDomain::new();
    let mut command = RegisterAccount { email: None, password: None, first_agent: None, ..alpha_bot() };
    command.key_style.login_prefix = None;

    let registered = test.register(command).await;

    assert_eq!(registered.account.email, None);
    assert!(registered.agent.is_none() && registered.key.login_secret.is_none());
    assert_eq!(registered.key.issued.key.binding, KeyBinding::Account { login_verifier: None });
    assert_eq!(test.passwords.work(), HashingWork::default());
}

#[tokio::test]
async fn a_duplicate_address_is_refused_in_any_spelling_and_nothing_is_written() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    for typed in ["alpha@example.com", "ALPHA@EXAMPLE.COM", "Alpha@Example.com"] {
        let command = RegisterAccount { email: Some(EmailAddress::parse(typed).unwrap()), ..beta_bot() };
        let refused = test.domain.accounts.register(command, &test.context()).await.unwrap_err();
        assert_eq!(refused, RegisterAccountError::EmailTaken, "{typed}");
    }
    assert_eq!(test.trail(None).await.len(), 1);
    assert_eq!(test.store.calls("AccountStore::register"), 4);
}

#[tokio::test]
async fn a_handle_that_is_taken_is_drawn_again() {
    let test = TestDomain::new();
    let first = test.register(alpha_bot()).await;

    // The same draws once more: only the moment tells the second registration's ids from the first's.
    test.entropy.reseed(TestDomain::SEED);
    test.clock.advance(Duration::from_secs(1));
    test.store.take_calls();
    let second = test.register(beta_bot()).await;

    assert_eq!(test.store.take_calls(), ["AccountStore::register"; 2]);
    assert_ne!(second.key.issued.key.handle, first.key.issued.key.handle);
    let kept = test.store.find_with_key(second.account.id, None, test.clock.now()).await.unwrap().unwrap();
    assert_eq!(kept, (second.account.clone(), Some(second.key.issued.key.clone())));
    assert_eq!(
        test.domain.keys.authenticate(second.key.issued.text.expose()).await.unwrap().account,
        second.account.id
    );
    assert_eq!(test.passwords.work().hashes, 2);
}

#[tokio::test]
async fn a_handle_that_keeps_being_taken_is_an_error_of_the_machine() {
    struct Stuck;
    impl Entropy for Stuck {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }
    let test = TestDomain::new();
    let domain = Domain::new(Ports { entropy: Arc::new(Stuck), ..test.ports() });
    let context = test.context();

    let refused = domain.accounts.register(alpha_bot(), &context).await.unwrap_err();

    assert!(matches!(refused, RegisterAccountError::Store(StoreError::Corrupt(_))), "{refused:?}");
    assert_eq!(test.store.take_calls(), ["AccountStore::register"; 3]);
    assert_eq!(test.trail(None).await, []);
}

#[tokio::test]
async fn threat_d1_a_busy_hasher_refuses_before_anything_is_written() {
    let test = TestDomain::new();
    test.passwords.be_busy_after(0);

    let refused = test.domain.accounts.register(alpha_bot(), &test.context()).await.unwrap_err();

    assert_eq!(refused, RegisterAccountError::Password(PasswordError::Busy));
    assert_eq!(test.store.take_calls(), Vec::<&str>::new());
    test.passwords.recover();
    test.register(alpha_bot()).await;
}

fn at_a_throw_away_domain() -> RegisterAccount {
    let address = format!("alpha@{}", FakeDisposableDomains::DOMAIN);
    RegisterAccount { email: Some(EmailAddress::parse(&address).unwrap()), ..alpha_bot() }
}

#[tokio::test]
async fn threat_g6_a_throw_away_address_is_refused_before_anything_is_hashed_or_written() {
    let test = TestDomain::new();
    let command = RegisterAccount { disposable: DisposablePolicy::Refuse, ..at_a_throw_away_domain() };
    let refused = test.domain.accounts.register(command, &test.context()).await.unwrap_err();
    assert_eq!(refused, RegisterAccountError::DisposableEmail);
    assert_eq!(test.passwords.work(), HashingWork::default());
    assert!(test.trail(None).await.is_empty());
    assert!(test.send_mail().await.is_empty());
    assert!(test.store.page(None, None, 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_surface_may_take_throw_away_addresses_and_ordinary_ones_are_taken_everywhere() {
    let test = TestDomain::new();
    test.register(RegisterAccount { disposable: DisposablePolicy::Allow, ..at_a_throw_away_domain() }).await;
    test.register(RegisterAccount { disposable: DisposablePolicy::Refuse, ..beta_bot() }).await;
    test.register(RegisterAccount { disposable: DisposablePolicy::Refuse, email: None, ..beta_bot() }).await;
}
