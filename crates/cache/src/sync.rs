//! Locks and atomics. In this crate's own unit tests they are those of a scheduler that tries one order of events after
//! the other; everywhere else the machine's.

#[cfg(not(test))]
pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
#[cfg(not(test))]
pub(crate) use std::sync::{Mutex, MutexGuard, RwLock};

#[cfg(test)]
pub(crate) use shuttle::sync::atomic::{AtomicU64, Ordering};
#[cfg(test)]
pub(crate) use shuttle::sync::{Mutex, MutexGuard, RwLock};

/// The lock. Nothing under it panics half-way: what a poisoned one holds is whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
