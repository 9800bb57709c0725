//! The store in memory itself: one state behind one lock, the outages it is told to have, and what it was asked.
//!
//! The ports are implemented beside it, a file each, in nothing but its `step` and `end`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use keyward_domain::revocations::{Revocation, RevocationListener, Subject};
use keyward_domain::store::StoreError;

use super::state::State;

/// Keeps everything in memory. Share it by `Arc`; it goes when the last one does.
#[derive(Default)]
pub struct MemoryStore {
    inner: Mutex<Inner>,
    listener: OnceLock<Arc<dyn RevocationListener>>,
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    pub(super) state: State,
    outage: Option<StoreError>,
    outages: BTreeMap<&'static str, StoreError>,
    calls: Vec<&'static str>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// From now on this one hears what deeds end, before each deed is answered. The first one stays.
    pub fn tell(&self, listener: Arc<dyn RevocationListener>) {
        let _ = self.listener.set(listener);
    }

    /// From now on every call fails so and changes nothing; with `None` the store works again, all of it.
    pub fn set_outage(&self, outage: Option<StoreError>) {
        let mut inner = self.lock();
        if outage.is_none() {
            inner.outages.clear();
        }
        inner.outage = outage;
    }

    /// From now on every call of this method fails so, such as `AccountStore::record_login`, and no other.
    pub fn set_outage_of(&self, method: &'static str, outage: StoreError) {
        self.lock().outages.insert(method, outage);
    }

    /// How often a port method was called, such as `AccountStore::find_login`. Calls that failed count too.
    pub fn calls(&self, method: &str) -> usize {
        self.lock().calls.iter().filter(|&&called| called == method).count()
    }

    /// The port methods that were called since this was last asked, in order.
    pub fn take_calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.lock().calls)
    }

    /// One call of a port: all of it happens at once, nothing of it during an outage.
    pub(super) fn step<T, E: From<StoreError>>(
        &self,
        method: &'static str,
        step: impl FnOnce(&mut State) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut inner = self.lock();
        inner.calls.push(method);
        match inner.outage.as_ref().or_else(|| inner.outages.get(method)) {
            Some(outage) => Err(outage.clone().into()),
            None => step(&mut inner.state),
        }
    }

    /// One call of a port that ends something: its subjects are numbered with it and told before it is answered.
    pub(super) fn end<T, E: From<StoreError>>(
        &self,
        method: &'static str,
        step: impl FnOnce(&mut State) -> Result<(T, Vec<Subject>), E>,
    ) -> Result<T, E> {
        let numbered = |state: &mut State| -> Result<_, E> {
            let (answer, subjects) = step(state)?;
            let ended = subjects.into_iter().map(|subject| state.number(subject)).collect::<Vec<_>>();
            Ok((answer, ended, state.signing_keys.clone()))
        };
        let (answer, ended, signing_keys) = self.step(method, numbered)?;
        if let Some(listener) = self.listener.get() {
            listener.ended(&ended);
            let of_keys = ended.iter().find(|revocation| revocation.subject == Subject::SigningKeys);
            if let Some(Revocation { number, .. }) = of_keys {
                let _ = listener.signing_keys(*number, &signing_keys); // Whoever cannot use them has said so.
            }
        }
        Ok(answer)
    }

    /// The state itself, for steps that no port has: tests edit what they could not reach otherwise.
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }
}
