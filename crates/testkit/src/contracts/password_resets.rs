//! The contract of
//! [`SingleUseTokenStore::reset_password`](keyward_domain::single_use::SingleUseTokenStore::reset_password).

use keyward_domain::accounts::{Account, AccountStatus, Epoch, NewPasswordHash, PasswordHash, Registration};
use keyward_domain::audit::Action;
use keyward_domain::keys::{ApiKey, KeyState, RevocationReason};
use keyward_domain::revocations::{RevocationNumber, Subject};
use keyward_domain::sessions::SessionStart;
use keyward_domain::single_use::SingleUsePurpose::{ResetPassword, VerifyAddress};
use keyward_domain::single_use::SingleUseTokenRefused::{Expired, Unknown, Used};
use keyward_domain::single_use::{Holdings, PasswordReset, Redemption, SingleUsePurpose, SingleUseToken};
use keyward_domain::store::StoreError;

use super::Stores;
use super::race::{RACERS, patiently, race};
use super::same::{assert_same_account, assert_same_password};
use super::single_use_tokens::{issue, raced_tokens, stored};
use crate::builders::Samples;

fn hash(text: &str) -> PasswordHash {
    PasswordHash::new(text.to_owned())
}

/// An account with a password, two keys and an agent, whose address is verified or not.
async fn account(stores: &Stores, samples: &Samples, is_verified: bool) -> Registration {
    let mut registration = samples.registration_with_agent();
    registration.password = Some(hash("forgotten"));
    let email = registration.account.email.as_mut().unwrap();
    email.verified_at = is_verified.then(|| samples.at(0));
    stores.register(samples, &registration).await;
    registration
}

async fn reset(
    stores: &Stores,
    samples: &Samples,
    token: &SingleUseToken,
    was_verified: bool,
    second: u64,
) -> Result<Redemption, StoreError> {
    reset_by(stores, samples, token, (token.binding.purpose(), was_verified), second).await
}

/// The same, by whoever takes the token for one of this purpose.
async fn reset_by(
    stores: &Stores,
    samples: &Samples,
    token: &SingleUseToken,
    (purpose, was_verified): (SingleUsePurpose, bool),
    second: u64,
) -> Result<Redemption, StoreError> {
    let action = if was_verified { Action::PasswordReset } else { Action::AccountReclaimed };
    let event = samples.event(action, token.account, samples.at(second));
    let reset = PasswordReset { token: token.digest, purpose, password: hash("chosen"), was_verified };
    stores.single_use_tokens.reset_password(reset, samples.at(second), event).await
}

async fn state_of(stores: &Stores, key: &ApiKey) -> KeyState {
    stores.credential(key.handle).await.unwrap().unwrap().key.state
}

async fn ended(stores: &Stores) -> Vec<Subject> {
    let log = stores.revocations.after(RevocationNumber::NONE, 1_000).await.unwrap();
    log.iter().map(|revocation| revocation.subject).collect()
}

/// On a verified account the password is another and the epoch the next; keys and all else stay.
pub async fn a_reset_ends_tokens_and_keeps_keys_of_a_verified_account(stores: &Stores) {
    let samples = Samples::new();
    let registration = account(stores, &samples, true).await;
    let owner = &registration.account;
    let token = issue(stores, &samples, owner, ResetPassword, 1).await;

    assert_eq!(reset(stores, &samples, &token, true, 2).await, Ok(Redemption::Redeemed));

    let expected = Account { epoch: Epoch::FIRST.next(), ..owner.clone() };
    assert_same_account(&stored(stores, owner).await, &expected);
    assert_same_password(stores.password_of(owner).await.as_ref(), Some(&hash("chosen")));
    let (_, agent_key) = registration.agent.as_ref().unwrap();
    for key in [&registration.key, agent_key] {
        assert_eq!(state_of(stores, key).await, KeyState::Active);
    }
    assert_eq!(ended(stores).await, [Subject::Account(owner.id)]);
    assert_eq!(stores.trail(owner.id).await.first().unwrap().action, Action::PasswordReset);
}

/// On an account whose address was never verified every key goes too, and the address is verified.
pub async fn threat_c10_a_reset_of_an_unverified_account_ends_its_keys_too(stores: &Stores) {
    let samples = Samples::new();
    let (registration, other) =
        (account(stores, &samples, false).await, account(stores, &samples, false).await);
    let (owner, (_, agent_key)) = (&registration.account, registration.agent.as_ref().unwrap());
    let token = issue(stores, &samples, owner, ResetPassword, 1).await;

    assert_eq!(reset(stores, &samples, &token, false, 2).await, Ok(Redemption::Redeemed));

    let found = stored(stores, owner).await;
    assert_eq!(found.email.unwrap().verified_at, Some(samples.at(2)));
    assert_eq!(found.epoch, Epoch::FIRST.next());
    let revoked = KeyState::Revoked { at: samples.at(2), reason: RevocationReason::Requested };
    for key in [&registration.key, agent_key] {
        assert_eq!(state_of(stores, key).await, revoked);
    }
    let mut subjects = ended(stores).await;
    assert_eq!(subjects.remove(0), Subject::Account(owner.id));
    assert_eq!(subjects.len(), 2);
    for key in [&registration.key, agent_key] {
        assert!(subjects.contains(&Subject::Key(key.id)), "{subjects:?}");
    }
    // K11: nobody else's things have changed.
    assert_same_account(&stored(stores, &other.account).await, &other.account);
    assert_same_password(stores.password_of(&other.account).await.as_ref(), Some(&hash("forgotten")));
    for key in [&other.key, &other.agent.as_ref().unwrap().1] {
        assert_eq!(stores.credential(key.handle).await.unwrap().unwrap().key, *key);
    }
    assert_eq!(stores.trail(other.account.id).await.len(), 1);
}

/// The link that asks whether an address is one's own does the same, once, as long as the address is not verified.
pub async fn threat_c10_an_account_is_taken_over_by_the_link_that_verifies(stores: &Stores) {
    let samples = Samples::new();
    let registration = account(stores, &samples, false).await;
    let (owner, (_, agent_key)) = (&registration.account, registration.agent.as_ref().unwrap());
    let token = issue(stores, &samples, owner, VerifyAddress, 1).await;

    assert_eq!(reset(stores, &samples, &token, true, 2).await, Ok(Redemption::Overtaken));
    assert_eq!(reset(stores, &samples, &token, false, 2).await, Ok(Redemption::Redeemed));
    assert_eq!(reset(stores, &samples, &token, false, 3).await, Ok(Redemption::Refused(Used)));

    let found = stored(stores, owner).await;
    assert_eq!(found.email.unwrap().verified_at, Some(samples.at(2)));
    assert_eq!(found.epoch, Epoch::FIRST.next());
    assert_same_password(stores.password_of(owner).await.as_ref(), Some(&hash("chosen")));
    let revoked = KeyState::Revoked { at: samples.at(2), reason: RevocationReason::Requested };
    for key in [&registration.key, agent_key] {
        assert_eq!(state_of(stores, key).await, revoked);
    }
    assert_eq!(ended(stores).await.len(), 3);
    assert_eq!(stores.trail(owner.id).await.first().unwrap().action, Action::AccountReclaimed);
}

/// What somebody holds is what opens something now: neither what has ended, nor anybody else's.
pub async fn threat_c10_what_an_account_s_maker_holds_is_counted(stores: &Stores) {
    let samples = Samples::new();
    let (one, other) = (account(stores, &samples, false).await, account(stores, &samples, false).await);
    let owner = &one.account;
    for (owner, second) in [(owner, 1), (owner, 2), (owner, 90), (&other.account, 2)] {
        let session = samples.session(owner, samples.at(second));
        let event = samples.event(Action::AccountLoggedIn, owner.id, samples.at(second));
        let start = SessionStart { session, rehash: None, replaced: None };
        assert_eq!(stores.sessions.begin(start, event).await, Ok(true));
    }
    let held = async |now, idle_since| {
        let (now, idle_since) = (samples.at(now), samples.at(idle_since));
        stores.single_use_tokens.holdings(owner.id, now, idle_since).await.unwrap()
    };
    assert_eq!(held(91, 0).await, Holdings { keys: 2, sessions: 3 });
    assert_eq!(held(91, 1).await, Holdings { keys: 2, sessions: 2 });
    let end = samples.session(owner, samples.at(2)).expires_at;
    let at_its_end = stores.single_use_tokens.holdings(owner.id, end, samples.at(0)).await.unwrap();
    assert_eq!(at_its_end, Holdings { keys: 2, sessions: 1 });

    let event = samples.event(Action::KeyRevoked, owner.id, samples.at(92));
    let requested = RevocationReason::Requested;
    assert_eq!(stores.keys.revoke(one.key.id, samples.at(92), requested, event).await, Ok(true));
    let event = samples.event(Action::TokensRevoked, owner.id, samples.at(92));
    assert_eq!(stores.accounts.begin_epoch(owner.id, Epoch::FIRST, None, event).await, Ok(true));
    assert_eq!(held(93, 0).await, Holdings { keys: 1, sessions: 0 });

    let nobody = stores.single_use_tokens.holdings(samples.account_id(), samples.at(93), samples.at(0)).await;
    assert_eq!(nobody, Ok(Holdings::default()));
}

/// A key that was revoked before keeps when and why.
pub async fn a_reset_leaves_revoked_keys_as_they_are(stores: &Stores) {
    let samples = Samples::new();
    let registration = account(stores, &samples, false).await;
    let (owner, key) = (&registration.account, &registration.key);
    let event = samples.event(Action::KeyRevoked, owner.id, samples.at(1));
    let by_admin = RevocationReason::ByAdmin;
    assert_eq!(stores.keys.revoke(key.id, samples.at(1), by_admin, event).await, Ok(true));
    let token = issue(stores, &samples, owner, ResetPassword, 2).await;
    assert_eq!(reset(stores, &samples, &token, false, 3).await, Ok(Redemption::Redeemed));
    let revoked = KeyState::Revoked { at: samples.at(1), reason: RevocationReason::ByAdmin };
    assert_eq!(state_of(stores, key).await, revoked);
    assert!(!ended(stores).await[1..].contains(&Subject::Key(key.id)));
}

/// An account without a password has one afterwards.
pub async fn a_reset_gives_a_password_to_an_account_without_one(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    stores.register(&samples, &registration).await;
    let token = issue(stores, &samples, &registration.account, ResetPassword, 1).await;
    assert_eq!(reset(stores, &samples, &token, false, 2).await, Ok(Redemption::Redeemed));
    assert_same_password(stores.password_of(&registration.account).await.as_ref(), Some(&hash("chosen")));
}

/// Used, expired, of another purpose, of an older epoch or an archived account: refused, and nothing is written.
pub async fn threat_a5_a_reset_needs_a_token_that_is_good(stores: &Stores) {
    let samples = Samples::new();
    let registration = account(stores, &samples, true).await;
    let owner = &registration.account;
    let verification = issue(stores, &samples, owner, VerifyAddress, 0).await;
    let mistaken = reset_by(stores, &samples, &verification, (ResetPassword, true), 1).await;
    assert_eq!(mistaken, Ok(Redemption::Refused(Unknown)));
    let token = issue(stores, &samples, owner, ResetPassword, 1).await;
    let mistaken = reset_by(stores, &samples, &token, (VerifyAddress, true), 1).await;
    assert_eq!(mistaken, Ok(Redemption::Refused(Unknown)));
    assert_eq!(reset(stores, &samples, &token, true, 3_601).await, Ok(Redemption::Refused(Expired)));
    assert_same_account(&stored(stores, owner).await, owner);

    let password = Some(NewPasswordHash { from: hash("forgotten"), to: hash("changed") });
    let event = samples.event(Action::PasswordChanged, owner.id, samples.at(2));
    assert_eq!(stores.accounts.begin_epoch(owner.id, Epoch::FIRST, password, event).await, Ok(true));
    assert_eq!(reset(stores, &samples, &token, true, 3).await, Ok(Redemption::Refused(Unknown)));
    assert_same_password(stores.password_of(owner).await.as_ref(), Some(&hash("changed")));

    let changed = stored(stores, owner).await;
    let (used, left) = (issue(stores, &samples, &changed, ResetPassword, 4).await, changed.epoch.next());
    assert_eq!(reset(stores, &samples, &used, true, 5).await, Ok(Redemption::Redeemed));
    assert_eq!(reset(stores, &samples, &used, true, 6).await, Ok(Redemption::Refused(Used)));
    assert_eq!(stored(stores, owner).await.epoch, left);
    assert_eq!(ended(stores).await.len(), 2);
}

/// A reset of an account whose address was never verified is done in whatever epoch the account is by then.
pub async fn threat_c10_a_new_epoch_of_an_unverified_account_ends_no_reset(stores: &Stores) {
    let samples = Samples::new();
    let registration = account(stores, &samples, false).await;
    let owner = &registration.account;
    let token = issue(stores, &samples, owner, ResetPassword, 1).await;
    let event = samples.event(Action::TokensRevoked, owner.id, samples.at(2));
    assert_eq!(stores.accounts.begin_epoch(owner.id, Epoch::FIRST, None, event).await, Ok(true));
    assert_eq!(reset(stores, &samples, &token, false, 3).await, Ok(Redemption::Redeemed));
    assert_eq!(stored(stores, owner).await.epoch, Epoch::FIRST.next().next());
    assert_same_password(stores.password_of(owner).await.as_ref(), Some(&hash("chosen")));
}

/// A suspended account stays suspended; an archived one is none.
pub async fn a_reset_leaves_the_status_as_it_is(stores: &Stores) {
    let samples = Samples::new();
    let since = samples.at(2);
    for (status, action, expected) in [
        (AccountStatus::Suspended { since }, Action::AccountSuspended, Redemption::Redeemed),
        (AccountStatus::Archived { since }, Action::AccountArchived, Redemption::Refused(Unknown)),
    ] {
        let registration = account(stores, &samples, true).await;
        let owner = &registration.account;
        let token = issue(stores, &samples, owner, ResetPassword, 1).await;
        let event = samples.event(action, owner.id, since);
        let from = AccountStatus::Active;
        stores.accounts.change_status(owner.id, Epoch::FIRST, from, status, event).await.unwrap();
        assert_eq!(reset(stores, &samples, &token, true, 3).await, Ok(expected));
        assert_eq!(stored(stores, owner).await.status, status);
    }
}

/// Whoever thought that the address was verified, or was not, is told that it is otherwise, and nothing is written.
pub async fn a_reset_that_knows_too_little_is_overtaken(stores: &Stores) {
    let samples = Samples::new();
    for is_verified in [true, false] {
        let registration = account(stores, &samples, is_verified).await;
        let owner = &registration.account;
        let token = issue(stores, &samples, owner, ResetPassword, 1).await;
        assert_eq!(reset(stores, &samples, &token, !is_verified, 2).await, Ok(Redemption::Overtaken));
        assert_same_account(&stored(stores, owner).await, owner);
        assert_same_password(stores.password_of(owner).await.as_ref(), Some(&hash("forgotten")));
        assert_eq!(stores.trail(owner.id).await.len(), 2);
        assert_eq!(reset(stores, &samples, &token, is_verified, 3).await, Ok(Redemption::Redeemed));
    }
}

/// Of many resets with one token at the same time one is it, and the password is the winner's.
pub async fn of_32_resets_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    for _ in 0..raced_tokens() {
        let registration = account(stores, &samples, false).await;
        let owner = &registration.account;
        let token = issue(stores, &samples, owner, ResetPassword, 0).await;
        let results = race(|number| {
            let (tokens, at) = (stores.single_use_tokens.clone(), samples.at(number as u64 + 1));
            let event = samples.event(Action::AccountReclaimed, owner.id, at);
            let password = hash(&format!("of racer {number}"));
            let (token, purpose) = (token.digest, ResetPassword);
            let reset = PasswordReset { token, purpose, password, was_verified: false };
            async move { patiently(|| tokens.reset_password(reset.clone(), at, event.clone())).await }
        })
        .await;
        let count = |outcome| results.iter().filter(|result| **result == Ok(outcome)).count();
        assert_eq!((count(Redemption::Redeemed), count(Redemption::Refused(Used))), (1, RACERS - 1));
        let winner = results.iter().position(|result| *result == Ok(Redemption::Redeemed)).unwrap();
        let expected = hash(&format!("of racer {winner}"));
        assert_same_password(stores.password_of(owner).await.as_ref(), Some(&expected));
        assert_eq!(stored(stores, owner).await.epoch, Epoch::FIRST.next());
        assert_eq!(stores.trail(owner.id).await.len(), 3);
    }
}
