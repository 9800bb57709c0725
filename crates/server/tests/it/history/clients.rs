//! The clients, and what their history says.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures_util::StreamExt;
use keyward_domain::Domain;
use keyward_domain::keys::AuthenticateKeyError;
use keyward_domain::tokens::AuthenticateTokenError;
use tokio::task::JoinSet;

use super::deeds::{Kind, Victim};
use super::world::World;

/// How many clients ask at the same time.
const CLIENTS: usize = 32;
/// How many victims there are at a time, and how many of them are ended at the same time.
const WAVE: usize = 50;
const AT_ONCE: usize = 5;
/// How many victims register at the same time: no more than there are connections, so that none waits for one.
const REGISTERING: usize = 8;

/// What came of one kind of deed.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) deeds: usize,
    pub(super) good: usize,
    pub(super) refused: usize,
    /// Checks that could not be decided, which is no verdict: a database on a busy machine answers late.
    pub(super) undecided: usize,
    /// Checks that succeeded though they began after their subject's end had been answered.
    pub(super) violations: usize,
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { deeds, good, refused, undecided, violations } = self;
        write!(f, "{deeds} deeds, {good} good checks, {refused} refused, {undecided} undecided, ")?;
        write!(f, "{violations} violations")
    }
}

/// A victim, and whether its end has been answered.
struct Subject {
    victim: Victim,
    is_ended: AtomicBool,
}

#[derive(Default)]
struct Counts {
    good: AtomicUsize,
    refused: AtomicUsize,
    undecided: AtomicUsize,
    violations: AtomicUsize,
}

/// Has so many deeds of a kind done while the clients ask.
pub(super) async fn run(world: &World, kind: Kind, deeds: usize) -> History {
    let mut history = History::default();
    while history.deeds < deeds {
        let number = WAVE.min(deeds - history.deeds);
        let subjects = register(world, kind, history.deeds, number).await;
        wave(world, kind, subjects, &mut history).await;
        history.deeds += number;
    }
    history
}

async fn register(world: &World, kind: Kind, from: usize, number: usize) -> Arc<Vec<Subject>> {
    let made = (from..from + number).map(|number| Victim::register(world, kind, number));
    let victims = futures_util::stream::iter(made).buffered(REGISTERING);
    let subject = |victim| Subject { victim, is_ended: AtomicBool::new(false) };
    Arc::new(victims.map(subject).collect().await)
}

async fn wave(world: &World, kind: Kind, subjects: Arc<Vec<Subject>>, history: &mut History) {
    let (counts, is_over) = (Arc::new(Counts::default()), Arc::new(AtomicBool::new(false)));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (domain, subjects) = (world.domain.clone(), Arc::clone(&subjects));
        let (counts, is_over) = (Arc::clone(&counts), Arc::clone(&is_over));
        clients.spawn(async move {
            let mut turn = number;
            loop {
                let is_last = is_over.load(Ordering::SeqCst);
                let subject = &subjects[turn % subjects.len()];
                check(&domain, kind, subject, turn, &counts).await;
                turn += 7; // Another victim each time, and each of them in its turn.
                tokio::task::yield_now().await;
                if is_last {
                    return;
                }
            }
        });
    }
    for some in subjects.chunks(AT_ONCE) {
        let ends = some.iter().map(|subject| async {
            kind.end(world, &subject.victim).await;
            subject.is_ended.store(true, Ordering::SeqCst);
        });
        futures_util::future::join_all(ends).await;
    }
    is_over.store(true, Ordering::SeqCst);
    while let Some(client) = clients.join_next().await {
        client.expect("a client that does not panic");
    }
    for (turn, subject) in subjects.iter().enumerate() {
        for credential in 0..3 {
            check(&world.domain, kind, subject, 3 * turn + credential, &counts).await;
        }
    }
    history.good += counts.good.load(Ordering::SeqCst);
    history.refused += counts.refused.load(Ordering::SeqCst);
    history.undecided += counts.undecided.load(Ordering::SeqCst);
    history.violations += counts.violations.load(Ordering::SeqCst);
}

/// What a check said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    Refused,
    Undecided,
}

impl Verdict {
    async fn on_key(domain: &Domain, key: &str) -> Self {
        match domain.keys.authenticate(key).await {
            Ok(_) => Self::Good,
            Err(AuthenticateKeyError::Store(_)) => Self::Undecided,
            Err(_) => Self::Refused,
        }
    }

    async fn on_token(domain: &Domain, token: &str) -> Self {
        match domain.tokens.authenticate(token).await {
            Ok(_) => Self::Good,
            Err(AuthenticateTokenError::Store(_)) => Self::Undecided,
            Err(_) => Self::Refused,
        }
    }
}

/// One check by one of the victim's credentials. What is read of its end is read before the check begins.
async fn check(domain: &Domain, kind: Kind, subject: &Subject, turn: usize, counts: &Counts) {
    let (victim, dies) = (&subject.victim, kind.dies());
    let was_ended = subject.is_ended.load(Ordering::SeqCst);
    let (verdict, is_mortal) = match turn % 3 {
        0 => (Verdict::on_key(domain, &victim.key).await, dies.key),
        1 => (Verdict::on_key(domain, &victim.agent_key).await, dies.agent_key),
        _ => (Verdict::on_token(domain, &victim.token).await, dies.token),
    };
    // What the deed does not end must stay good, too.
    let (count, is_violation) = match verdict {
        Verdict::Good => (&counts.good, is_mortal && was_ended),
        Verdict::Refused => (&counts.refused, !is_mortal),
        Verdict::Undecided => (&counts.undecided, false),
    };
    count.fetch_add(1, Ordering::Relaxed);
    if is_violation {
        counts.violations.fetch_add(1, Ordering::Relaxed);
    }
}
