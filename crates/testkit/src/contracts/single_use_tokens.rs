//! The contract of [`SingleUseTokenStore`](keyward_domain::single_use::SingleUseTokenStore), but for the reset.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use keyward_domain::accounts::{Account, AccountEmail, AccountStatus, EmailAddress, Epoch};
use keyward_domain::audit::{Action, AuditEvent};
use keyward_domain::mail::{MailKind, OutboxEntry};
use keyward_domain::secret::Digest;
use keyward_domain::single_use::SingleUsePurpose::{ResetPassword, VerifyAddress};
use keyward_domain::single_use::SingleUseTokenRefused::{Expired, Unknown, Used};
use keyward_domain::single_use::{Issuance, IssueLimit, Redemption, SingleUsePurpose, SingleUseToken};
use keyward_domain::store::StoreError;

use super::Stores;
use super::race::{RACERS, patiently, race};
use super::same::assert_same_account;
use crate::builders::Samples;

/// A registered account whose address was not verified yet.
pub(super) async fn account(stores: &Stores, samples: &Samples) -> Account {
    let registration = samples.registration();
    stores.register(samples, &registration).await;
    registration.account
}

pub(super) fn issued(samples: &Samples, token: &SingleUseToken) -> AuditEvent {
    let action = match token.binding.purpose() {
        VerifyAddress => Action::VerificationIssued,
        ResetPassword => Action::PasswordResetIssued,
    };
    samples.event(action, token.account, token.created_at)
}

/// A token of the account, issued at that second.
pub(super) async fn issue(
    stores: &Stores,
    samples: &Samples,
    account: &Account,
    purpose: SingleUsePurpose,
    second: u64,
) -> SingleUseToken {
    let token = samples.single_use_token(account, purpose, samples.at(second));
    let event = issued(samples, &token);
    let issuance = stores.single_use_tokens.issue(token.clone(), None, event).await;
    assert_eq!(issuance, Ok(Issuance::Issued));
    token
}

async fn verify(
    stores: &Stores,
    samples: &Samples,
    token: &SingleUseToken,
    second: u64,
) -> Result<Redemption, StoreError> {
    let event = samples.event(Action::AddressVerified, token.account, samples.at(second));
    stores.single_use_tokens.verify_address(token.digest, samples.at(second), event).await
}

pub(super) async fn stored(stores: &Stores, account: &Account) -> Account {
    stores.accounts.find(account.id).await.unwrap().unwrap()
}

/// What is not there is absent, and no use of it does anything.
pub async fn an_unknown_token_is_absent(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let never = samples.single_use_token(&owner, VerifyAddress, samples.at(0));
    assert_eq!(stores.single_use_tokens.find(never.digest).await, Ok(None));
    assert_eq!(verify(stores, &samples, &never, 1).await, Ok(Redemption::Refused(Unknown)));
    assert_same_account(&stored(stores, &owner).await, &owner);
    assert_eq!(stores.trail(None).await.len(), 1);
}

/// A token comes back as it was written, with its account, before and after its use.
pub async fn a_token_comes_back_with_its_account(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    for purpose in [ResetPassword, VerifyAddress] {
        let token = issue(stores, &samples, &owner, purpose, 1).await;
        assert_eq!(
            stores.single_use_tokens.find(token.digest).await,
            Ok(Some((token.clone(), owner.clone())))
        );
        let last = token.digest.as_bytes().map(|byte| byte ^ 1);
        assert_eq!(stores.single_use_tokens.find(Digest::new(last)).await, Ok(None));
    }
    let token = issue(stores, &samples, &owner, VerifyAddress, 2).await;
    assert_eq!(verify(stores, &samples, &token, 3).await, Ok(Redemption::Redeemed));
    let (used, of) = stores.single_use_tokens.find(token.digest).await.unwrap().unwrap();
    assert_eq!(used, SingleUseToken { used_at: Some(samples.at(3)), ..token });
    assert_eq!(of.email.unwrap().verified_at, Some(samples.at(3)));
}

/// A token verifies its account's address once, with its event.
pub async fn an_address_is_verified_once(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let token = issue(stores, &samples, &owner, VerifyAddress, 1).await;
    assert_eq!(verify(stores, &samples, &token, 2).await, Ok(Redemption::Redeemed));
    assert_eq!(verify(stores, &samples, &token, 3).await, Ok(Redemption::Refused(Used)));
    let email = owner.email.clone().map(|email| AccountEmail { verified_at: Some(samples.at(2)), ..email });
    assert_same_account(&stored(stores, &owner).await, &Account { email, ..owner.clone() });
    let actions: Vec<_> = stores.trail(owner.id).await.iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::AddressVerified, Action::VerificationIssued, Action::AccountRegistered]);
}

/// An address that is verified again keeps the moment at which it was first.
pub async fn an_address_keeps_the_moment_of_its_first_verification(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let first = issue(stores, &samples, &owner, VerifyAddress, 0).await;
    assert_eq!(verify(stores, &samples, &first, 1).await, Ok(Redemption::Redeemed));
    let second = issue(stores, &samples, &owner, VerifyAddress, 2).await;
    assert_eq!(verify(stores, &samples, &second, 3).await, Ok(Redemption::Redeemed));
    assert_eq!(stored(stores, &owner).await.email.unwrap().verified_at, Some(samples.at(1)));
}

/// A token is good until its end and not at it, and is told from one that never was.
pub async fn a_token_expires(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let token = issue(stores, &samples, &owner, VerifyAddress, 0).await;
    assert_eq!(verify(stores, &samples, &token, 3_600).await, Ok(Redemption::Refused(Expired)));
    assert_eq!(stored(stores, &owner).await.email.unwrap().verified_at, None);
    assert_eq!(verify(stores, &samples, &token, 3_599).await, Ok(Redemption::Redeemed));
    assert_eq!(verify(stores, &samples, &token, 9_999).await, Ok(Redemption::Refused(Used)));
}

/// A newer token ends the older one of its account and purpose, and no other. What was used or has expired is still
/// told apart.
pub async fn threat_k11_a_newer_token_ends_the_older_one_of_its_kind(stores: &Stores) {
    let samples = Samples::new();
    let (owner, other) = (account(stores, &samples).await, account(stores, &samples).await);
    let used = issue(stores, &samples, &owner, VerifyAddress, 0).await;
    assert_eq!(verify(stores, &samples, &used, 1).await, Ok(Redemption::Redeemed));
    let expired = issue(stores, &samples, &owner, VerifyAddress, 2).await;
    let older = issue(stores, &samples, &owner, VerifyAddress, 4_000).await;
    let others = issue(stores, &samples, &other, VerifyAddress, 4_000).await;
    let reset = issue(stores, &samples, &owner, ResetPassword, 4_000).await;

    let newer = issue(stores, &samples, &owner, VerifyAddress, 4_001).await;

    assert_eq!(verify(stores, &samples, &older, 4_002).await, Ok(Redemption::Refused(Unknown)));
    assert_eq!(verify(stores, &samples, &used, 4_002).await, Ok(Redemption::Refused(Used)));
    assert_eq!(verify(stores, &samples, &expired, 4_002).await, Ok(Redemption::Refused(Expired)));
    assert!(stores.single_use_tokens.find(reset.digest).await.unwrap().is_some());
    assert_eq!(verify(stores, &samples, &newer, 4_002).await, Ok(Redemption::Redeemed));
    assert_eq!(stored(stores, &other).await.email.unwrap().verified_at, None);
    assert_eq!(verify(stores, &samples, &others, 4_003).await, Ok(Redemption::Redeemed));
}

/// A token of one purpose is none for another.
pub async fn threat_j8_a_token_is_good_for_its_purpose_only(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let reset = issue(stores, &samples, &owner, ResetPassword, 0).await;
    assert_eq!(verify(stores, &samples, &reset, 1).await, Ok(Redemption::Refused(Unknown)));
    assert_same_account(&stored(stores, &owner).await, &owner);
}

/// A token is issued only to an account that is what it is bound to: not archived, with this address, and, if that is
/// verified, in this epoch.
pub async fn a_token_is_issued_to_what_it_is_bound_to(stores: &Stores) {
    let samples = Samples::new();
    let mut registration = samples.registration();
    registration.account.email.as_mut().unwrap().verified_at = Some(samples.at(0));
    stores.register(&samples, &registration).await;
    let owner = registration.account;
    let good = samples.single_use_token(&owner, ResetPassword, samples.at(1));
    let later = Account { epoch: Epoch::FIRST.next(), ..owner.clone() };
    let elsewhere = EmailAddress::parse("elsewhere@example.com").unwrap();
    let nobody = SingleUseToken { account: samples.account_id(), ..good.clone() };
    let wrong = [
        samples.single_use_token(&later, ResetPassword, samples.at(1)),
        SingleUseToken { address: elsewhere, ..good.clone() },
        nobody,
    ];
    for token in wrong {
        let event = issued(&samples, &token);
        assert_eq!(stores.single_use_tokens.issue(token.clone(), None, event).await, Ok(Issuance::Overtaken));
        assert_eq!(stores.single_use_tokens.find(token.digest).await, Ok(None));
    }
    let archived = AccountStatus::Archived { since: samples.at(2) };
    let event = samples.event(Action::AccountArchived, owner.id, samples.at(2));
    stores
        .accounts
        .change_status(owner.id, Epoch::FIRST, AccountStatus::Active, archived, event)
        .await
        .unwrap();
    let event = issued(&samples, &good);
    assert_eq!(stores.single_use_tokens.issue(good, None, event).await, Ok(Issuance::Overtaken));
    assert_eq!(stores.trail(owner.id).await.len(), 2);
}

/// No more tokens of a purpose are issued than the limit lets since its moment, and the newest one stays good. Those of
/// another purpose or account, and older ones, do not count.
pub async fn no_more_tokens_are_issued_than_the_limit_lets(stores: &Stores) {
    let samples = Samples::new();
    let (owner, other) = (account(stores, &samples).await, account(stores, &samples).await);
    let limited = async |account: &Account, purpose, second: u64| {
        let token = samples.single_use_token(account, purpose, samples.at(second));
        let since = samples.at(second).saturating_sub(Duration::from_secs(100));
        let limit = IssueLimit { most: NonZeroU32::new(2).unwrap(), since };
        let event = issued(&samples, &token);
        (stores.single_use_tokens.issue(token.clone(), Some(limit), event).await.unwrap(), token)
    };
    assert_eq!(limited(&owner, VerifyAddress, 1_000).await.0, Issuance::Issued);
    let (second, newest) = limited(&owner, VerifyAddress, 1_010).await;
    assert_eq!(second, Issuance::Issued);
    let trail = stores.trail(owner.id).await.len();
    assert_eq!(limited(&owner, VerifyAddress, 1_099).await.0, Issuance::Enough);
    assert_eq!(stores.trail(owner.id).await.len(), trail);
    assert_eq!(limited(&owner, ResetPassword, 1_099).await.0, Issuance::Issued);
    assert_eq!(limited(&other, VerifyAddress, 1_099).await.0, Issuance::Issued);
    assert_eq!(verify(stores, &samples, &newest, 1_099).await, Ok(Redemption::Redeemed));
    assert_eq!(limited(&owner, VerifyAddress, 1_100).await.0, Issuance::Issued, "the first counts no more");
}

/// Of many issues at the same time no more succeed than the limit lets.
pub async fn of_32_issues_with_room_for_two_exactly_two_succeed(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let results = race(|_| {
        let (tokens, at) = (stores.single_use_tokens.clone(), samples.at(1));
        let token = samples.single_use_token(&owner, ResetPassword, at);
        let limit = IssueLimit { most: NonZeroU32::new(2).unwrap(), since: samples.at(0) };
        let event = issued(&samples, &token);
        async move { patiently(|| tokens.issue(token.clone(), Some(limit), event.clone())).await }
    })
    .await;
    let count = |outcome| results.iter().filter(|result| **result == Ok(outcome)).count();
    assert_eq!((count(Issuance::Issued), count(Issuance::Enough)), (2, RACERS - 2));
}

/// A token of an account that is archived by now is unknown; one of a suspended account is good.
pub async fn a_token_of_an_archived_account_is_unknown(stores: &Stores) {
    let samples = Samples::new();
    let since = samples.at(1);
    for (status, action, expected) in [
        (AccountStatus::Suspended { since }, Action::AccountSuspended, Redemption::Redeemed),
        (AccountStatus::Archived { since }, Action::AccountArchived, Redemption::Refused(Unknown)),
    ] {
        let owner = account(stores, &samples).await;
        let token = issue(stores, &samples, &owner, VerifyAddress, 0).await;
        let event = samples.event(action, owner.id, since);
        let from = AccountStatus::Active;
        stores.accounts.change_status(owner.id, Epoch::FIRST, from, status, event).await.unwrap();
        assert_eq!(verify(stores, &samples, &token, 2).await, Ok(expected));
        assert_eq!(stored(stores, &owner).await.status, status);
    }
}

/// A verification is pending while its mail waits or its token is good, and for its account only. A reset is none.
pub async fn a_verification_is_pending_from_its_mail_to_the_end_of_its_token(stores: &Stores) {
    let samples = Samples::new();
    let (owner, other) = (account(stores, &samples).await, account(stores, &samples).await);
    let pending = async |second: u64| {
        let at = |account: &Account| {
            stores.single_use_tokens.is_verification_pending(account.id, samples.at(second))
        };
        (at(&owner).await.unwrap(), at(&other).await.unwrap())
    };
    issue(stores, &samples, &owner, ResetPassword, 0).await;
    let notice = OutboxEntry { kind: MailKind::AddressInUse, ..samples.mail_to(owner.id, samples.at(0)) };
    for entry in [notice, samples.mail_to_somebody(samples.at(0))] {
        stores.outbox.enqueue(entry).await.unwrap();
    }
    assert_eq!(pending(0).await, (false, false));

    let mail = samples.mail_to(owner.id, samples.at(0));
    stores.outbox.enqueue(mail.clone()).await.unwrap();
    assert_eq!(pending(9_999).await, (true, false));
    assert_eq!(stores.outbox.done(mail.id).await, Ok(true));
    assert_eq!(pending(0).await, (false, false));

    let token = issue(stores, &samples, &owner, VerifyAddress, 0).await;
    assert_eq!((pending(3_599).await, pending(3_600).await), ((true, false), (false, false)));
    assert_eq!(verify(stores, &samples, &token, 1).await, Ok(Redemption::Redeemed));
    assert_eq!(pending(1).await, (false, false));
}

/// Tokens are forgotten by their end, used or not.
pub async fn tokens_are_forgotten_by_their_end(stores: &Stores) {
    let samples = Samples::new();
    let (owner, other) = (account(stores, &samples).await, account(stores, &samples).await);
    let first = issue(stores, &samples, &owner, VerifyAddress, 0).await;
    verify(stores, &samples, &first, 1).await.unwrap();
    let second = issue(stores, &samples, &other, VerifyAddress, 10).await;
    let known = async || {
        let find = async |token: &SingleUseToken| stores.single_use_tokens.find(token.digest).await;
        (find(&first).await.unwrap().is_some(), find(&second).await.unwrap().is_some())
    };
    stores.single_use_tokens.forget(samples.at(3_599)).await.unwrap();
    assert_eq!(known().await, (true, true));
    stores.single_use_tokens.forget(samples.at(3_600)).await.unwrap();
    assert_eq!(known().await, (false, true));
}

/// What waits for an account or proves something of it goes with it, and nothing of others.
pub async fn threat_k11_an_erasure_takes_an_account_s_mails_and_tokens(stores: &Stores) {
    let samples = Samples::new();
    let (owner, other) = (account(stores, &samples).await, account(stores, &samples).await);
    let token = issue(stores, &samples, &owner, VerifyAddress, 0).await;
    let others = issue(stores, &samples, &other, VerifyAddress, 0).await;
    let kept = [samples.mail_to(other.id, samples.at(0)), samples.mail_to_somebody(samples.at(0))];
    for entry in kept.iter().chain([&samples.mail_to(owner.id, samples.at(0))]) {
        stores.outbox.enqueue(entry.clone()).await.unwrap();
    }
    let event = samples.event(Action::AccountErased, owner.id, samples.at(1));
    assert_eq!(stores.accounts.erase(owner.id, event).await, Ok(true));

    assert_eq!(stores.single_use_tokens.find(token.digest).await, Ok(None));
    assert_eq!(verify(stores, &samples, &token, 2).await, Ok(Redemption::Refused(Unknown)));
    let left = stores.outbox.claim(samples.at(2), samples.at(60), 10).await.unwrap();
    let ids: BTreeSet<_> = left.iter().map(|entry| entry.id).collect();
    assert_eq!(ids, kept.iter().map(|entry| entry.id).collect());
    assert_eq!(verify(stores, &samples, &others, 2).await, Ok(Redemption::Redeemed));
}

/// How many tokens are raced for: more are asked for from outside, by `KEYWARD_RACED_TOKENS`.
#[allow(clippy::disallowed_methods, reason = "the full number is asked for from outside")]
pub(super) fn raced_tokens() -> u64 {
    let asked = std::env::var("KEYWARD_RACED_TOKENS").ok();
    asked.map_or(2, |text| text.parse().expect("KEYWARD_RACED_TOKENS is a number"))
}

/// Of many uses of one token at the same time one is it, and the others hear that it was used.
pub async fn of_32_verifications_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    for _ in 0..raced_tokens() {
        let owner = account(stores, &samples).await;
        let token = issue(stores, &samples, &owner, VerifyAddress, 0).await;
        let results = race(|number| {
            let (tokens, at) = (stores.single_use_tokens.clone(), samples.at(number as u64 + 1));
            let event = samples.event(Action::AddressVerified, owner.id, at);
            async move { patiently(|| tokens.verify_address(token.digest, at, event.clone())).await }
        })
        .await;
        let count = |outcome| results.iter().filter(|result| **result == Ok(outcome)).count();
        assert_eq!((count(Redemption::Redeemed), count(Redemption::Refused(Used))), (1, RACERS - 1));
        assert_eq!(stores.trail(owner.id).await.len(), 3);
    }
}

/// Many mails at the same time: the last token that was issued is good, and no other.
pub async fn of_32_tokens_of_one_kind_one_is_good(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let tokens: Vec<_> =
        (0..RACERS).map(|_| samples.single_use_token(&owner, VerifyAddress, samples.at(1))).collect();
    let results = race(|number| {
        let (store, token) = (stores.single_use_tokens.clone(), tokens[number].clone());
        let event = issued(&samples, &token);
        async move { patiently(|| store.issue(token.clone(), None, event.clone())).await }
    })
    .await;
    assert!(results.iter().all(|result| *result == Ok(Issuance::Issued)), "{results:?}");
    let mut redeemed = 0;
    for token in &tokens {
        let outcome = verify(stores, &samples, token, 2).await.unwrap();
        assert!(matches!(outcome, Redemption::Redeemed | Redemption::Refused(Unknown)), "{outcome:?}");
        redeemed += usize::from(outcome == Redemption::Redeemed);
    }
    assert_eq!(redeemed, 1);
}

/// A token's moments come back to the microsecond.
pub async fn a_token_s_moments_come_back_to_the_microsecond(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let at = samples.at(1).saturating_add(Duration::from_micros(1));
    let token = samples.single_use_token(&owner, ResetPassword, at);
    stores.single_use_tokens.issue(token.clone(), None, issued(&samples, &token)).await.unwrap();
    assert_eq!(stores.single_use_tokens.find(token.digest).await.unwrap().unwrap().0, token);
}
