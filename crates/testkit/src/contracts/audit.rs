//! The contract of [`AuditStore`](keyward_domain::audit::AuditStore), and of the events that other ports write.

use keyward_domain::accounts::PasswordLogin;
use keyward_domain::audit::{Action, Actor, AuditCursor, AuditEvent, Deed, Outcome, Target};
use keyward_domain::ids::AccountId;
use keyward_domain::time::Instant;
use keyward_domain::tokens::KeyThumbprint;

use super::Stores;
use crate::builders::{Samples, admin};

/// Writes an event: recording a login takes any.
async fn write(stores: &Stores, account: AccountId, event: &AuditEvent) {
    let login = PasswordLogin { account, rehash: None };
    stores.accounts.record_login(login, event.clone()).await.unwrap();
}

/// An account, and the event of its registration.
async fn registered(stores: &Stores, samples: &Samples) -> (AccountId, AuditEvent) {
    let registration = samples.registration();
    let event = samples.registered(&registration);
    stores.accounts.register(registration.clone(), event.clone()).await.unwrap();
    (registration.account.id, event)
}

/// Five events of one moment, written in another order than that of their ids; returned newest first.
async fn five_of_one_moment(stores: &Stores, samples: &Samples, account: AccountId) -> Vec<AuditEvent> {
    let ids = [
        "80000000-0000-7000-8000-000000000000",
        "00000000-0000-7000-8000-000000000000",
        "ffffffff-ffff-7fff-bfff-ffffffffffff",
        "7fffffff-ffff-7fff-bfff-ffffffffffff",
        "00000000-0000-7000-8000-0000000000ff",
    ];
    let mut events = Vec::new();
    for id in ids {
        let event = samples.event(Action::AccountLoggedIn, account, samples.at(5));
        let event = samples.signed(AuditEvent { id: id.parse().unwrap(), ..event });
        write(stores, account, &event).await;
        events.push(event);
    }
    events.sort_by_key(|event| std::cmp::Reverse(event.id));
    events
}

fn behind(event: &AuditEvent) -> Option<AuditCursor> {
    Some(AuditCursor { at: event.at, id: event.id })
}

/// Before the first deed the trail is empty.
pub async fn a_new_trail_is_empty(stores: &Stores) {
    assert_eq!(stores.trail(None).await, []);
    assert_eq!(stores.trail(Samples::new().account_id()).await, []);
}

/// Every field of an event comes back, and its MAC still verifies.
pub async fn threat_p3_an_event_comes_back_intact(stores: &Stores) {
    let samples = Samples::new();
    let (account, registered) = registered(stores, &samples).await;
    let actors = [Actor::Anonymous, Actor::System, Actor::Account(account), admin("root")];
    let targets = [
        Target::Account(account),
        Target::Agent(samples.agent_id()),
        Target::Key(samples.key_id()),
        Target::SigningKey(KeyThumbprint::new("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs".to_owned())),
    ];
    let mut written = vec![registered];
    for (second, &action) in (1..).zip(Action::ALL) {
        for (actor, target) in actors.iter().zip(&targets) {
            for (outcome, owner) in [(Outcome::Succeeded, Some(account)), (Outcome::Denied, None)] {
                let context = owner.map(|_| samples.context());
                let at = samples.at(second);
                let deed = Deed { actor, action, target, account: owner };
                let event = samples.trail().event(at, deed, context.as_ref());
                let event = samples.signed(AuditEvent { outcome, ..event });
                let hard = event.actor.replace("root", "O'Brien \"; -- % _ \\ 🤖 שלום e\u{301}");
                let event = samples.signed(AuditEvent { actor: hard, ..event });
                write(stores, account, &event).await;
                written.push(event);
            }
        }
    }

    let found = stores.trail(None).await;

    written.sort_by_key(|event| std::cmp::Reverse((event.at, event.id)));
    assert_eq!(found, written);
    assert!(found.iter().all(|event| samples.trail().is_intact(event)));
}

/// Newest first, from the year 9999 to the year 1, to the microsecond, in whatever order they were written.
pub async fn events_are_read_newest_first(stores: &Stores) {
    let samples = Samples::new();
    let (account, registered) = registered(stores, &samples).await;
    let mut expected = vec![registered];
    let micros = [
        -1,
        253_402_300_799_999_999,
        1_773_925_200_000_001,
        -62_135_596_800_000_000,
        0,
        1_773_925_199_999_999,
        -1_000_000,
    ];
    for moment in micros {
        let event =
            samples.event(Action::AccountLoggedIn, account, Instant::from_unix_micros(moment).unwrap());
        write(stores, account, &event).await;
        expected.push(event);
    }
    expected.sort_by_key(|event| std::cmp::Reverse(event.at));

    assert_eq!(stores.trail(None).await, expected);
    assert_eq!(stores.trail(account).await, expected);
}

/// Events of one moment are read by their ids, the greatest first, compared as bytes.
pub async fn events_of_one_moment_are_read_by_their_ids(stores: &Stores) {
    let samples = Samples::new();
    let (account, registered) = registered(stores, &samples).await;
    let mut expected = five_of_one_moment(stores, &samples, account).await;
    expected.push(registered);
    assert_eq!(stores.trail(None).await, expected);
}

/// Pages of any size, one behind the other, are the whole trail: nothing twice, nothing left out.
pub async fn pages_one_behind_the_other_are_the_whole_trail(stores: &Stores) {
    let samples = Samples::new();
    let (account, registered) = registered(stores, &samples).await;
    let mut expected = five_of_one_moment(stores, &samples, account).await;
    expected.push(registered);
    for filter in [None, Some(account)] {
        for size in 1..=7 {
            let (mut read, mut after) = (Vec::new(), None);
            loop {
                let page = stores.audit.page(filter, after, size).await.unwrap();
                assert!(page.len() <= usize::from(size));
                let Some(last) = page.last() else { break };
                after = behind(last);
                read.extend(page);
                assert!(read.len() <= expected.len(), "in pages of {size}, the trail has no end");
            }
            assert_eq!(read, expected, "in pages of {size}");
        }
    }
}

/// An event that is written behind a page's back neither repeats nor hides one on the next page.
pub async fn a_new_event_does_not_move_the_next_page(stores: &Stores) {
    let samples = Samples::new();
    let (account, _) = registered(stores, &samples).await;
    let expected = five_of_one_moment(stores, &samples, account).await;
    let first = stores.audit.page(None, None, 2).await.unwrap();
    write(stores, account, &samples.event(Action::AccountLoggedIn, account, samples.at(6))).await;

    let second = stores.audit.page(None, behind(&first[1]), 2).await.unwrap();

    assert_eq!([first, second].concat(), expected[..4]);
}

/// A page may begin behind a place where no event is.
pub async fn a_page_begins_behind_any_place(stores: &Stores) {
    let samples = Samples::new();
    let (account, registered) = registered(stores, &samples).await;
    let later = samples.event(Action::AccountLoggedIn, account, samples.at(2));
    write(stores, account, &later).await;
    let nil = "00000000-0000-0000-0000-000000000000".parse().unwrap();
    let places = [(samples.at(3), 2), (samples.at(2), 1), (samples.at(1), 1), (samples.at(0), 0)];
    let expected = [later, registered];
    for (at, left) in places {
        let page = stores.audit.page(None, Some(AuditCursor { at, id: nil }), 10).await.unwrap();
        assert_eq!(page, expected[2 - left..], "behind {at}");
    }
}

/// An account's trail holds its own events and no other.
pub async fn an_account_s_trail_holds_its_own_events(stores: &Stores) {
    let samples = Samples::new();
    let (one, event_of_one) = registered(stores, &samples).await;
    let (other, event_of_other) = registered(stores, &samples).await;
    let (actor, target) = (Actor::System, Target::Account(one));
    let deed = Deed { actor: &actor, action: Action::KeyRevoked, target: &target, account: None };
    let nobodys = samples.trail().event(samples.at(1), deed, None);
    write(stores, one, &nobodys).await;

    assert_eq!(stores.trail(one).await, [event_of_one]);
    assert_eq!(stores.trail(other).await, [event_of_other]);
    assert_eq!(stores.trail(None).await.len(), 3);
}

/// At most as many as were asked for: none, one, or all there are.
pub async fn a_page_is_no_longer_than_its_limit(stores: &Stores) {
    let samples = Samples::new();
    let (account, _) = registered(stores, &samples).await;
    five_of_one_moment(stores, &samples, account).await;
    for (limit, expected) in [(0, 0), (1, 1), (5, 5), (6, 6), (7, 6), (u16::MAX, 6)] {
        assert_eq!(stores.audit.page(None, None, limit).await.unwrap().len(), expected);
        assert_eq!(stores.audit.page(Some(account), None, limit).await.unwrap().len(), expected);
    }
}
