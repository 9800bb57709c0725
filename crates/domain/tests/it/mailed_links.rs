//! Following a mailed link.

use std::time::Duration;

use keyward_domain::accounts::{
    Account, AccountStatus, EmailAddress, PasswordError, RegisterAccount, RegisteredAccount, WeakPassword,
};
use keyward_domain::audit::Action;
use keyward_domain::mail::{MailContent, TypedIdentity};
use keyward_domain::single_use::SingleUseTokenRefused::{Expired, Unknown, Used};
use keyward_domain::single_use::{Holdings, ResetPasswordError, SingleUsePurpose, VerifyAddressError};
use keyward_testkit::domain::{ALPHA_PASSWORD, TestDomain, alpha_bot, beta_bot, one_hour};
use keyward_testkit::mail::mailed_token;
use keyward_testkit::passwords::HashingWork;

const CHOSEN: &str = "another-fine-password";

/// A registered account with the token of its verification mail.
async fn registered(test: &TestDomain) -> (RegisteredAccount, String) {
    let registered = test.register(alpha_bot()).await;
    let mail = test.send_mail().await.remove(0);
    (registered, mailed_token(&mail))
}

/// The token of a reset mail.
async fn forgot(test: &TestDomain) -> String {
    test.domain.mail.request_reset(&TypedIdentity::parse("alpha@example.com").unwrap(), None).await.unwrap();
    mailed_token(&test.send_mail().await.remove(0))
}

async fn verify(test: &TestDomain, token: &str) -> Result<(), VerifyAddressError> {
    test.domain.single_use_tokens.verify_address(token, &test.context()).await.map(drop)
}

async fn reset(test: &TestDomain, token: &str, chosen: &str) -> Result<(), ResetPasswordError> {
    test.domain.single_use_tokens.reset_password(token, chosen, &test.context()).await
}

async fn take_over(test: &TestDomain, token: &str, chosen: &str) -> Result<(), ResetPasswordError> {
    test.domain.single_use_tokens.take_over(token, chosen, &test.context()).await
}

async fn has(test: &TestDomain, of: &RegisteredAccount, action: Action) -> bool {
    test.trail(of.account.id).await.iter().any(|event| event.action == action)
}

async fn can_log_in(test: &TestDomain, password: &str) -> bool {
    let email = EmailAddress::parse("alpha@example.com").unwrap();
    let password = keyward_domain::accounts::Password::parse(password).unwrap();
    test.domain.tokens.log_in_with_password(&email, &password, &one_hour(), &test.context()).await.is_ok()
}

#[tokio::test]
async fn an_address_is_verified_by_its_link_once() {
    let test = TestDomain::new();
    let (alpha, token) = registered(&test).await;
    assert_eq!(verify(&test, &token).await, Ok(()));
    assert_eq!(verify(&test, &token).await, Err(Used.into()));
    let account = test.domain.accounts.find(alpha.account.id).await.unwrap().unwrap();
    assert!(account.email.unwrap().verified_at.is_some());
    let trail = test.trail(account.id).await;
    let verified = trail.iter().find(|event| event.action == Action::AddressVerified);
    assert_eq!(verified.map(|event| event.actor.clone()), Some(format!("account:{}", account.id)));
}

#[tokio::test]
async fn a_link_that_verifies_is_good_for_a_day_and_one_that_resets_for_an_hour() {
    let test = TestDomain::new();
    let (_, verification) = registered(&test).await;
    let forgotten = forgot(&test).await;
    test.clock.advance(Duration::from_secs(3_600));
    assert_eq!(reset(&test, &forgotten, CHOSEN).await, Err(Expired.into()));
    test.clock.advance(Duration::from_secs(82_800));
    assert_eq!(verify(&test, &verification).await, Err(Expired.into()));
    // A day later the two are still told from what never was, and some time after that they are not.
    test.clock.advance(Duration::from_secs(86_400));
    test.domain.single_use_tokens.forget_expired().await.unwrap();
    assert_eq!(verify(&test, &verification).await, Err(Expired.into()));
    test.clock.advance(Duration::from_secs(7_200));
    test.domain.single_use_tokens.forget_expired().await.unwrap();
    assert_eq!(verify(&test, &verification).await, Err(Unknown.into()));
}

#[tokio::test]
async fn threat_d1_what_is_no_token_costs_no_hash_and_no_look() {
    let test = TestDomain::new();
    let (_, verification) = registered(&test).await;
    test.store.take_calls();
    test.passwords.take_work();
    for garbage in ["", "x", &format!("{verification}="), &verification[1..], &"é".repeat(43)] {
        assert_eq!(reset(&test, garbage, CHOSEN).await, Err(Unknown.into()), "{garbage}");
        assert_eq!(verify(&test, garbage).await, Err(Unknown.into()), "{garbage}");
    }
    assert_eq!(test.store.take_calls(), [""; 0]);
    let swapped = verification.chars().rev().collect::<String>();
    for unknown in [swapped.as_str(), &verification] {
        assert_eq!(reset(&test, unknown, CHOSEN).await, Err(Unknown.into()), "{unknown}");
    }
    assert_eq!(test.passwords.take_work(), HashingWork::default());
}

#[tokio::test]
async fn threat_j8_a_token_is_compared_exactly_as_it_was_sent() {
    let test = TestDomain::new();
    let (_, token) = registered(&test).await;
    let mut other_bits = token.clone();
    let last = other_bits.pop().unwrap();
    let neighbour = char::from(last as u8 + 1);
    other_bits.push(neighbour);
    for near in [other_bits, token.to_lowercase(), format!("{token}\n"), format!(" {token}")] {
        assert_eq!(verify(&test, &near).await, Err(Unknown.into()), "{near}");
    }
    assert_eq!(verify(&test, &token).await, Ok(()));
}

#[tokio::test]
async fn a_password_is_reset_by_its_link_once() {
    let test = TestDomain::new();
    registered(&test).await;
    let token = forgot(&test).await;
    assert_eq!(reset(&test, &token, CHOSEN).await, Ok(()));
    assert!(can_log_in(&test, CHOSEN).await && !can_log_in(&test, ALPHA_PASSWORD).await);
    assert_eq!(reset(&test, &token, "yet-another-password").await, Err(Used.into()));
    assert!(can_log_in(&test, CHOSEN).await);
}

#[tokio::test]
async fn a_refused_password_does_not_use_up_the_token() {
    let test = TestDomain::new();
    registered(&test).await;
    let token = forgot(&test).await;
    test.passwords.take_work();
    for (weak, why) in [
        ("short", WeakPassword::TooShort),
        ("", WeakPassword::TooShort),
        (&"x".repeat(129), WeakPassword::TooLong),
        ("password123", WeakPassword::Guessable),
        ("ALPHABOT", WeakPassword::Guessable),
        ("alpha@example.com", WeakPassword::Guessable),
    ] {
        assert_eq!(reset(&test, &token, weak).await, Err(why.into()), "{weak}");
    }
    test.passwords.be_busy_after(0);
    assert_eq!(reset(&test, &token, CHOSEN).await, Err(PasswordError::Busy.into()));
    test.passwords.recover();
    assert_eq!(test.passwords.take_work(), HashingWork::default());
    assert_eq!(reset(&test, &token, CHOSEN).await, Ok(()));
}

#[tokio::test]
async fn threat_c10_a_reset_takes_an_account_back_from_whoever_registered_it() {
    let test = TestDomain::new();
    let (alpha, _) = registered(&test).await;
    let key = alpha.key.issued.text.expose();
    let secret = alpha.key.login_secret.as_ref().unwrap().expose();
    let issued = test.domain.tokens.exchange_key(key, secret, &one_hour()).await.unwrap();
    let agent_key = alpha.agent.as_ref().unwrap().1.text.expose();

    let token = forgot(&test).await;
    assert_eq!(reset(&test, &token, CHOSEN).await, Ok(()));

    for key in [key, agent_key] {
        assert!(test.domain.keys.authenticate(key).await.is_err());
    }
    assert!(test.domain.tokens.exchange_key(key, secret, &one_hour()).await.is_err());
    assert!(test.domain.tokens.authenticate(issued.text.expose()).await.is_err());
    let account = test.domain.accounts.find(alpha.account.id).await.unwrap().unwrap();
    assert!(account.email.unwrap().verified_at.is_some());
    assert!(
        has(&test, &alpha, Action::AccountReclaimed).await
            && !has(&test, &alpha, Action::PasswordReset).await
    );
}

#[tokio::test]
async fn threat_c10_the_link_that_verifies_takes_an_account_over_as_long_as_nobody_is_verified() {
    let test = TestDomain::new();
    let (alpha, token) = registered(&test).await;
    let key = alpha.key.issued.text.expose();
    let secret = alpha.key.login_secret.as_ref().unwrap().expose();
    let issued = test.domain.tokens.exchange_key(key, secret, &one_hour()).await.unwrap();
    let earlier = forgot(&test).await;
    let held = async || test.domain.single_use_tokens.holdings(alpha.account.id).await.unwrap();
    assert_eq!(held().await, Holdings { keys: 2, sessions: 0 });
    let weak = take_over(&test, &token, "short").await;
    assert_eq!(weak, Err(WeakPassword::TooShort.into()));
    assert_eq!(
        take_over(&test, &earlier, CHOSEN).await,
        Err(Unknown.into()),
        "a token is good for one thing"
    );
    assert_eq!(reset(&test, &token, CHOSEN).await, Err(Unknown.into()));

    assert_eq!(take_over(&test, &token, CHOSEN).await, Ok(()));

    assert_eq!(held().await, Holdings::default());
    assert!(test.domain.keys.authenticate(key).await.is_err());
    assert!(test.domain.tokens.authenticate(issued.text.expose()).await.is_err());
    assert!(can_log_in(&test, CHOSEN).await && !can_log_in(&test, ALPHA_PASSWORD).await);
    assert!(test.domain.accounts.find(alpha.account.id).await.unwrap().unwrap().is_verified());
    assert!(has(&test, &alpha, Action::AccountReclaimed).await);
    assert_eq!(reset(&test, &earlier, "yet-another-password").await, Err(Unknown.into()));
    assert_eq!(take_over(&test, &token, "yet-another-password").await, Err(Used.into()));
}

#[tokio::test]
async fn threat_c10_a_verified_account_is_not_taken_over_by_a_link_that_verifies() {
    let test = TestDomain::new();
    let (_, token) = registered(&test).await;
    let forgotten = forgot(&test).await;
    reset(&test, &forgotten, CHOSEN).await.unwrap();
    test.passwords.take_work();
    assert_eq!(take_over(&test, &token, "yet-another-password").await, Err(Unknown.into()));
    assert_eq!(test.passwords.take_work(), HashingWork::default());
    assert!(can_log_in(&test, CHOSEN).await);
}

#[tokio::test]
async fn on_a_verified_account_keys_survive_a_reset_and_tokens_end() {
    let test = TestDomain::new();
    let (alpha, verification) = registered(&test).await;
    verify(&test, &verification).await.unwrap();
    let key = alpha.key.issued.text.expose();
    let secret = alpha.key.login_secret.as_ref().unwrap().expose();
    let issued = test.domain.tokens.exchange_key(key, secret, &one_hour()).await.unwrap();

    let token = forgot(&test).await;
    assert_eq!(reset(&test, &token, CHOSEN).await, Ok(()));

    assert!(test.domain.keys.authenticate(key).await.is_ok());
    assert!(test.domain.tokens.authenticate(issued.text.expose()).await.is_err());
    assert!(
        has(&test, &alpha, Action::PasswordReset).await
            && !has(&test, &alpha, Action::AccountReclaimed).await
    );
}

#[tokio::test]
async fn threat_c10_whoever_registered_somebody_s_address_cannot_end_its_reset_links() {
    let test = TestDomain::new();
    let (alpha, _) = registered(&test).await;
    let attacker = test.domain.keys.authenticate(alpha.key.issued.text.expose()).await.unwrap();
    let token = forgot(&test).await;
    test.domain.tokens.log_out_everywhere(&attacker, &test.context()).await.unwrap();
    let present = keyward_domain::accounts::Password::parse(ALPHA_PASSWORD).unwrap();
    let theirs = keyward_domain::accounts::NewPassword::parse("the-attacker-s-choice", &[]).unwrap();
    let (accounts, context) = (&test.domain.accounts, test.context());
    accounts.change_password(alpha.account.id, &present, &theirs, &context).await.unwrap();
    assert_eq!(reset(&test, &token, CHOSEN).await, Ok(()));
    assert!(can_log_in(&test, CHOSEN).await && !can_log_in(&test, "the-attacker-s-choice").await);
}

#[tokio::test]
async fn threat_a5_a_token_is_worthless_once_the_account_has_another_address_or_epoch() {
    let test = TestDomain::new();
    let (alpha, verification) = registered(&test).await;
    let id = alpha.account.id;
    let verified = |at| move |account: &mut Account| account.email.as_mut().unwrap().verified_at = at;
    test.store.edit_account(id, verified(Some(keyward_domain::time::Clock::now(&*test.clock))));
    let token = forgot(&test).await;
    let present = keyward_domain::accounts::Password::parse(ALPHA_PASSWORD).unwrap();
    let chosen = keyward_domain::accounts::NewPassword::parse(CHOSEN, &[]).unwrap();
    test.domain.accounts.change_password(id, &present, &chosen, &test.context()).await.unwrap();
    assert_eq!(reset(&test, &token, "yet-another-password").await, Err(Unknown.into()));

    test.store.edit_account(id, verified(None));
    let token = forgot(&test).await;
    test.store.edit_account(id, |account| {
        account.email.as_mut().unwrap().address = EmailAddress::parse("elsewhere@example.com").unwrap();
    });
    assert_eq!(reset(&test, &token, "yet-another-password").await, Err(Unknown.into()));
    assert_eq!(verify(&test, &verification).await, Err(Unknown.into()));
    assert!(test.domain.accounts.find(id).await.unwrap().unwrap().email.unwrap().verified_at.is_none());
}

#[tokio::test]
async fn a_suspended_account_may_reset_and_stays_suspended_and_an_archived_one_is_unknown() {
    let test = TestDomain::new();
    let (alpha, _) = registered(&test).await;
    let (id, since) = (alpha.account.id, keyward_domain::time::Clock::now(&*test.clock));
    test.store.edit_account(id, |account| account.status = AccountStatus::Suspended { since });
    let token = forgot(&test).await;
    assert_eq!(reset(&test, &token, CHOSEN).await, Ok(()));
    let token = forgot(&test).await;
    let account = test.domain.accounts.find(id).await.unwrap().unwrap();
    assert_eq!(account.status, AccountStatus::Suspended { since });
    test.store.edit_account(id, |account| account.status = AccountStatus::Archived { since });
    assert_eq!(reset(&test, &token, CHOSEN).await, Err(Unknown.into()));
}

#[tokio::test]
async fn threat_c10_five_ways_to_lie_in_wait_for_somebody_s_address_come_to_nothing() {
    // The classes of Sudhodanan and Paverd, "Pre-hijacked accounts" (2022), as far as they exist here.
    let test = TestDomain::new();
    let (hijacked, verification) = registered(&test).await;
    let key = hijacked.key.issued.text.expose();
    // 1: the same address by another spelling is no second account that could be merged with the first.
    let again = RegisterAccount { email: EmailAddress::parse("ALPHA@example.com").ok(), ..beta_bot() };
    assert!(test.domain.accounts.register(again, &test.context()).await.is_err());
    test.send_mail().await;
    // 2: a session that is kept alive, 3: a key that was made before, 4: a reset link that was asked for before.
    let secret = hijacked.key.login_secret.as_ref().unwrap().expose();
    let session = test.domain.tokens.exchange_key(key, secret, &one_hour()).await.unwrap();
    let earlier = forgot(&test).await;
    let token = forgot(&test).await;
    assert_eq!(reset(&test, &earlier, "the-attacker-s-choice").await, Err(Unknown.into()));
    assert_eq!(reset(&test, &token, CHOSEN).await, Ok(()));
    assert!(test.domain.tokens.authenticate(session.text.expose()).await.is_err());
    assert!(test.domain.keys.authenticate(key).await.is_err());
    assert!(!can_log_in(&test, ALPHA_PASSWORD).await);
    // 5: whoever only registered cannot verify: the link is in the mail.
    assert_eq!(verify(&test, &verification).await, Ok(()), "it is the owner's own link, and does no harm");
}

#[tokio::test]
async fn the_mail_says_whether_keys_end() {
    let test = TestDomain::new();
    let (_, verification) = registered(&test).await;
    let ends_keys = async || {
        test.domain.mail.request_reset(&TypedIdentity::parse("AlphaBot").unwrap(), None).await.unwrap();
        match test.send_mail().await.remove(0).content {
            MailContent::ResetPassword { ends_keys, .. } => ends_keys,
            MailContent::VerifyAddress { .. } | MailContent::AddressInUse => panic!("another mail"),
        }
    };
    assert!(ends_keys().await);
    verify(&test, &verification).await.unwrap();
    assert!(!ends_keys().await);
}

#[tokio::test]
async fn a_token_that_is_looked_at_can_still_be_used() {
    let test = TestDomain::new();
    let (_, verification) = registered(&test).await;
    let token = forgot(&test).await;
    let check = async |token: &str| {
        test.domain.single_use_tokens.check(token, SingleUsePurpose::ResetPassword).await.unwrap()
    };
    let trail = test.trail(None).await.len();
    assert_eq!((check(&token).await, check(&token).await), (Ok(()), Ok(())));
    for other in [verification.as_str(), "nonsense", "", &"A".repeat(43)] {
        assert_eq!(check(other).await, Err(Unknown), "{other}");
    }
    assert_eq!(test.trail(None).await.len(), trail, "nothing was done");

    assert_eq!(reset(&test, &token, CHOSEN).await, Ok(()));
    assert_eq!(check(&token).await, Err(Used));
    let late = forgot(&test).await;
    test.clock.advance(Duration::from_secs(3_600));
    assert_eq!(check(&late).await, Err(Expired));
}

#[tokio::test]
async fn a_link_is_good_for_as_long_as_whoever_asked_for_it_promised() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    test.send_mail().await;
    let (typed, day) = (TypedIdentity::parse("alpha@example.com").unwrap(), Duration::from_secs(86_400));
    test.domain.mail.request_reset(&typed, Some(day)).await.unwrap();
    let mail = test.send_mail().await.remove(0);
    assert_eq!(mail.content.lifetime(), Some(day));
    test.clock.advance(day - Duration::from_secs(1));
    assert_eq!(reset(&test, &mailed_token(&mail), CHOSEN).await, Ok(()));
}

#[tokio::test]
async fn a_verification_is_pending_until_its_link_is_followed_or_expires() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let principal = test.domain.keys.authenticate(alpha.key.issued.text.expose()).await.unwrap();
    let is_pending = async || {
        let verification = test.domain.mail.verification(&principal).await.unwrap().unwrap();
        (verification.email.unwrap().verified_at.is_some(), verification.is_pending)
    };
    assert_eq!(is_pending().await, (false, true), "its first mail waits");
    test.send_mail().await;
    assert_eq!(is_pending().await, (false, true));
    test.clock.advance(Duration::from_secs(86_400));
    assert_eq!(is_pending().await, (false, false));

    let rung = test.bell.rung();
    test.domain.mail.request_verification(&principal).await.unwrap();
    assert_eq!((is_pending().await, test.bell.rung()), ((false, true), rung + 1));
    let token = mailed_token(&test.send_mail().await.remove(0));
    assert_eq!(verify(&test, &token).await, Ok(()));
    test.domain.mail.request_verification(&principal).await.unwrap();
    assert_eq!(is_pending().await, (true, false), "what is verified waits for nothing");
    assert!(test.send_mail().await.is_empty());
}
