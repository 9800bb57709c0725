//! The contract of [`Outbox`](keyward_domain::mail::Outbox).

use std::collections::BTreeSet;
use std::time::Duration;

use keyward_domain::accounts::Account;
use keyward_domain::audit::Action;
use keyward_domain::ids::MailId;
use keyward_domain::mail::{AddressNotice, MailKind, OutboxDepth, OutboxEntry};
use keyward_domain::store::StoreError;

use super::Stores;
use super::race::{RACERS, patiently, race};
use crate::builders::Samples;

/// The ids of what is due at that second, taken up until ten minutes later.
async fn claim(stores: &Stores, samples: &Samples, second: u64, limit: u16) -> Vec<MailId> {
    let (now, until) = (samples.at(second), samples.at(second + 600));
    let claimed = stores.outbox.claim(now, until, limit).await.unwrap();
    assert!(claimed.iter().all(|entry| entry.due_at == until), "{claimed:?}");
    claimed.iter().map(|entry| entry.id).collect()
}

async fn enqueue(stores: &Stores, entry: &OutboxEntry) {
    stores.outbox.enqueue(entry.clone()).await.unwrap();
}

async fn account(stores: &Stores, samples: &Samples) -> Account {
    let registration = samples.registration();
    stores.register(samples, &registration).await;
    registration.account
}

/// A new outbox holds nothing.
pub async fn a_new_outbox_is_empty(stores: &Stores) {
    let samples = Samples::new();
    assert_eq!(claim(stores, &samples, 1_000, 10).await, []);
    assert_eq!(stores.outbox.depth().await, Ok(OutboxDepth { count: 0, oldest: None }));
}

/// An entry comes back as it was put in, of each kind and for each kind of recipient, but for when it is due.
pub async fn an_entry_comes_back_as_it_was_written(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    for &kind in MailKind::ALL {
        for entry in [samples.mail_to(owner.id, samples.at(1)), samples.mail_to_somebody(samples.at(1))] {
            let link_lifetime = (kind == MailKind::ResetPassword).then_some(DAY);
            let entry = OutboxEntry { kind, link_lifetime, attempts: 7, ..entry };
            enqueue(stores, &entry).await;
            let claimed = stores.outbox.claim(samples.at(2), samples.at(60), 10).await.unwrap();
            assert_eq!(claimed, [OutboxEntry { due_at: samples.at(60), ..entry.clone() }]);
            assert_eq!(stores.outbox.done(entry.id).await, Ok(true));
        }
    }
}

/// A registration's mail is written with it, and not without it.
pub async fn a_registration_is_written_with_its_mail_or_neither_is(stores: &Stores) {
    let samples = Samples::new();
    let (mut first, mut second) = (samples.registration(), samples.registration());
    second.account.email = first.account.email.clone();
    first.mail = Some(samples.mail_to(first.account.id, samples.at(0)));
    second.mail = Some(samples.mail_to(second.account.id, samples.at(0)));
    stores.register(&samples, &first).await;
    let refused = stores.accounts.register(second.clone(), samples.registered(&second)).await;
    assert!(refused.is_err());
    assert_eq!(claim(stores, &samples, 0, 10).await, [first.mail.unwrap().id]);
}

/// What is due is taken up, that which has been due longest first, and no more than was asked for.
pub async fn what_has_been_due_longest_is_taken_up_first(stores: &Stores) {
    let samples = Samples::new();
    let at = |second| samples.mail_to_somebody(samples.at(second));
    let (third, first, later, second) = (at(30), at(10), at(41), at(20));
    for entry in [&third, &first, &later, &second] {
        enqueue(stores, entry).await;
    }
    assert_eq!(claim(stores, &samples, 40, 2).await, [first.id, second.id]);
    assert_eq!(claim(stores, &samples, 40, 2).await, [third.id]);
    assert_eq!(claim(stores, &samples, 40, 2).await, []);
    assert_eq!(claim(stores, &samples, 41, 2).await, [later.id]);
}

/// Whoever takes an entry up has it until its lease is over; if it says nothing until then, the entry is due again.
pub async fn threat_d6_an_entry_whose_taker_says_nothing_is_due_again(stores: &Stores) {
    let samples = Samples::new();
    let entry = samples.mail_to_somebody(samples.at(0));
    enqueue(stores, &entry).await;
    assert_eq!(claim(stores, &samples, 0, 10).await, [entry.id]);
    assert_eq!(claim(stores, &samples, 599, 10).await, []);
    assert_eq!(claim(stores, &samples, 600, 10).await, [entry.id]);
}

/// What is done is gone, and done once.
pub async fn what_is_done_is_gone(stores: &Stores) {
    let samples = Samples::new();
    let (entry, other) = (samples.mail_to_somebody(samples.at(0)), samples.mail_to_somebody(samples.at(1)));
    enqueue(stores, &entry).await;
    enqueue(stores, &other).await;
    assert_eq!(stores.outbox.done(entry.id).await, Ok(true));
    assert_eq!(stores.outbox.done(entry.id).await, Ok(false));
    assert_eq!(claim(stores, &samples, 1_000, 10).await, [other.id]);
    assert_eq!(stores.trail(None).await, []);
}

/// What failed is due again when it was said, with one more attempt, and it is one entry that changes.
pub async fn threat_k11_what_is_postponed_is_due_again_later(stores: &Stores) {
    let samples = Samples::new();
    let (entry, other) = (samples.mail_to_somebody(samples.at(0)), samples.mail_to_somebody(samples.at(0)));
    enqueue(stores, &entry).await;
    enqueue(stores, &other).await;
    let claimed = stores.outbox.claim(samples.at(0), samples.at(120), 10).await.unwrap();
    let mine = claimed.iter().find(|claimed| claimed.id == entry.id).unwrap();
    assert_eq!(stores.outbox.postpone(mine, samples.at(10)).await, Ok(true));
    let again = stores.outbox.claim(samples.at(10), samples.at(130), 10).await.unwrap();
    assert_eq!(again, [OutboxEntry { attempts: 1, due_at: samples.at(130), ..entry }]);
    let untouched = stores.outbox.claim(samples.at(120), samples.at(240), 10).await.unwrap();
    assert_eq!(untouched, [OutboxEntry { due_at: samples.at(240), ..other }]);
}

/// Whoever was too slow and has lost an entry to somebody else postpones nothing.
pub async fn an_entry_that_somebody_else_has_taken_up_is_not_postponed(stores: &Stores) {
    let samples = Samples::new();
    let entry = samples.mail_to_somebody(samples.at(0));
    enqueue(stores, &entry).await;
    let slow = stores.outbox.claim(samples.at(0), samples.at(120), 1).await.unwrap().remove(0);
    let quick = stores.outbox.claim(samples.at(120), samples.at(240), 1).await.unwrap().remove(0);
    assert_eq!(stores.outbox.postpone(&slow, samples.at(121)).await, Ok(false));
    assert_eq!(claim(stores, &samples, 121, 1).await, []);
    assert_eq!(stores.outbox.postpone(&quick, samples.at(130)).await, Ok(true));
    assert_eq!(stores.outbox.postpone(&quick, samples.at(140)).await, Ok(false));
    stores.outbox.done(entry.id).await.unwrap();
    assert_eq!(stores.outbox.postpone(&quick, samples.at(150)).await, Ok(false));
}

/// What is given up is gone, with its event; what is gone is not given up.
pub async fn what_is_given_up_is_gone_with_its_event(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let (entry, other) = (samples.mail_to(owner.id, samples.at(0)), samples.mail_to_somebody(samples.at(1)));
    enqueue(stores, &entry).await;
    enqueue(stores, &other).await;
    let event = samples.event(Action::MailAbandoned, owner.id, samples.at(2));
    assert_eq!(stores.outbox.abandon(entry.id, event.clone()).await, Ok(true));
    let again = samples.event(Action::MailAbandoned, owner.id, samples.at(3));
    assert_eq!(stores.outbox.abandon(entry.id, again).await, Ok(false));
    assert_eq!(stores.trail(owner.id).await.first(), Some(&event));
    assert_eq!(stores.trail(owner.id).await.len(), 2);
    assert_eq!(claim(stores, &samples, 1_000, 10).await, [other.id]);
}

/// The depth counts all that waits, due or not, and knows how old the oldest is.
pub async fn the_depth_counts_all_that_waits(stores: &Stores) {
    let samples = Samples::new();
    for second in [20, 10, 30] {
        enqueue(stores, &samples.mail_to_somebody(samples.at(second))).await;
    }
    let expected = OutboxDepth { count: 3, oldest: Some(samples.at(10)) };
    assert_eq!(stores.outbox.depth().await, Ok(expected));
    claim(stores, &samples, 40, 10).await;
    assert_eq!(stores.outbox.depth().await, Ok(expected));
}

/// Of many servers at the same time each entry is one's.
pub async fn of_32_claims_each_entry_is_one_s(stores: &Stores) {
    let samples = Samples::new();
    let entries: Vec<_> = (0..40).map(|_| samples.mail_to_somebody(samples.at(0))).collect();
    for entry in &entries {
        enqueue(stores, entry).await;
    }
    let claimed = race(|_| {
        let (outbox, now, until) = (stores.outbox.clone(), samples.at(1), samples.at(600));
        async move { patiently(|| outbox.claim(now, until, 3)).await.unwrap() }
    })
    .await;
    let mut claimed: Vec<MailId> = claimed.into_iter().flatten().map(|entry| entry.id).collect();
    claimed.extend(claim(stores, &samples, 1, 100).await);
    let distinct: BTreeSet<_> = claimed.iter().copied().collect();
    assert_eq!((claimed.len(), distinct.len()), (entries.len(), entries.len()));
}

/// An owner is told once a day, however often somebody tries, and again if the mail that told them failed.
pub async fn threat_e4_an_owner_is_told_once_a_day(stores: &Stores) {
    let samples = Samples::new();
    let (owner, other) = (account(stores, &samples).await, account(stores, &samples).await);
    let (mail, another) = (samples.mail_id(), samples.mail_id());
    let note = async |account: &Account, mail: MailId, second: u64| {
        let (account, at) = (account.id, samples.at(second));
        let notice = AddressNotice { account, mail, at, unless_since: at.saturating_sub(DAY) };
        let event = samples.event(Action::AddressNoticeIssued, account, at);
        stores.outbox.note_address_in_use(notice, event).await
    };
    assert_eq!(note(&owner, mail, 0).await, Ok(true));
    assert_eq!(note(&owner, another, 0).await, Ok(false));
    assert_eq!(note(&owner, another, 86_399).await, Ok(false));
    assert_eq!(note(&owner, mail, 60).await, Ok(true), "the same mail may be tried again");
    assert_eq!(note(&other, another, 60).await, Ok(true), "another account's owner knows nothing yet");
    assert_eq!(note(&owner, another, 86_460).await, Ok(true));
    assert_eq!(note(&owner, mail, 86_461).await, Ok(false));
    let nobody = Account { id: samples.account_id(), ..owner.clone() };
    assert_eq!(note(&nobody, mail, 0).await, Ok(false));
    assert_eq!(stores.trail(owner.id).await.len(), 4);
    assert_eq!(stores.trail(nobody.id).await.len(), 0);
}

/// Many mails for one owner at the same time: one tells them.
pub async fn of_32_notices_exactly_one_is_given(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let results: Vec<Result<bool, StoreError>> = race(|_| {
        let (outbox, at) = (stores.outbox.clone(), samples.at(1));
        let (account, mail, unless_since) = (owner.id, samples.mail_id(), at.saturating_sub(DAY));
        let notice = AddressNotice { account, mail, at, unless_since };
        let event = samples.event(Action::AddressNoticeIssued, account, at);
        async move { patiently(|| outbox.note_address_in_use(notice, event.clone())).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| **result == Ok(true)).count(), 1);
    assert_eq!(results.iter().filter(|result| **result == Ok(false)).count(), RACERS - 1);
    assert_eq!(stores.trail(owner.id).await.len(), 2);
}

const DAY: Duration = Duration::from_secs(86_400);
