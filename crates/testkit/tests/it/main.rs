//! The testkit itself: the store in memory keeps the contracts that every adapter keeps, and the proxy fails as
//! told.

#![allow(clippy::unwrap_used, reason = "a failed expectation here is a failed test")]

mod chaos;
mod every_contract_is_listed;

use std::sync::Arc;

use keyward_domain::limits::ExactLimiter;
use keyward_testkit::contracts::{Limiters, Stores};
use keyward_testkit::limits::MemoryLimiter;
use keyward_testkit::memory::MemoryStore;

async fn memory_stores() -> Stores {
    Stores::of(Arc::new(MemoryStore::new()), ())
}

/// A restart in good order loses nothing, and this one has nowhere to lose it to.
async fn memory_limiters() -> Limiters {
    let limiter: Arc<dyn ExactLimiter> = Arc::new(MemoryLimiter::new());
    let same = limiter.clone();
    Limiters::new(limiter, move |_| std::future::ready(same.clone()), ())
}

keyward_testkit::port_contracts!(memory, crate::memory_stores);
keyward_testkit::limiter_contracts!(memory_limiter, crate::memory_limiters);
