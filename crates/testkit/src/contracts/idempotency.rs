//! The contract of [`IdempotencyStore`](keyward_domain::idempotency::IdempotencyStore), and of the deeds that write to
//! it: each in its own transaction, and once.

use std::sync::Arc;
use std::time::Duration;

use keyward_domain::accounts::Epoch;
use keyward_domain::accounts::{AccountStore, Registration, RegistrationRefused};
use keyward_domain::agents::{AgentStore, CreateAgentRefused, KeyReplacement, NewAgent, ReplaceKeyRefused};
use keyward_domain::audit::{Action, AuditEvent};
use keyward_domain::idempotency::IdempotencyRecord;
use keyward_domain::ids::AccountId;
use keyward_domain::keys::{ApiKey, CreateKeyRefused, KeyRotation, KeyStore, NewKey, RotateKeyRefused};
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use super::Stores;
use super::agent_keys::replacement;
use super::frame::Frame;
use super::key_lifecycle::level_key;
use super::key_rotations::rotation;
use super::race::{RACERS, patiently, race};
use crate::builders::{Samples, in_epoch};

/// A deed that may be repeated, ready to be done, with its event.
#[derive(Clone)]
enum Deed {
    CreateKey(NewKey, AuditEvent),
    RotateKey(KeyRotation, AuditEvent),
    CreateAgent(NewAgent, AuditEvent),
    ReplaceKey(KeyReplacement, AuditEvent),
    Register(Box<Registration>, AuditEvent),
}

/// What a deed came to.
#[derive(Debug, Clone, PartialEq)]
enum Done {
    Written,
    Repeated,
    /// What may speak against a registration before its repetition does.
    EmailTaken,
    Refused(String),
    Store(StoreError),
}

impl From<StoreError> for Done {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// How many kinds of deeds there are.
const KINDS: usize = 5;

impl Deed {
    /// The deed of this kind by this account, at that second; each call makes another key, agent or account.
    fn of_kind(samples: &Samples, own: &Registration, kind: usize, seconds: u64) -> Self {
        let (id, at) = (own.account.id, samples.at(seconds));
        let event = |action, account| samples.event(action, account, at);
        let key = level_key(samples, own, seconds);
        match kind {
            0 => {
                let new = NewKey { key, most: 1_000, asker: in_epoch(Epoch::FIRST), idempotency: None };
                Self::CreateKey(new, event(Action::KeyCreated, id))
            }
            1 => Self::RotateKey(rotation(samples, &own.key, &key, None), event(Action::KeyRotated, id)),
            2 => {
                let (agent, key) = samples.agent(&own.account);
                let new = NewAgent { agent, key, asker: in_epoch(Epoch::FIRST), idempotency: None };
                Self::CreateAgent(new, event(Action::AgentCreated, id))
            }
            3 => {
                let (agent, old) = own.agent.as_ref().unwrap();
                let key = ApiKey { binding: old.binding, ..key };
                let asked = replacement(agent, Some(old.id), &key, at);
                Self::ReplaceKey(asked, event(Action::AgentKeyRegenerated, id))
            }
            _ => {
                let registration = samples.registration_with_agent();
                let event = samples.registered(&registration);
                Self::Register(Box::new(registration), event)
            }
        }
    }

    /// Whose deed it is.
    fn account(&self) -> AccountId {
        match self {
            Self::CreateKey(new, _) => new.key.account,
            Self::RotateKey(rotation, _) => rotation.key.account,
            Self::CreateAgent(new, _) => new.agent.account,
            Self::ReplaceKey(replacement, _) => replacement.key.account,
            Self::Register(registration, _) => registration.account.id,
        }
    }

    /// The same, known again by this.
    fn by(&self, record: &IdempotencyRecord) -> Self {
        let mut deed = self.clone();
        *deed.record() = Some(IdempotencyRecord { account: self.account(), ..record.clone() });
        deed
    }

    /// What it is known again by.
    fn record(&mut self) -> &mut Option<IdempotencyRecord> {
        match self {
            Self::CreateKey(new, _) => &mut new.idempotency,
            Self::RotateKey(rotation, _) => &mut rotation.idempotency,
            Self::CreateAgent(new, _) => &mut new.idempotency,
            Self::ReplaceKey(replacement, _) => &mut replacement.idempotency,
            Self::Register(registration, _) => &mut registration.idempotency,
        }
    }

    /// The key that it makes.
    fn key(&mut self) -> &mut ApiKey {
        match self {
            Self::CreateKey(new, _) => &mut new.key,
            Self::RotateKey(rotation, _) => &mut rotation.key,
            Self::CreateAgent(new, _) => &mut new.key,
            Self::ReplaceKey(replacement, _) => &mut replacement.key,
            Self::Register(registration, _) => &mut registration.key,
        }
    }

    async fn do_it(self, stores: &Ports) -> Done {
        match self {
            Self::CreateKey(new, event) => match stores.keys.create(new, event).await {
                Ok(()) => Done::Written,
                Err(CreateKeyRefused::Repeated) => Done::Repeated,
                Err(CreateKeyRefused::Store(error)) => Done::Store(error),
                Err(why) => Done::Refused(why.to_string()),
            },
            Self::RotateKey(rotation, event) => match stores.keys.rotate(rotation, event).await {
                Ok(()) => Done::Written,
                Err(RotateKeyRefused::Repeated) => Done::Repeated,
                Err(RotateKeyRefused::Store(error)) => Done::Store(error),
                Err(why) => Done::Refused(why.to_string()),
            },
            Self::CreateAgent(new, event) => match stores.agents.create(new, event).await {
                Ok(()) => Done::Written,
                Err(CreateAgentRefused::Repeated) => Done::Repeated,
                Err(CreateAgentRefused::Store(error)) => Done::Store(error),
                Err(why) => Done::Refused(why.to_string()),
            },
            Self::ReplaceKey(asked, event) => match stores.agents.replace_key(asked, event).await {
                Ok(()) => Done::Written,
                Err(ReplaceKeyRefused::Repeated) => Done::Repeated,
                Err(ReplaceKeyRefused::Store(error)) => Done::Store(error),
                Err(why) => Done::Refused(why.to_string()),
            },
            Self::Register(registration, event) => {
                match stores.accounts.register(*registration, event).await {
                    Ok(()) => Done::Written,
                    Err(RegistrationRefused::Repeated) => Done::Repeated,
                    Err(RegistrationRefused::EmailTaken) => Done::EmailTaken,
                    Err(RegistrationRefused::Store(error)) => Done::Store(error),
                    Err(why) => Done::Refused(why.to_string()),
                }
            }
        }
    }
}

/// The ports that deeds are done by.
#[derive(Clone)]
struct Ports {
    accounts: Arc<dyn AccountStore>,
    agents: Arc<dyn AgentStore>,
    keys: Arc<dyn KeyStore>,
}

impl From<&Stores> for Ports {
    fn from(stores: &Stores) -> Self {
        Self { accounts: stores.accounts.clone(), agents: stores.agents.clone(), keys: stores.keys.clone() }
    }
}

async fn account(stores: &Stores, samples: &Samples) -> Registration {
    let registration = samples.registration_with_agent();
    stores.register(samples, &registration).await;
    registration
}

async fn find(stores: &Stores, record: &IdempotencyRecord, at: Instant) -> Option<IdempotencyRecord> {
    stores.idempotency.find(record.lookup, at).await.unwrap()
}

/// What was never answered is absent.
pub async fn what_was_not_answered_is_absent(stores: &Stores) {
    let samples = Samples::new();
    let record = samples.answer(samples.account_id(), samples.at(0));
    assert_eq!(find(stores, &record, samples.at(0)).await, None);
}

/// Each deed writes its record as it is given, and it is found until it expires.
pub async fn a_deed_writes_its_record_which_is_found_until_it_expires(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    for kind in 0..KINDS {
        let deed = Deed::of_kind(&samples, &own, kind, 5);
        let at = samples.at(5).saturating_add(Duration::from_micros(1));
        let record = IdempotencyRecord { account: deed.account(), ..samples.answer(own.account.id, at) };
        assert_eq!(deed.by(&record).do_it(&stores.into()).await, Done::Written, "{kind}");
        assert_eq!(find(stores, &record, at).await, Some(record.clone()), "{kind}");
        let day = samples.at(5 + 86_400);
        assert_eq!(find(stores, &record, day).await, Some(record.clone()), "{kind}");
        assert_eq!(find(stores, &record, record.expires_at).await, None, "{kind}");
        let other = IdempotencyRecord { lookup: record.body, ..record };
        assert_eq!(find(stores, &other, at).await, None, "{kind}");
    }
}

/// A request that was answered writes nothing a second time, whatever else would speak against it.
pub async fn threat_k6_a_repetition_writes_nothing_and_comes_before_every_other_refusal(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    for kind in 0..KINDS {
        let record = samples.answer(own.account.id, samples.at(5));
        let first = Deed::of_kind(&samples, &own, kind, 5).by(&record);
        assert_eq!(first.clone().do_it(&stores.into()).await, Done::Written, "{kind}");
        let before = Frame::of(stores).await;
        let kept = find(stores, &record, samples.at(6)).await;

        // The same once more, which its handle, its id and the state that it saw speak against too.
        if let Deed::Register(registration, _) = first {
            let mut again = samples.registration();
            again.account.email = registration.account.email;
            let event = samples.registered(&again);
            let again = Deed::Register(Box::new(again), event).by(&record);
            assert_eq!(again.do_it(&stores.into()).await, Done::EmailTaken);
        } else {
            assert_eq!(first.do_it(&stores.into()).await, Done::Repeated, "{kind}");
        }
        // And what a server makes of it that has not heard of the first: other ids, other secrets, another outcome.
        let late = IdempotencyRecord { sealed: vec![7; 48], ..samples.answer(own.account.id, samples.at(6)) };
        let late = IdempotencyRecord { lookup: record.lookup, ..late };
        let again = Deed::of_kind(&samples, &own, kind, 6).by(&late);
        assert_eq!(again.do_it(&stores.into()).await, Done::Repeated, "{kind}");
        if kind == 0 {
            let Deed::CreateKey(mut new, event) = Deed::of_kind(&samples, &own, kind, 6).by(&late) else {
                unreachable!()
            };
            new.most = 0;
            assert_eq!(Deed::CreateKey(new, event).do_it(&stores.into()).await, Done::Repeated);
        }
        assert_eq!(Frame::of(stores).await, before, "{kind}");
        assert_eq!(find(stores, &record, samples.at(6)).await, kept, "{kind}");
    }
}

/// A record that has expired makes room for another: the client's key stands for nothing by then.
pub async fn an_expired_record_makes_room(stores: &Stores) {
    let samples = Samples::new();
    for kind in 0..KINDS {
        let own = account(stores, &samples).await;
        let old = samples.answer(own.account.id, samples.at(5));
        // By another deed, which speaks against none of the others.
        assert_eq!(Deed::of_kind(&samples, &own, 0, 5).by(&old).do_it(&stores.into()).await, Done::Written);
        let of_moment = |created_at| IdempotencyRecord {
            lookup: old.lookup,
            ..samples.answer(own.account.id, created_at)
        };
        let deed = Deed::of_kind(&samples, &own, kind, 6);
        let last = samples.at(5 + 86_399);
        assert_eq!(deed.by(&of_moment(last)).do_it(&stores.into()).await, Done::Repeated, "{kind}");

        let new = IdempotencyRecord { account: deed.account(), ..of_moment(old.expires_at) };
        assert_eq!(deed.by(&new).do_it(&stores.into()).await, Done::Written, "{kind}");
        assert_eq!(find(stores, &old, old.expires_at).await, Some(new), "{kind}");
    }
}

/// A deed that is refused leaves no record: the request may be made again.
pub async fn a_deed_that_is_refused_leaves_no_record(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    for kind in 0..KINDS {
        let record = samples.answer(own.account.id, samples.at(5));
        let mut deed = Deed::of_kind(&samples, &own, kind, 5).by(&record);
        deed.key().handle = own.key.handle;
        let before = Frame::of(stores).await;
        let refused = deed.do_it(&stores.into()).await;
        assert!(matches!(refused, Done::Refused(_)), "{kind}: {refused:?}");
        assert_eq!(find(stores, &record, samples.at(5)).await, None, "{kind}");
        assert_eq!(Frame::of(stores).await, before, "{kind}");
        let again = Deed::of_kind(&samples, &own, kind, 5).by(&record);
        assert_eq!(again.do_it(&stores.into()).await, Done::Written, "{kind}");
    }
}

/// Records go with their account, and no other's do.
pub async fn threat_k11_records_go_with_their_account(stores: &Stores) {
    let samples = Samples::new();
    let (own, other) = (account(stores, &samples).await, account(stores, &samples).await);
    let mut records = Vec::new();
    for registration in [&own, &other] {
        let record = samples.answer(registration.account.id, samples.at(5));
        let deed = Deed::of_kind(&samples, registration, 0, 5).by(&record);
        assert_eq!(deed.do_it(&stores.into()).await, Done::Written);
        records.push(record);
    }
    let event = samples.event(Action::AccountErased, own.account.id, samples.at(6));
    assert_eq!(stores.accounts.erase(own.account.id, event).await, Ok(true));
    assert_eq!(find(stores, &records[0], samples.at(6)).await, None);
    assert_eq!(find(stores, &records[1], samples.at(6)).await, Some(records[1].clone()));
}

/// A request of an account that is gone is not answered, and leaves no record.
pub async fn a_deed_without_an_account_leaves_no_record(stores: &Stores) {
    let samples = Samples::new();
    let own = samples.registration_with_agent();
    for kind in 0..KINDS - 1 {
        let record = samples.answer(own.account.id, samples.at(5));
        let refused = Deed::of_kind(&samples, &own, kind, 5).by(&record).do_it(&stores.into()).await;
        assert!(matches!(refused, Done::Refused(_)), "{kind}: {refused:?}");
        assert_eq!(find(stores, &record, samples.at(5)).await, None, "{kind}");
    }
    assert_eq!(stores.trail(None).await, []);
}

/// What has expired is forgotten, and nothing else is.
pub async fn records_are_forgotten_by_their_end(stores: &Stores) {
    let samples = Samples::new();
    let own = account(stores, &samples).await;
    let records = [5, 6].map(|seconds| samples.answer(own.account.id, samples.at(seconds)));
    for record in &records {
        let deed = Deed::of_kind(&samples, &own, 0, 5).by(record);
        assert_eq!(deed.do_it(&stores.into()).await, Done::Written);
    }
    let before = Frame::of(stores).await;
    assert_eq!(stores.idempotency.forget(records[0].expires_at).await, Ok(()));
    // At a moment at which both would be found.
    assert_eq!(find(stores, &records[0], samples.at(6)).await, None);
    assert_eq!(find(stores, &records[1], samples.at(6)).await, Some(records[1].clone()));
    assert_eq!(Frame::of(stores).await, before);
}

/// Many of one request at the same time: one is done, the others hear that it was, and of them nothing is left.
pub async fn threat_k6_of_32_equal_requests_exactly_one_is_done(stores: &Stores) {
    let samples = Samples::new();
    for kind in 0..KINDS {
        let own = account(stores, &samples).await;
        let lookup = samples.digest();
        let copies: Vec<_> = (0..RACERS)
            .map(|_| {
                let record = samples.answer(own.account.id, samples.at(5));
                Deed::of_kind(&samples, &own, kind, 5).by(&IdempotencyRecord { lookup, ..record })
            })
            .collect();

        let results = race(|number| {
            let (ports, deed) = (Ports::from(stores), copies[number].clone());
            async move {
                let done = || async {
                    let done = deed.clone().do_it(&ports).await;
                    if done == Done::Written { Ok(()) } else { Err(done) }
                };
                patiently(done).await
            }
        })
        .await;

        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{kind}");
        let repeated = Err(Done::Repeated);
        assert_eq!(results.iter().filter(|result| **result == repeated).count(), RACERS - 1, "{kind}");
        let winner = results.iter().position(Result::is_ok).unwrap();
        let kept = stores.idempotency.find(lookup, samples.at(5)).await;
        assert_eq!(kept.as_ref(), Ok(&*copies[winner].clone().record()), "{kind}");
        let events = stores.trail(copies[winner].account()).await.len();
        assert_eq!(events, if kind == KINDS - 1 { 1 } else { 2 }, "{kind}");
    }
    let accounts = stores.accounts.page(None, None, 1_000).await.unwrap();
    assert_eq!(accounts.len(), KINDS + 1, "of the registrations one is left");
}
