//! Asking for mail, and what the worker makes of it.

use std::sync::Arc;
use std::time::Duration;

use keyward_domain::Domain;
use keyward_domain::accounts::{
    AccountStatus, AccountStore, DisplayName, EmailAddress, RegisterAccount, RegisterAccountError,
};
use keyward_domain::audit::Action;
use keyward_domain::mail::{
    Delivery, MailContent, MailFailed, MailKind, MailPolicy, MockOutbox, OutboxEntry, OutgoingMail,
    Recipient, TypedIdentity,
};
use keyward_domain::single_use::Issuance;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_testkit::domain::{TestDomain, alpha_bot, beta_bot};
use keyward_testkit::mail::mailed_token;
use keyward_testkit::passwords::HashingWork;

const DAY: Duration = Duration::from_secs(86_400);

async fn forgot(test: &TestDomain, typed: &str) {
    test.domain.mail.request_reset(&TypedIdentity::parse(typed).unwrap(), None).await.unwrap();
}

/// Delivers the one mail that is due.
async fn deliver(test: &TestDomain) -> Delivery {
    let due = test.domain.mail.claim(10).await.unwrap();
    assert_eq!(due.len(), 1, "{due:?}");
    test.domain.mail.deliver(&due[0]).await.unwrap()
}

fn kinds(mails: &[OutgoingMail]) -> Vec<&'static str> {
    let kind = |mail: &OutgoingMail| match mail.content {
        MailContent::VerifyAddress { .. } => "verify",
        MailContent::ResetPassword { ends_keys: true, .. } => "reset, ends keys",
        MailContent::ResetPassword { ends_keys: false, .. } => "reset",
        MailContent::AddressInUse => "in use",
    };
    mails.iter().map(kind).collect()
}

#[tokio::test]
async fn who_registers_with_an_address_is_asked_to_verify_it() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let entry = test.store.outbox().remove(0);
    assert_eq!(
        (entry.kind, entry.recipient),
        (MailKind::VerifyAddress, Recipient::Account(registered.account.id))
    );
    assert_eq!((entry.created_at, entry.due_at, entry.attempts), (test.clock.now(), test.clock.now(), 0));
    assert_eq!(test.bell.rung(), 1);

    let mails = test.send_mail().await;

    assert_eq!(kinds(&mails), ["verify"]);
    assert_eq!(mails[0].id, entry.id);
    assert_eq!(mails[0].to.as_typed(), "alpha@example.com");
    assert_eq!(mails[0].account_name.as_str(), "AlphaBot");
    let link = mails[0].content.link().unwrap().expose();
    assert!(link.starts_with("https://id.example.com/verify-email?token="), "{link}");
    assert_eq!(mailed_token(&mails[0]).len(), 43);
    assert_eq!(test.store.outbox(), []);
    let trail = test.trail(registered.account.id).await;
    let issued = trail.iter().find(|event| event.action == Action::VerificationIssued);
    assert_eq!(issued.map(|event| event.actor.as_str()), Some("system"));
}

#[tokio::test]
async fn who_registers_without_an_address_gets_no_mail() {
    let test = TestDomain::new();
    test.register(RegisterAccount { email: None, ..alpha_bot() }).await;
    assert_eq!(test.store.outbox(), []);
}

#[tokio::test]
async fn threat_e5_asking_for_a_reset_is_one_insert_whoever_was_meant() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    test.send_mail().await;
    let trail = test.trail(None).await;
    test.store.take_calls();
    test.passwords.take_work();
    let (macs, digests) = (test.audit_mac.calls(), test.token_digest.calls());

    for (asked, typed) in
        ["alpha@example.com", "nobody@example.com", "AlphaBot", "Nobody", "\u{0}", &"x".repeat(1_016)]
            .into_iter()
            .enumerate()
    {
        forgot(&test, typed).await;
        assert_eq!(test.store.take_calls(), ["Outbox::enqueue"], "{typed}");
        let entry = test.store.outbox().pop().unwrap();
        assert_eq!(test.store.outbox().len(), asked + 1);
        assert!(matches!(entry.recipient, Recipient::Typed(_)), "{entry:?}");
    }
    assert_eq!(test.passwords.take_work(), HashingWork::default());
    assert_eq!((test.audit_mac.calls(), test.token_digest.calls()), (macs, digests));
    assert_eq!(test.trail(None).await, trail);
}

#[tokio::test]
async fn a_reset_goes_to_the_account_that_was_meant_and_to_nobody_else() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await.account;
    test.register(beta_bot()).await;
    test.send_mail().await;
    for typed in ["alpha@example.com", " ALPHA@EXAMPLE.com ", "AlphaBot"] {
        forgot(&test, typed).await;
        let mails = test.send_mail().await;
        assert_eq!(kinds(&mails), ["reset, ends keys"], "{typed}");
        assert_eq!(mails[0].to, alpha.email.clone().unwrap().address);
        let link = mails[0].content.link().unwrap().expose().clone();
        assert!(link.starts_with("https://id.example.com/reset-password?token="), "{link}");
    }
    test.store.edit_account(alpha.id, |account| {
        account.email.as_mut().unwrap().verified_at = Some(test.clock.now());
    });
    forgot(&test, "alpha@example.com").await;
    assert_eq!(kinds(&test.send_mail().await), ["reset"]);
}

#[tokio::test]
async fn threat_e5_a_reset_for_nobody_leaves_nothing_behind() {
    let test = TestDomain::new();
    let archived = test.register(alpha_bot()).await.account.id;
    let nameless =
        RegisterAccount { display_name: DisplayName::parse("Nowhere").unwrap(), email: None, ..beta_bot() };
    test.register(nameless).await;
    test.send_mail().await;
    let since = test.clock.now();
    test.store.edit_account(archived, |account| account.status = AccountStatus::Archived { since });
    let trail = test.trail(None).await;
    for typed in ["nobody@example.com", "alpha@example.com", "AlphaBot", "Nowhere", "a\u{0}b"] {
        forgot(&test, typed).await;
        assert_eq!(deliver(&test).await, Delivery::NotNeeded, "{typed}");
    }
    assert_eq!((test.store.outbox(), test.mailer.tries()), (Vec::new(), 1));
    assert_eq!(test.trail(None).await, trail);
}

#[tokio::test]
async fn an_address_that_is_verified_by_now_is_not_asked_for_again() {
    let test = TestDomain::new();
    let id = test.register(alpha_bot()).await.account.id;
    test.store.edit_account(id, |account| {
        account.email.as_mut().unwrap().verified_at = Some(test.clock.now());
    });
    assert_eq!(deliver(&test).await, Delivery::NotNeeded);
    assert_eq!(test.store.outbox(), []);
}

#[tokio::test]
async fn threat_e4_the_owner_of_an_address_is_told_once_a_day() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    test.send_mail().await;
    let again =
        RegisterAccount { email: Some(EmailAddress::parse("ALPHA@example.com").unwrap()), ..beta_bot() };
    for expected in [1, 0, 0] {
        test.store.take_calls();
        let refused = test.domain.accounts.register(again.clone(), &test.context()).await;
        assert_eq!(refused.unwrap_err(), RegisterAccountError::EmailTaken);
        assert_eq!(test.store.take_calls(), ["AccountStore::register", "Outbox::enqueue"]);
        let mails = test.send_mail().await;
        assert_eq!(mails.len(), expected);
        assert!(mails.iter().all(|mail| mail.to.as_typed() == "alpha@example.com"));
        test.clock.advance(DAY / 4);
    }
    test.clock.advance(DAY);
    test.domain.accounts.register(again, &test.context()).await.unwrap_err();
    assert_eq!(kinds(&test.send_mail().await), ["in use"]);
}

/// The domain with the limit on links that holds where an operator says nothing.
fn limited(test: &TestDomain) -> Domain {
    let mut ports = test.ports();
    ports.mail.policy = MailPolicy::below("https://id.example.com");
    Domain::new(ports)
}

#[tokio::test]
async fn threat_a5_whoever_asks_again_and_again_leaves_a_link_that_lives_out_its_time() {
    let test = TestDomain::new();
    let domain = limited(&test);
    let id = test.register(alpha_bot()).await.account.id;
    test.send_mail().await;
    let mut mails = Vec::new();
    // One each four seconds, for an hour.
    for _ in 0..900 {
        forgot(&test, "alpha@example.com").await;
        for entry in domain.mail.claim(10).await.unwrap() {
            domain.mail.deliver(&entry).await.unwrap();
        }
        mails.extend(test.mailer.take());
        assert_eq!(test.store.outbox(), [], "what is beyond the limit is dropped");
        test.clock.advance(Duration::from_secs(4));
    }
    assert_eq!(mails.len(), 5);
    let issued = test.trail(id).await.into_iter().filter(|event| event.action == Action::PasswordResetIssued);
    assert_eq!(issued.count(), 5);
    let token = mailed_token(mails.last().unwrap());
    let context = test.context();
    let reset = test.domain.single_use_tokens.reset_password(&token, "another-fine-password", &context);
    assert_eq!(reset.await, Ok(()));
    // An hour after the first of them there is room again.
    forgot(&test, "alpha@example.com").await;
    let due = domain.mail.claim(10).await.unwrap();
    assert_eq!(domain.mail.deliver(&due[0]).await, Ok(Delivery::Sent));
}

#[tokio::test]
async fn a_mail_that_keeps_failing_is_tried_beyond_the_number_of_links() {
    let test = TestDomain::new();
    let domain = limited(&test);
    test.register(alpha_bot()).await;
    test.mailer.set_outage(Some(MailFailed::ForNow("away".to_owned())));
    for _ in 0..8 {
        let due = domain.mail.claim(10).await.unwrap();
        assert_eq!(domain.mail.deliver(&due[0]).await, Ok(Delivery::Postponed("away".to_owned())));
        test.clock.advance(Duration::from_secs(750));
    }
    test.mailer.set_outage(None);
    let due = domain.mail.claim(10).await.unwrap();
    assert_eq!(domain.mail.deliver(&due[0]).await, Ok(Delivery::Sent));
}

#[tokio::test]
async fn a_notice_that_failed_is_tried_again() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    test.send_mail().await;
    test.domain.accounts.register(alpha_bot(), &test.context()).await.unwrap_err();
    test.mailer.fail_next(MailFailed::ForNow("away".to_owned()));
    assert_eq!(deliver(&test).await, Delivery::Postponed("away".to_owned()));
    test.clock.advance(Duration::from_secs(13));
    assert_eq!(deliver(&test).await, Delivery::Sent);
}

#[tokio::test]
async fn threat_d4_a_mail_that_fails_is_tried_again_later_and_later() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    test.mailer.set_outage(Some(MailFailed::ForNow("the server is away".to_owned())));
    for wait in [10, 30, 60, 120, 300, 600, 600] {
        assert_eq!(deliver(&test).await, Delivery::Postponed("the server is away".to_owned()));
        test.clock.advance(Duration::from_secs(wait) - Duration::from_micros(1));
        assert_eq!(test.domain.mail.claim(10).await, Ok(Vec::new()), "{wait}");
        test.clock.advance(Duration::from_secs(wait / 4 + 1));
    }
    test.mailer.set_outage(None);
    assert_eq!(deliver(&test).await, Delivery::Sent);
    assert_eq!(test.store.outbox(), []);
}

#[tokio::test]
async fn threat_d4_a_mail_is_given_up_after_a_day() {
    let test = TestDomain::new();
    let id = test.register(alpha_bot()).await.account.id;
    test.mailer.set_outage(Some(MailFailed::ForNow("the server is away".to_owned())));
    let begin = test.clock.now();
    let mut last = deliver(&test).await;
    while matches!(last, Delivery::Postponed(_)) {
        test.clock.advance(Duration::from_secs(750));
        last = deliver(&test).await;
    }
    assert_eq!(last, Delivery::Abandoned("the server is away".to_owned()));
    assert!(test.clock.now() < begin.saturating_add(DAY));
    assert!(test.mailer.tries() > 100);
    assert_eq!(test.store.outbox(), []);
    let newest = test.trail(id).await.into_iter().find(|event| event.action == Action::MailAbandoned);
    assert!(newest.unwrap().target.starts_with("mail:"));

    // One that nobody looked at for a day is not even tried.
    forgot(&test, "alpha@example.com").await;
    test.clock.advance(DAY);
    test.mailer.set_outage(None);
    let tries = test.mailer.tries();
    assert_eq!(deliver(&test).await, Delivery::Abandoned("it is a day old".to_owned()));
    assert_eq!(test.mailer.tries(), tries);
}

#[tokio::test]
async fn a_mail_that_is_refused_is_given_up_at_once() {
    let test = TestDomain::new();
    let id = test.register(alpha_bot()).await.account.id;
    test.mailer.fail_next(MailFailed::ForGood("no such mailbox".to_owned()));
    assert_eq!(deliver(&test).await, Delivery::Abandoned("no such mailbox".to_owned()));
    assert_eq!(test.store.outbox(), []);
    assert!(test.trail(id).await.iter().any(|event| event.action == Action::MailAbandoned));
}

#[tokio::test]
async fn threat_d6_a_mail_that_was_being_sent_in_a_crash_is_sent_after_it_with_a_token_of_its_own() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    // Killed after the mail was taken up, and once more after it was sent and before that was written down.
    assert_eq!(test.domain.mail.claim(10).await.unwrap().len(), 1);
    assert_eq!(test.domain.mail.claim(10).await, Ok(Vec::new()));
    test.clock.advance(Duration::from_secs(120));
    test.store.set_outage_of("Outbox::done", StoreError::Busy);
    let due = test.domain.mail.claim(10).await.unwrap();
    assert_eq!(test.domain.mail.deliver(&due[0]).await, Err(StoreError::Busy));
    test.clock.advance(Duration::from_secs(120));
    let due = test.domain.mail.claim(10).await.unwrap();
    let _ = test.domain.mail.deliver(&due[0]).await;
    let mails = test.mailer.take();
    assert_eq!((mails.len(), mails[0].id), (2, mails[1].id));

    let verify = async |mail: &OutgoingMail| {
        let context = test.context();
        test.domain.single_use_tokens.verify_address(&mailed_token(mail), &context).await.map(drop)
    };
    assert!(verify(&mails[0]).await.is_err(), "the newer mail has ended the older one's token");
    assert_eq!(verify(&mails[1]).await, Ok(()));
}

#[tokio::test]
async fn threat_d5_a_busy_store_delays_a_mail_by_seconds_and_loses_none() {
    let outages = [StoreError::Busy, StoreError::Unavailable("connection refused".to_owned())];
    for method in ["AccountStore::find", "SingleUseTokenStore::issue"] {
        for outage in &outages {
            let test = TestDomain::new();
            test.register(alpha_bot()).await;
            test.store.set_outage_of(method, outage.clone());
            assert_eq!(deliver(&test).await, Delivery::Postponed(outage.to_string()), "{method}");
            test.store.set_outage(None);
            test.clock.advance(Duration::from_secs(15));
            assert_eq!(deliver(&test).await, Delivery::Sent, "{method}");
        }
    }
}

#[tokio::test]
async fn threat_d5_a_mail_that_cannot_be_postponed_is_due_again_when_its_lease_is_over() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let due = test.domain.mail.claim(10).await.unwrap();
    test.store.set_outage(Some(StoreError::Busy));
    assert_eq!(test.domain.mail.deliver(&due[0]).await, Err(StoreError::Busy));
    test.store.set_outage(None);
    test.clock.advance(OutboxEntry::LEASE);
    assert_eq!(deliver(&test).await, Delivery::Sent);
}

#[tokio::test]
async fn threat_d5_a_mail_is_sent_once_though_the_store_is_too_busy_to_hear_so() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let due = test.domain.mail.claim(10).await.unwrap();
    let (mut outbox, store, mut busy) = (MockOutbox::new(), test.store.clone(), true);
    outbox.expect_done().times(2).returning(move |id| {
        if std::mem::take(&mut busy) { Err(StoreError::Busy) } else { Ok(store.outbox()[0].id == id) }
    });
    let mut ports = test.ports();
    ports.mail.outbox = Arc::new(outbox);
    assert_eq!(Domain::new(ports).mail.deliver(&due[0]).await, Ok(Delivery::Sent));
    assert_eq!(test.mailer.tries(), 1);
}

#[tokio::test]
async fn an_account_that_changes_meanwhile_is_looked_at_again() {
    let test = TestDomain::new();
    let id = test.register(alpha_bot()).await.account.id;
    let mut tokens = keyward_domain::single_use::MockSingleUseTokenStore::new();
    let (mut rounds, store) = (0, test.store.clone());
    tokens.expect_issue().times(3).returning(move |_, _, _| {
        rounds += 1;
        store.edit_account(id, |account| account.epoch = account.epoch.next());
        Ok(if rounds == 3 { Issuance::Issued } else { Issuance::Overtaken })
    });
    let mut ports = test.ports();
    ports.mail.tokens = Arc::new(tokens);
    let domain = Domain::new(ports);
    let due = domain.mail.claim(10).await.unwrap();
    assert_eq!(domain.mail.deliver(&due[0]).await, Ok(Delivery::Sent));
    assert!(AccountStore::find(&*test.store, id).await.unwrap().is_some());
}
