//! What is admitted, what is given back, and the guard before a password.

use std::time::Duration;

use keyward_domain::accounts::{EmailAddress, Password, PasswordError, Plan};
use keyward_domain::authentication::{AuthenticationError, Presented};
use keyward_domain::ids::{AccountId, RequestId};
use keyward_domain::limits::{AdmitError, Bucket, LimitName, LimitPolicy, LimitSubject, Limited, Network};
use keyward_domain::request::RequestContext;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::tokens::PasswordLoginError;
use keyward_domain::{Domain, Ports};
use keyward_testkit::domain::{ALPHA_PASSWORD, TestDomain, alpha_bot, one_hour};
use keyward_testkit::passwords::HashingWork;

const ALPHA: &str = "alpha@example.com";

/// The domain with limits, over the test's fakes.
fn limited(test: &TestDomain, change: impl FnOnce(LimitPolicy) -> LimitPolicy) -> Domain {
    Domain::new(Ports { limits: change(LimitPolicy::default()), ..test.ports() })
}

fn network(address: &str) -> Network {
    Network::of(address.parse().unwrap())
}

fn home() -> Network {
    network("192.0.2.1")
}

fn at(limit: LimitName) -> Bucket {
    Bucket::at(limit, home())
}

const REGISTER: LimitName = LimitName::TradereadyRegister;
const LOGIN: LimitName = LimitName::TradereadyLogin;
const NEW: LimitName = LimitName::NewAccounts;

fn number(number: u32) -> std::num::NonZeroU32 {
    number.try_into().unwrap()
}

#[tokio::test]
async fn what_one_limit_refuses_takes_nothing_from_those_before_it() {
    let test = TestDomain::new();
    let domain = limited(&test, |policy| policy.with(REGISTER, None, number(2)));
    let buckets = [at(LOGIN), at(REGISTER)];
    for _ in 0..2 {
        let _ = domain.limits.admit(&buckets, None).await.unwrap();
    }
    for _ in 0..10 {
        let refused = domain.limits.admit(&buckets, Some(at(NEW))).await.unwrap_err();
        let AdmitError::Limited(Limited { standing, window }) = refused else { panic!("{refused:?}") };
        assert_eq!((standing.limit, standing.remaining, window), (2, 0, Duration::from_secs(60)));
    }
    let standing = test.limiter_standing(&domain, LOGIN);
    assert_eq!(standing, 3);
    assert_eq!(test.limiter_standing(&domain, NEW), 20);
}

trait Left {
    fn limiter_standing(&self, domain: &Domain, limit: LimitName) -> u32;
}

impl Left for TestDomain {
    /// One limiter serves both ports, so a peek at traffic shows what is exact as well.
    fn limiter_standing(&self, domain: &Domain, limit: LimitName) -> u32 {
        domain.limits.peek(at(limit), self.clock.now()).remaining
    }
}

#[tokio::test]
async fn a_reservation_is_kept_by_a_success_and_by_whoever_goes_away_and_given_back_by_a_failure() {
    let test = TestDomain::new();
    let domain = limited(&test, |policy| policy);
    let admit = async || domain.limits.admit(&[at(REGISTER)], Some(at(NEW))).await.unwrap();

    let admission = admit().await;
    assert_eq!(domain.limits.succeeded(admission).unwrap().limit, 3, "two of three are less than 19 of 20");
    assert_eq!(test.limiter_standing(&domain, NEW), 19);

    let admission = admit().await;
    assert_eq!(domain.limits.failed(admission).await.unwrap().remaining, 1);
    assert_eq!(test.limiter_standing(&domain, NEW), 19);

    drop(admit().await);
    assert_eq!(test.limiter_standing(&domain, NEW), 18);
}

#[tokio::test]
async fn threat_d5_what_cannot_be_counted_is_neither_let_in_nor_refused() {
    let test = TestDomain::new();
    let domain = limited(&test, |policy| policy);
    test.limiter.fail_with(Some(StoreError::Busy));
    let outcome = domain.limits.admit(&[at(REGISTER)], None).await.unwrap_err();
    assert_eq!(outcome, AdmitError::Store(StoreError::Busy));
}

#[tokio::test]
async fn off_nothing_is_asked_of_the_counters_and_the_limits_are_told() {
    let test = TestDomain::new();
    for _ in 0..100 {
        let admission = test.domain.limits.admit(&[at(REGISTER)], Some(at(NEW))).await.unwrap();
        let standing = test.domain.limits.succeeded(admission).unwrap();
        assert_eq!((standing.limit, standing.remaining), (3, 3));
        assert!(test.domain.limits.take(at(LimitName::Anonymous), test.clock.now()).is_ok());
    }
    log_in(&test, &test.domain, home(), "not-the-password").await.unwrap_err();
    assert_eq!(test.limiter.calls(), 0);
}

#[test]
fn each_plan_has_a_bucket_of_its_own() {
    let test = TestDomain::new();
    let domain = limited(&test, |policy| policy.with(LimitName::ForwardAuth, Some(Plan::Free), number(1)));
    let account = AccountId::from_uuid(uuid::Uuid::nil());
    let of = |plan| Bucket { limit: LimitName::ForwardAuth, subject: LimitSubject::Account(account, plan) };
    let now = test.clock.now();
    assert!(domain.limits.take(of(Plan::Free), now).is_ok());
    assert!(domain.limits.take(of(Plan::Free), now).is_err());
    assert_eq!(domain.limits.take(of(Plan::Pro), now).unwrap().remaining, 59_999);
}

async fn log_in(
    test: &TestDomain,
    domain: &Domain,
    from: Network,
    password: &str,
) -> Result<(), PasswordLoginError> {
    let (email, password) = (EmailAddress::parse(ALPHA).unwrap(), Password::parse(password).unwrap());
    let context = RequestContext { from, ..test.context() };
    domain.tokens.log_in_with_password(&email, &password, &one_hour(), &context).await.map(drop)
}

/// Ten failures from elsewhere: the next attempt waits.
async fn attack(test: &TestDomain, domain: &Domain) {
    for number in 0..10 {
        let from = network(&format!("10.0.0.{number}"));
        assert_eq!(log_in(test, domain, from, "wrong").await, Err(PasswordLoginError::Mismatch));
    }
}

fn is_held_up(outcome: &Result<(), PasswordLoginError>) -> bool {
    matches!(outcome, Err(PasswordLoginError::Limited(_)))
}

#[tokio::test]
async fn threat_g2_who_is_held_up_costs_no_hash_and_no_look_at_the_store() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let domain = limited(&test, |policy| policy);
    attack(&test, &domain).await;
    assert_eq!(test.passwords.take_work().verifies, 10);
    test.store.take_calls();
    for password in [ALPHA_PASSWORD, "wrong"] {
        assert!(is_held_up(&log_in(&test, &domain, home(), password).await));
    }
    assert_eq!(test.passwords.work(), HashingWork::default());
    assert!(test.store.take_calls().is_empty());
}

#[tokio::test]
async fn threat_g2_a_success_forgives_and_an_attempt_without_an_end_is_not_counted() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let domain = limited(&test, |policy| policy);
    for _ in 0..5 {
        for _ in 0..9 {
            assert_eq!(log_in(&test, &domain, home(), "wrong").await, Err(PasswordLoginError::Mismatch));
        }
        assert_eq!(log_in(&test, &domain, home(), ALPHA_PASSWORD).await, Ok(()));
    }
    test.passwords.be_busy_after(0);
    for _ in 0..30 {
        let busy = log_in(&test, &domain, network("198.51.100.1"), "wrong").await;
        assert_eq!(busy, Err(PasswordLoginError::Password(PasswordError::Busy)));
    }
    test.passwords.recover();
    assert_eq!(log_in(&test, &domain, network("198.51.100.1"), ALPHA_PASSWORD).await, Ok(()));
}

#[tokio::test]
async fn threat_g3_a_reset_forgives_and_a_known_network_is_forgotten_after_30_days() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let domain = limited(&test, |policy| policy);
    assert_eq!(log_in(&test, &domain, home(), ALPHA_PASSWORD).await, Ok(()));
    attack(&test, &domain).await;
    assert_eq!(log_in(&test, &domain, home(), ALPHA_PASSWORD).await, Ok(()));
    let elsewhere = network("198.51.100.1");
    assert!(is_held_up(&log_in(&test, &domain, elsewhere, ALPHA_PASSWORD).await));
    domain
        .limits
        .forgive_identity(&EmailAddress::parse("ALPHA@Example.com").unwrap(), elsewhere)
        .await
        .unwrap();
    assert_eq!(log_in(&test, &domain, elsewhere, ALPHA_PASSWORD).await, Ok(()));

    test.clock.advance(Duration::from_secs(30 * 24 * 60 * 60));
    attack(&test, &domain).await;
    assert!(is_held_up(&log_in(&test, &domain, home(), ALPHA_PASSWORD).await), "home is known no longer");
}

#[tokio::test]
async fn threat_g3_failures_at_a_known_network_hold_up_that_network_alone() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let domain = limited(&test, |policy| policy);
    assert_eq!(log_in(&test, &domain, home(), ALPHA_PASSWORD).await, Ok(()));
    for _ in 0..10 {
        assert_eq!(log_in(&test, &domain, home(), "wrong").await, Err(PasswordLoginError::Mismatch));
    }
    assert!(is_held_up(&log_in(&test, &domain, home(), ALPHA_PASSWORD).await));
    assert_eq!(log_in(&test, &domain, network("198.51.100.1"), ALPHA_PASSWORD).await, Ok(()));
}

#[tokio::test]
async fn threat_g3_a_reset_forgives_the_network_that_it_comes_from() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let domain = limited(&test, |policy| policy);
    assert_eq!(log_in(&test, &domain, home(), ALPHA_PASSWORD).await, Ok(()));
    for _ in 0..10 {
        assert_eq!(log_in(&test, &domain, home(), "wrong").await, Err(PasswordLoginError::Mismatch));
    }
    let (email, elsewhere) = (EmailAddress::parse("alpha@example.com").unwrap(), network("198.51.100.1"));
    domain.limits.forgive_identity(&email, elsewhere).await.unwrap();
    assert!(is_held_up(&log_in(&test, &domain, home(), ALPHA_PASSWORD).await));
    domain.limits.forgive_identity(&email, home()).await.unwrap();
    assert_eq!(log_in(&test, &domain, home(), ALPHA_PASSWORD).await, Ok(()));
}

#[tokio::test]
async fn threat_g1_a_flood_of_wrong_keys_does_not_reach_the_store() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let domain = limited(&test, |policy| policy.with(LimitName::FailedCredentials, None, number(3)));
    let context = RequestContext::once(RequestId::from_uuid(uuid::Uuid::nil()), home());
    let mut wrong = alpha.key.issued.text.expose().clone();
    // The second secret has the key's handle and a good checksum, and is not the key.
    if let Some(secret) = &alpha.key.login_secret {
        wrong.clone_from(secret.expose());
    }
    let show = async |text: &str| {
        domain.authentication.authenticate(Presented { key: Some(text), token: None }, &context).await
    };
    for _ in 0..3 {
        assert!(matches!(show(&wrong).await, Err(AuthenticationError::Key(_))));
    }
    test.store.take_calls();
    for text in [wrong.as_str(), alpha.key.issued.text.expose(), "garbage"] {
        assert!(matches!(show(text).await, Err(AuthenticationError::Limited(_))), "nothing is remembered");
    }
    assert!(test.store.take_calls().is_empty());
    test.clock.advance(Duration::from_secs(20));
    assert!(show(alpha.key.issued.text.expose()).await.is_ok());
}
