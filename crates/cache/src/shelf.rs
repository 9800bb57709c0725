//! Things of one kind that are remembered, each by its id, up to a number of them.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;

use keyward_domain::metrics::Counter;
use quick_cache::sync::Cache;
use quick_cache::{DefaultHashBuilder, Lifecycle, UnitWeighter};

use crate::sync::{Mutex, lock};

/// How many counters a shelf has: with more of them fewer look-ups are spoiled by what is forgotten beside them.
const STRIPES: usize = if cfg!(test) { 2 } else { 64 }; // Each is a place where the schedule search branches.
/// How many entries there is room for from the start. The rest is made when it is needed.
const ROOM: usize = 1_024;

/// Things of one kind that are remembered.
pub(crate) struct Shelf<K, V> {
    entries: Cache<K, V, UnitWeighter, DefaultHashBuilder, Evictions>,
    evictions: Arc<Counter>,
    /// How often something of this stripe was forgotten. Whoever puts something in holds its stripe's lock, and so does
    /// whoever forgets: there is no moment between looking at the counter and putting in.
    stripes: Vec<Mutex<u64>>,
    hasher: RandomState,
}

/// Counts what had to make room for something else.
#[derive(Clone)]
struct Evictions(Arc<Counter>);

impl<K, V> Lifecycle<K, V> for Evictions {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _: K, _: V) {
        self.0.increment();
    }
}

/// All counters of a shelf, noted before a look-up.
#[derive(Debug, Clone)]
pub(crate) struct Notes(Vec<u64>);

impl<K: Hash + Eq + Copy, V: Clone> Shelf<K, V> {
    pub(crate) fn new(capacity: u64) -> Self {
        let room = ROOM.min(usize::try_from(capacity).unwrap_or(ROOM));
        let evictions = Arc::<Counter>::default();
        let counted = Evictions(Arc::clone(&evictions));
        Self {
            entries: Cache::with(room, capacity.max(1), UnitWeighter, DefaultHashBuilder::default(), counted),
            evictions,
            stripes: (0..STRIPES).map(|_| Mutex::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }

    /// What is remembered under this id.
    pub(crate) fn get(&self, id: K) -> Option<V> {
        self.entries.get(&id)
    }

    /// Notes all counters. To be called before the look-up begins.
    pub(crate) fn note(&self) -> Notes {
        Notes(self.stripes.iter().map(|stripe| *lock(stripe)).collect())
    }

    /// Remembers what a look-up found, unless anything of its stripe was forgotten since the notes were taken.
    pub(crate) fn put(&self, id: K, value: V, notes: &Notes) {
        let index = self.stripe(id);
        let (Some(stripe), Some(noted)) = (self.stripes.get(index), notes.0.get(index)) else {
            return;
        };
        let counter = lock(stripe);
        if *counter == *noted {
            self.entries.insert(id, value);
        }
    }

    /// Forgets what is remembered under this id, and keeps out what look-ups that are under way will find.
    pub(crate) fn forget(&self, id: K) {
        if let Some(stripe) = self.stripes.get(self.stripe(id)) {
            let mut counter = lock(stripe);
            *counter += 1;
            self.entries.remove(&id);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        for stripe in &self.stripes {
            *lock(stripe) += 1;
        }
        // Whatever was put in before its stripe's turn goes now; what comes later was noted later.
        self.entries.clear();
    }

    /// How many things are remembered.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many had to make room for others.
    pub(crate) fn evicted(&self) -> u64 {
        self.evictions.get()
    }

    fn stripe(&self, id: K) -> usize {
        (self.hasher.hash_one(id) as usize) % STRIPES
    }
}
