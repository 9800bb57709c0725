//! The testkit itself: the store in memory keeps the contracts that every adapter keeps, and the proxy fails as
//! told.

#![allow(clippy::unwrap_used, reason = "a failed expectation here is a failed test")]

mod chaos;
mod every_contract_is_listed;

use std::sync::Arc;

use keyward_testkit::contracts::Stores;
use keyward_testkit::memory::MemoryStore;

async fn memory_stores() -> Stores {
    Stores::of(Arc::new(MemoryStore::new()), ())
}

keyward_testkit::port_contracts!(memory, crate::memory_stores);
