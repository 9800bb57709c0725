//! The contract of [`SessionStore`](keyward_domain::sessions::SessionStore).

use std::time::Duration;

use keyward_domain::accounts::{Account, AccountStatus, Epoch, PasswordHash, Rehash};
use keyward_domain::audit::Action;
use keyward_domain::sessions::{Session, SessionStart};
use keyward_domain::store::StoreError;

use super::Stores;
use super::race::{RACERS, patiently, race};
use super::single_use_tokens::account;
use crate::builders::Samples;

async fn begin(stores: &Stores, samples: &Samples, start: SessionStart) -> Result<bool, StoreError> {
    let event = samples.event(Action::AccountLoggedIn, start.session.account, start.session.began_at);
    stores.sessions.begin(start, event).await
}

const fn just(session: Session) -> SessionStart {
    SessionStart { session, rehash: None, replaced: None }
}

/// A session of the account that begins at that second.
async fn began(stores: &Stores, samples: &Samples, owner: &Account, second: u64) -> Session {
    let session = samples.session(owner, samples.at(second));
    assert_eq!(begin(stores, samples, just(session.clone())).await, Ok(true));
    session
}

async fn is_there(stores: &Stores, session: &Session) -> bool {
    stores.sessions.find(session.digest).await.unwrap().is_some()
}

/// A session comes back as it was written, to the microsecond, with its account, and by its digest alone.
pub async fn a_session_comes_back_with_its_account(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let at = samples.at(1).saturating_add(Duration::from_micros(1));
    let session = samples.session(&owner, at);
    assert_eq!(stores.sessions.find(session.digest).await, Ok(None));
    assert_eq!(begin(stores, &samples, just(session.clone())).await, Ok(true));
    let other = began(stores, &samples, &owner, 2).await;
    assert_eq!(stores.sessions.find(session.digest).await, Ok(Some((session, owner.clone()))));
    assert_eq!(stores.sessions.find(other.digest).await, Ok(Some((other, owner.clone()))));
    let actions: Vec<_> = stores.trail(owner.id).await.iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::AccountLoggedIn, Action::AccountLoggedIn, Action::AccountRegistered]);
}

/// A session begins only for an account that is active and in the session's epoch, else nothing is written.
pub async fn threat_j10_a_session_begins_only_in_the_present_epoch(stores: &Stores) {
    let samples = Samples::new();
    let (owner, suspended) = (account(stores, &samples).await, account(stores, &samples).await);
    let status = AccountStatus::Suspended { since: samples.at(1) };
    let event = samples.event(Action::AccountSuspended, suspended.id, samples.at(1));
    let from = AccountStatus::Active;
    assert!(stores.accounts.change_status(suspended.id, Epoch::FIRST, from, status, event).await.unwrap());
    let kept = began(stores, &samples, &owner, 1).await;
    let refused = [
        samples.session(&suspended, samples.at(2)),
        Session { epoch: Epoch::FIRST.next(), ..samples.session(&owner, samples.at(2)) },
        Session { account: samples.account_id(), ..samples.session(&owner, samples.at(2)) },
    ];
    for session in refused {
        let start = SessionStart { replaced: Some(kept.digest), ..just(session.clone()) };
        assert_eq!(begin(stores, &samples, start).await, Ok(false));
        assert!(!is_there(stores, &session).await);
    }
    assert!(is_there(stores, &kept).await);
    assert_eq!(stores.trail(None).await.len(), 4);
}

/// A session that begins in the place of another one deletes that, and no other.
pub async fn threat_w4_a_session_takes_the_place_of_another(stores: &Stores) {
    let samples = Samples::new();
    let (owner, other) = (account(stores, &samples).await, account(stores, &samples).await);
    let planted = began(stores, &samples, &other, 1).await;
    let elsewhere = began(stores, &samples, &owner, 1).await;
    let session = samples.session(&owner, samples.at(2));
    let start = SessionStart { replaced: Some(planted.digest), ..just(session.clone()) };
    assert_eq!(begin(stores, &samples, start).await, Ok(true));
    assert!(!is_there(stores, &planted).await);
    assert!(is_there(stores, &session).await && is_there(stores, &elsewhere).await);
}

/// A fresh hash goes into the place of the outdated one, and nowhere else; a stale one is dropped.
pub async fn a_session_begins_with_a_fresh_hash(stores: &Stores) {
    let samples = Samples::new();
    let hash = |text: &str| PasswordHash::new(text.to_owned());
    let registration = |samples: &Samples| {
        let mut registration = samples.registration();
        registration.password = Some(hash("outdated"));
        registration
    };
    let (owner, other) = (registration(&samples), registration(&samples));
    stores.register(&samples, &owner).await;
    stores.register(&samples, &other).await;
    for (from, to) in [("outdated", "fresh"), ("outdated", "late")] {
        let session = samples.session(&owner.account, samples.at(1));
        let start = SessionStart { rehash: Some(Rehash { from: hash(from), to: hash(to) }), ..just(session) };
        assert_eq!(begin(stores, &samples, start).await, Ok(true));
    }
    assert_eq!(stores.password_of(&owner.account).await.unwrap().expose(), "fresh");
    assert_eq!(stores.password_of(&other.account).await.unwrap().expose(), "outdated");
}

/// A use is noted, never an earlier one, and of no other session.
pub async fn a_session_s_last_use_only_moves_forward(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let (session, other) =
        (began(stores, &samples, &owner, 1).await, began(stores, &samples, &owner, 1).await);
    for (second, seen) in [(90, 90), (60, 90), (120, 120)] {
        stores.sessions.touch(session.id, samples.at(second)).await.unwrap();
        let (found, _) = stores.sessions.find(session.digest).await.unwrap().unwrap();
        assert_eq!(found, Session { last_seen_at: samples.at(seen), ..session.clone() });
    }
    assert_eq!(stores.sessions.find(other.digest).await.unwrap().unwrap().0, other);
    stores.sessions.touch(samples.session(&owner, samples.at(1)).id, samples.at(9)).await.unwrap();
}

/// A session is ended once, with its event, and no other.
pub async fn threat_k11_a_session_is_ended_once_and_alone(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let (session, other) =
        (began(stores, &samples, &owner, 1).await, began(stores, &samples, &owner, 1).await);
    for expected in [true, false] {
        let event = samples.event(Action::SessionEnded, owner.id, samples.at(2));
        assert_eq!(stores.sessions.end(session.id, event).await, Ok(expected));
    }
    assert!(!is_there(stores, &session).await && is_there(stores, &other).await);
    let ended =
        stores.trail(owner.id).await.iter().filter(|event| event.action == Action::SessionEnded).count();
    assert_eq!(ended, 1);
}

/// Of many who end one session at the same time one is it.
pub async fn of_32_logouts_exactly_one_succeeds(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let session = began(stores, &samples, &owner, 1).await;
    let results = race(|number| {
        let (sessions, id) = (stores.sessions.clone(), session.id);
        let event = samples.event(Action::SessionEnded, owner.id, samples.at(number as u64 + 2));
        async move { patiently(|| sessions.end(id, event.clone())).await }
    })
    .await;
    let count = |ended| results.iter().filter(|result| **result == Ok(ended)).count();
    assert_eq!((count(true), count(false)), (1, RACERS - 1));
}

/// Sessions that are over are forgotten, and those that were not used for long.
pub async fn sessions_are_forgotten_by_their_end_and_their_last_use(stores: &Stores) {
    let samples = Samples::new();
    let owner = account(stores, &samples).await;
    let (idle, used) = (began(stores, &samples, &owner, 0).await, began(stores, &samples, &owner, 1).await);
    stores.sessions.touch(used.id, samples.at(40_000)).await.unwrap();
    stores.sessions.forget(samples.at(2), samples.at(0)).await.unwrap();
    assert!(!is_there(stores, &idle).await && is_there(stores, &used).await);
    stores.sessions.forget(samples.at(43_200), samples.at(39_999)).await.unwrap();
    assert!(is_there(stores, &used).await);
    stores.sessions.forget(samples.at(43_201), samples.at(39_999)).await.unwrap();
    assert!(!is_there(stores, &used).await);
}

/// An account that is erased takes its sessions with it, and no others.
pub async fn threat_k11_an_erasure_takes_an_account_s_sessions(stores: &Stores) {
    let samples = Samples::new();
    let (owner, other) = (account(stores, &samples).await, account(stores, &samples).await);
    let (session, others) =
        (began(stores, &samples, &owner, 1).await, began(stores, &samples, &other, 1).await);
    let event = samples.event(Action::AccountErased, owner.id, samples.at(2));
    assert_eq!(stores.accounts.erase(owner.id, event).await, Ok(true));
    assert!(!is_there(stores, &session).await && is_there(stores, &others).await);
}
