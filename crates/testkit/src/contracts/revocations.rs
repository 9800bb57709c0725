//! The contract of [`RevocationLog`](keyward_domain::revocations::RevocationLog), and of the deeds that write to it.

use std::time::Duration;

use keyward_domain::accounts::{AccountStatus, Epoch};
use keyward_domain::audit::{Action, AuditEvent};
use keyward_domain::keys::RevocationReason;
use keyward_domain::revocations::{LogHead, Revocation, RevocationNumber, RevokedToken, Subject};
use keyward_domain::tokens::SigningAlgorithm;

use super::Stores;
use super::race::{RACERS, patiently, race};
use crate::builders::Samples;

const NONE: RevocationNumber = RevocationNumber::NONE;

async fn subjects(stores: &Stores) -> Vec<Subject> {
    let log = stores.revocations.after(NONE, 1_000).await.unwrap();
    log.iter().map(|revocation| revocation.subject).collect()
}

fn token(samples: &Samples, seconds: u64) -> (RevokedToken, AuditEvent) {
    let token = RevokedToken { id: samples.token_id(), expires_at: samples.at(seconds) };
    (token, samples.event(Action::TokenRevoked, samples.account_id(), samples.at(0)))
}

/// A new log is empty and nothing of it is forgotten.
pub async fn a_new_log_is_empty(stores: &Stores) {
    assert_eq!(stores.revocations.head().await, Ok(LogHead { last: NONE, forgotten: NONE }));
    assert_eq!(stores.revocations.after(NONE, 10).await, Ok(Vec::new()));
    assert_eq!(stores.revocations.revoked_tokens(Samples::new().at(0)).await, Ok(Vec::new()));
}

/// Each deed that ends something is in the log with what it ended; those that end nothing are not.
pub async fn deeds_that_end_something_are_logged_in_their_order(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration_with_agent();
    let (account, key) = (registration.account.id, registration.key.id);
    stores.register(&samples, &registration).await;
    assert_eq!(subjects(stores).await, [], "registering ends nothing");

    let event = || samples.event(Action::KeyRevoked, account, samples.at(1));
    let revoke = || stores.keys.revoke(key, samples.at(1), RevocationReason::Requested, event());
    assert_eq!((revoke().await, revoke().await), (Ok(true), Ok(false)));
    let suspended = AccountStatus::Suspended { since: samples.at(2) };
    let suspend =
        || stores.accounts.change_status(account, Epoch::FIRST, AccountStatus::Active, suspended, event());
    assert_eq!((suspend().await, suspend().await), (Ok(true), Ok(false)));
    let new_epoch = || stores.accounts.begin_epoch(account, Epoch::FIRST, None, event());
    assert_eq!((new_epoch().await, new_epoch().await), (Ok(true), Ok(false)));
    let (revoked, its_event) = token(&samples, 60);
    assert_eq!(stores.revocations.revoke_token(revoked, its_event).await, Ok(true));
    let signing_key = samples.signing_key(SigningAlgorithm::EdDsa, samples.at(0));
    stores.signing_keys.activate_first(signing_key.clone(), samples.activated(&signing_key)).await.unwrap();

    let expected = [
        Subject::Key(key),
        Subject::Account(account),
        Subject::Account(account),
        Subject::Token(revoked),
        Subject::SigningKeys,
    ];
    assert_eq!(subjects(stores).await, expected);
}

/// Pages one behind the other are the whole log, and its head is its last number.
pub async fn the_log_is_read_by_number(stores: &Stores) {
    let samples = Samples::new();
    let mut written = Vec::new();
    for seconds in 1..=5 {
        let (token, event) = token(&samples, seconds);
        stores.revocations.revoke_token(token, event).await.unwrap();
        written.push(Subject::Token(token));
    }
    let (mut read, mut last): (Vec<Revocation>, _) = (Vec::new(), NONE);
    loop {
        let page = stores.revocations.after(last, 2).await.unwrap();
        let Some(end) = page.last() else { break };
        assert!(page.len() <= 2);
        last = end.number;
        read.extend(page);
    }
    assert!(read.is_sorted_by(|one, other| one.number < other.number));
    assert_eq!(read.iter().map(|revocation| revocation.subject).collect::<Vec<_>>(), written);
    assert_eq!(stores.revocations.head().await.unwrap().last, last);
}

/// A token is revoked once, with one event and one entry.
pub async fn a_token_is_revoked_once(stores: &Stores) {
    let samples = Samples::new();
    let (revoked, first) = token(&samples, 60);
    let again = AuditEvent { at: samples.at(1), ..token(&samples, 60).1 };
    assert_eq!(stores.revocations.revoke_token(revoked, first.clone()).await, Ok(true));
    assert_eq!(stores.revocations.revoke_token(revoked, samples.signed(again)).await, Ok(false));
    assert_eq!(subjects(stores).await, [Subject::Token(revoked)]);
    assert_eq!(stores.trail(None).await, [first]);
    assert_eq!(stores.revocations.head().await.unwrap().last.get(), 1);
}

/// Of many at the same time one revokes the token.
pub async fn of_32_revocations_of_one_token_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let (revoked, _) = token(&samples, 60);
    let results = race(|_| {
        let (log, event) = (stores.revocations.clone(), token(&samples, 60).1);
        async move { patiently(|| log.revoke_token(revoked, event.clone())).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| **result == Ok(true)).count(), 1);
    assert_eq!(results.iter().filter(|result| **result == Ok(false)).count(), RACERS - 1);
    assert_eq!((subjects(stores).await.len(), stores.trail(None).await.len()), (1, 1));
}

/// Many at the same time get numbers without a gap.
pub async fn numbers_of_32_revocations_have_no_gap(stores: &Stores) {
    let samples = Samples::new();
    let results = race(|_| {
        let (log, (revoked, event)) = (stores.revocations.clone(), token(&samples, 60));
        async move { patiently(|| log.revoke_token(revoked, event.clone())).await }
    })
    .await;
    assert!(results.iter().all(|result| *result == Ok(true)));
    let log = stores.revocations.after(NONE, 1_000).await.unwrap();
    let numbers: Vec<i64> = log.iter().map(|revocation| revocation.number.get()).collect();
    assert_eq!(numbers, (1..=RACERS as i64).collect::<Vec<_>>());
}

/// Tokens that were revoked are known until they would have expired.
pub async fn a_revoked_token_is_known_until_it_expires(stores: &Stores) {
    let samples = Samples::new();
    let (short, long) = (token(&samples, 10), token(&samples, 20));
    for (token, event) in [short.clone(), long.clone()] {
        stores.revocations.revoke_token(token, event).await.unwrap();
    }
    let known = async |seconds: u64| {
        let mut known = stores.revocations.revoked_tokens(samples.at(seconds)).await.unwrap();
        known.sort_by_key(|token| token.expires_at);
        known
    };
    assert_eq!(known(9).await, [short.0, long.0]);
    assert_eq!(known(10).await, [long.0]);
    assert_eq!(known(20).await, []);
}

/// What is forgotten can no longer be read, and the head says so; a number that was not given yet is not forgotten.
pub async fn a_log_that_forgets_says_so(stores: &Stores) {
    let samples = Samples::new();
    for seconds in [10, 20, 30] {
        let (token, event) = token(&samples, seconds);
        stores.revocations.revoke_token(token, event).await.unwrap();
    }
    let number = RevocationNumber::new;
    stores.revocations.forget(number(2), samples.at(15)).await.unwrap();
    let expected = LogHead { last: number(3), forgotten: number(2) };
    assert_eq!(stores.revocations.head().await, Ok(expected));
    let left = stores.revocations.after(NONE, 10).await.unwrap();
    assert_eq!(left.iter().map(|revocation| revocation.number).collect::<Vec<_>>(), [number(3)]);
    let tokens = stores.revocations.revoked_tokens(samples.at(15)).await.unwrap();
    assert_eq!(tokens.len(), 2, "an unexpired token is known, though its entry is forgotten");
    for useless in [number(1), number(2), number(4)] {
        stores.revocations.forget(useless, samples.at(15)).await.unwrap();
        assert_eq!(stores.revocations.head().await, Ok(expected));
    }
    let event = token(&samples, 0).1;
    let later = RevokedToken { id: samples.token_id(), expires_at: samples.at(40) };
    stores.revocations.revoke_token(later, event).await.unwrap();
    assert_eq!(stores.revocations.head().await.unwrap().last, number(4));
}

/// A token's expiry comes back to the microsecond, in the log and among the revoked ones.
pub async fn a_revoked_token_comes_back_as_it_was_written(stores: &Stores) {
    let samples = Samples::new();
    let expires_at = samples.at(60).saturating_add(Duration::from_micros(1));
    let revoked = RevokedToken { id: samples.token_id(), expires_at };
    stores.revocations.revoke_token(revoked, token(&samples, 0).1).await.unwrap();
    assert_eq!(subjects(stores).await, [Subject::Token(revoked)]);
    assert_eq!(stores.revocations.revoked_tokens(samples.at(0)).await, Ok(vec![revoked]));
}
