//! The contract of limiters, on the memory of a server that is alone with its SQLite database.

use std::sync::Arc;

use keyward_domain::limits::{CounterUpkeep, ExactLimiter};
use keyward_domain::time::{Clock, Instant};
use keyward_limits::ExactMemory;
use keyward_storage::{DatabaseUrl, Store, StoreOptions};
use keyward_testkit::clock::FakeClock;
use keyward_testkit::contracts::Limiters;
use keyward_testkit::macs::FakeMac;

async fn over(store: &Store, now: Instant) -> Arc<ExactMemory> {
    let (store, mac) = (Arc::new(store.clone()), Arc::new(FakeMac::new(1)));
    Arc::new(ExactMemory::load(store, mac, 1_000, now).await.unwrap())
}

async fn sqlite_limiters() -> Limiters {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::sqlite(folder.path().join("keyward.db"));
    let store = Store::open(&url, StoreOptions::default()).unwrap();
    store.migrate().unwrap();
    let limiter = over(&store, FakeClock::new().now()).await;
    let before = limiter.clone();
    let reopen = move |now| {
        let (store, before) = (store.clone(), before.clone());
        async move {
            before.keep_up(now).await.unwrap();
            let again: Arc<dyn ExactLimiter> = over(&store, now).await;
            again
        }
    };
    Limiters::new(limiter, reopen, folder)
}

keyward_testkit::limiter_contracts!(sqlite, crate::limits::sqlite_limiters);
