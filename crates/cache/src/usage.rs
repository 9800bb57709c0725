//! When keys were last used: kept until the next batch is written.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use keyward_domain::ids::KeyId;
use keyward_domain::time::Instant;

/// The most keys that wait for the next batch. Beyond that the store has been away for long, and a last use that is
/// not written down does less harm than memory that grows.
const MOST: usize = 100_000;

/// Uses that are not written down yet.
#[derive(Default)]
pub(crate) struct Usage(Mutex<HashMap<KeyId, Instant>>);

impl Usage {
    /// The key was used at this moment.
    pub(crate) fn add(&self, key: KeyId, at: Instant) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pending.len() < MOST || pending.contains_key(&key) {
            let latest = pending.entry(key).or_insert(at);
            *latest = at.max(*latest);
        }
    }

    /// Takes all of them.
    pub(crate) fn take(&self) -> Vec<(KeyId, Instant)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }
}
