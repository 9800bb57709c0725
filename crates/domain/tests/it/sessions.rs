//! Logging in with a browser, being recognised, and what ends that.

use std::time::Duration;

use keyward_domain::accounts::{CheckPasswordError, EmailAddress, Password};
use keyward_domain::admin::AdminName;
use keyward_domain::audit::{Action, Actor};
use keyward_domain::environment::Environment;
use keyward_domain::principal::Credential;
use keyward_domain::sessions::{BeginSessionError, BegunSession, SessionRefused};
use keyward_domain::store::StoreError;
use keyward_testkit::domain::{ALPHA_PASSWORD, TestDomain, alpha_bot, beta_bot};

const MINUTE: Duration = Duration::from_secs(60);

async fn log_in(test: &TestDomain, shown: Option<&str>) -> Result<BegunSession, BeginSessionError> {
    let email = EmailAddress::parse("alpha@example.com").unwrap();
    let password = Password::parse(ALPHA_PASSWORD).unwrap();
    test.domain.sessions.log_in(&email, &password, shown, &test.context()).await
}

/// Somebody who has registered and logged in.
async fn logged_in(test: &TestDomain) -> BegunSession {
    test.register(alpha_bot()).await;
    log_in(test, None).await.unwrap()
}

async fn stands(test: &TestDomain, session: &BegunSession) -> Result<(), SessionRefused> {
    test.domain.sessions.authenticate(session.text.expose()).await.map(drop)
}

#[tokio::test]
async fn a_session_speaks_for_its_whole_account() {
    let test = TestDomain::new();
    let session = logged_in(&test).await;
    let found = test.domain.sessions.authenticate(session.text.expose()).await.unwrap();
    let account = found.account.id;
    assert_eq!(found.principal, session.signed_in.principal);
    assert_eq!((found.principal.account, found.principal.agent), (account, None));
    assert_eq!(found.principal.environment, Environment::Live);
    assert!(matches!(found.principal.credential, Credential::Session { .. }));
    assert_eq!(found.principal.credential.key(), None);
    assert_eq!(test.trail(account).await[0].action, Action::AccountLoggedIn);
}

#[tokio::test]
async fn threat_w4_a_session_ends_after_half_an_hour_without_a_request() {
    let test = TestDomain::new();
    let session = logged_in(&test).await;
    for _ in 0..3 {
        test.clock.advance(MINUTE * 29);
        assert_eq!(stands(&test, &session).await, Ok(()));
    }
    test.clock.advance(MINUTE * 30);
    assert_eq!(stands(&test, &session).await, Err(SessionRefused::Ended));
}

#[tokio::test]
async fn threat_w4_a_session_ends_after_half_a_day_whatever_is_done() {
    let test = TestDomain::new();
    let session = logged_in(&test).await;
    for _ in 0..12 * 4 - 1 {
        test.clock.advance(MINUTE * 15);
        assert_eq!(stands(&test, &session).await, Ok(()));
    }
    test.clock.advance(MINUTE * 15);
    assert_eq!(stands(&test, &session).await, Err(SessionRefused::Ended));
}

#[tokio::test]
async fn a_use_is_written_down_at_most_once_a_minute() {
    let test = TestDomain::new();
    let session = logged_in(&test).await;
    for (seconds, written) in [(59, 0), (1, 1), (59, 1), (1, 2)] {
        test.clock.advance(Duration::from_secs(seconds));
        assert_eq!(stands(&test, &session).await, Ok(()));
        assert_eq!(test.store.calls("SessionStore::touch"), written);
    }
}

#[tokio::test]
async fn somebody_who_does_something_is_not_idle_however_short_idle_is() {
    let test = TestDomain::new();
    let mut ports = test.ports();
    ports.session_policy.idle = MINUTE;
    let domain = keyward_domain::Domain::new(ports);
    let session = logged_in(&test).await;
    let stands = async || domain.sessions.authenticate(session.text.expose()).await.map(drop);
    for _ in 0..20 {
        test.clock.advance(Duration::from_secs(44));
        assert_eq!(stands().await, Ok(()));
    }
    test.clock.advance(MINUTE);
    assert_eq!(stands().await, Err(SessionRefused::Ended));
}

#[tokio::test]
async fn threat_w4_whoever_is_suspended_or_sends_nonsense_logs_out() {
    let test = TestDomain::new();
    let session = logged_in(&test).await;
    let (id, admin) = (session.signed_in.account.id, Actor::Admin(AdminName::parse("root").unwrap()));
    test.domain.accounts.suspend(id, &admin, &test.context()).await.unwrap();
    for text in ["", "nonsense", &"A".repeat(43), session.text.expose()] {
        assert_eq!(test.domain.sessions.log_out(text, &test.context()).await, Ok(()), "{text}");
    }
    test.domain.accounts.resume(id, &admin, &test.context()).await.unwrap();
    assert_eq!(stands(&test, &session).await, Err(SessionRefused::Ended));
}

#[tokio::test]
async fn threat_w4_each_login_draws_a_new_session_and_ends_the_one_that_was_shown() {
    let test = TestDomain::new();
    let planted = logged_in(&test).await;
    let session = log_in(&test, Some(planted.text.expose())).await.unwrap();
    assert_ne!(planted.text.expose(), session.text.expose());
    assert_eq!(stands(&test, &planted).await, Err(SessionRefused::Ended));
    assert_eq!(stands(&test, &session).await, Ok(()));
    let elsewhere = log_in(&test, Some("no session of anybody")).await.unwrap();
    assert_eq!((stands(&test, &session).await, stands(&test, &elsewhere).await), (Ok(()), Ok(())));
}

#[tokio::test]
async fn threat_w4_logging_out_ends_the_session_at_the_server() {
    let test = TestDomain::new();
    let session = logged_in(&test).await;
    let other = log_in(&test, None).await.unwrap();
    for _ in 0..2 {
        test.domain.sessions.log_out(session.text.expose(), &test.context()).await.unwrap();
    }
    assert_eq!(stands(&test, &session).await, Err(SessionRefused::Ended));
    assert_eq!(stands(&test, &other).await, Ok(()));
    let trail = test.trail(session.signed_in.account.id).await;
    assert_eq!(trail.iter().filter(|event| event.action == Action::SessionEnded).count(), 1);
}

#[tokio::test]
async fn threat_w4_logging_out_everywhere_ends_every_session_of_the_account_and_no_other() {
    let test = TestDomain::new();
    let (one, two) = (logged_in(&test).await, log_in(&test, None).await.unwrap());
    let beta = test.register(beta_bot()).await;
    let others = test.domain.sessions.log_in_registered(beta.account, None, &test.context()).await.unwrap();
    test.domain.tokens.log_out_everywhere(&one.signed_in.principal, &test.context()).await.unwrap();
    for session in [&one, &two] {
        assert_eq!(stands(&test, session).await, Err(SessionRefused::Ended));
    }
    assert_eq!(stands(&test, &others).await, Ok(()));
}

#[tokio::test]
async fn a_suspension_stops_a_session_and_a_resume_lets_it_go_on() {
    let test = TestDomain::new();
    let session = logged_in(&test).await;
    let (id, admin) = (session.signed_in.account.id, Actor::Admin(AdminName::parse("root").unwrap()));
    test.domain.accounts.suspend(id, &admin, &test.context()).await.unwrap();
    assert_eq!(stands(&test, &session).await, Err(SessionRefused::AccountSuspended));
    test.domain.accounts.resume(id, &admin, &test.context()).await.unwrap();
    assert_eq!(stands(&test, &session).await, Ok(()));
    test.domain.accounts.archive(id, &admin, &test.context()).await.unwrap();
    assert_eq!(stands(&test, &session).await, Err(SessionRefused::Ended));
}

#[tokio::test]
async fn an_outage_is_no_verdict_on_a_session() {
    let test = TestDomain::new();
    let session = logged_in(&test).await;
    test.store.set_outage(Some(StoreError::Busy));
    assert_eq!(stands(&test, &session).await, Err(StoreError::Busy.into()));
    assert_eq!(log_in(&test, None).await.unwrap_err(), CheckPasswordError::Store(StoreError::Busy).into());
}

#[tokio::test]
async fn threat_e1_a_session_is_refused_alike_for_a_wrong_password_and_an_unknown_address() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    for (address, password) in [("alpha@example.com", "wrong"), ("nobody@example.com", ALPHA_PASSWORD)] {
        let (email, password) = (EmailAddress::parse(address).unwrap(), Password::parse(password).unwrap());
        let refused =
            test.domain.sessions.log_in(&email, &password, None, &test.context()).await.unwrap_err();
        assert_eq!(refused, CheckPasswordError::Mismatch.into());
    }
    assert_eq!(test.passwords.work().verifies, 2);
}

#[tokio::test]
async fn only_texts_that_a_session_can_have_are_looked_for() {
    let test = TestDomain::new();
    for text in ["", "short", &"!".repeat(43), &"A".repeat(44)] {
        assert_eq!(test.domain.sessions.authenticate(text).await.unwrap_err(), SessionRefused::Ended);
    }
    assert_eq!(test.store.calls("SessionStore::find"), 0);
    assert_eq!(test.domain.sessions.authenticate(&"A".repeat(43)).await.unwrap_err(), SessionRefused::Ended);
    assert_eq!(test.store.calls("SessionStore::find"), 1);
}

#[tokio::test]
async fn threat_w1_a_form_belongs_to_one_cookie() {
    let test = TestDomain::new();
    let sessions = &test.domain.sessions;
    let (one, other) = (sessions.new_visitor(), sessions.new_visitor());
    let form = sessions.form_token(one.expose()).unwrap();
    assert!(sessions.is_form_of(one.expose(), form.expose()));
    assert!(!sessions.is_form_of(other.expose(), form.expose()));
    for wrong in ["", one.expose(), &form.expose()[1..]] {
        assert!(!sessions.is_form_of(one.expose(), wrong));
    }
    assert!(sessions.form_token("no cookie of ours").is_none());
    assert!(!sessions.is_form_of("", form.expose()));
}

#[tokio::test]
async fn sessions_that_are_over_are_forgotten() {
    let test = TestDomain::new();
    let session = logged_in(&test).await;
    test.clock.advance(MINUTE * 30);
    test.domain.sessions.forget_ended().await.unwrap();
    test.clock.advance(MINUTE); // Whatever the clock says: it is not there.
    assert_eq!(stands(&test, &session).await, Err(SessionRefused::Ended));
    assert_eq!(test.store.calls("SessionStore::forget"), 1);
}
