//! Look-ups under way: one for each thing that is asked for, gathered into one query at a time.
//!
//! Whoever misses something leaves a waiter. The first one starts the runner, which takes all that has gathered, reads
//! it at once, answers, and goes on until nothing has gathered meanwhile.

use std::collections::HashMap;

use keyward_domain::credentials::Wanted;
use keyward_domain::ids::{AccountId, AgentId, KeyId};
use keyward_domain::keys::KeyHandle;

use crate::sync::{Mutex, lock};

/// The most things of one query.
const MOST: usize = 256;

/// The most things that wait for the next queries. Whoever comes behind so many would not be answered in time.
const MOST_GATHERED: usize = 8_192;

/// One thing that is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Want {
    /// A key by what is shown of it, with its owners.
    Handle(KeyHandle),
    /// A key.
    Key(KeyId),
    /// An agent.
    Agent(AgentId),
    /// An account.
    Account(AccountId),
}

/// Look-ups under way, and who waits for them.
pub(crate) struct Flights<W>(Mutex<State<W>>);

struct State<W> {
    gathered: HashMap<Want, Vec<W>>,
    flying: HashMap<Want, Vec<W>>,
    /// How often anything had been forgotten when they took off.
    since: u64,
    is_running: bool,
}

/// Whether whoever joined must start the runner.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Runner {
    Runs,
    MustStart,
    /// Nobody joined: more is asked for than can be looked up in time.
    Overrun,
}

impl<W> Flights<W> {
    pub(crate) fn new() -> Self {
        let (gathered, flying) = (HashMap::new(), HashMap::new());
        Self(Mutex::new(State { gathered, flying, since: 0, is_running: false }))
    }

    /// Waits for a thing: with the look-up of it that is under way, or else with the next one.
    ///
    /// Security: a look-up that took off before something was forgotten may have read what is no more. Whoever asks
    /// after a revocation was answered must not be served by it, so it is joined only if nothing was forgotten since.
    pub(crate) fn join(&self, want: Want, waiter: W, forgotten: impl FnOnce() -> u64) -> Runner {
        let mut state = lock(&self.0);
        if state.since == forgotten()
            && let Some(waiters) = state.flying.get_mut(&want)
        {
            waiters.push(waiter);
            return Runner::Runs;
        }
        if state.gathered.len() >= MOST_GATHERED && !state.gathered.contains_key(&want) {
            return Runner::Overrun;
        }
        state.gathered.entry(want).or_default().push(waiter);
        if std::mem::replace(&mut state.is_running, true) { Runner::Runs } else { Runner::MustStart }
    }

    /// Takes what has gathered. `None`, and the runner is over, if nothing has. Notes are taken after this, and the
    /// look-up begins after that. What nobody waits for any longer is not looked up.
    pub(crate) fn take_off(
        &self,
        forgotten: impl FnOnce() -> u64,
        is_gone: impl Fn(&W) -> bool,
    ) -> Option<Wanted> {
        let mut state = lock(&self.0);
        state.gathered.retain(|_, waiters| !waiters.iter().all(&is_gone));
        if state.gathered.is_empty() {
            state.is_running = false;
            return None;
        }
        let first: Vec<Want> = state.gathered.keys().take(MOST).copied().collect();
        let mut wanted = Wanted::default();
        for want in first {
            if let Some(waiters) = state.gathered.remove(&want) {
                add(&mut wanted, want);
                state.flying.insert(want, waiters);
            }
        }
        state.since = forgotten();
        Some(wanted)
    }

    /// Hands over who waits for what was taken off.
    pub(crate) fn land(&self) -> Vec<(Want, Vec<W>)> {
        lock(&self.0).flying.drain().collect()
    }

    /// The runner was stopped in the middle: nobody waits any longer, and the next one may start another.
    pub(crate) fn abandon(&self) {
        let mut state = lock(&self.0);
        state.gathered.clear();
        state.flying.clear();
        state.is_running = false;
    }
}

impl From<Want> for Wanted {
    fn from(want: Want) -> Self {
        let mut wanted = Self::default();
        add(&mut wanted, want);
        wanted
    }
}

fn add(wanted: &mut Wanted, want: Want) {
    match want {
        Want::Handle(handle) => wanted.handles.push(handle),
        Want::Key(id) => wanted.keys.push(id),
        Want::Agent(id) => wanted.agents.push(id),
        Want::Account(id) => wanted.accounts.push(id),
    }
}
