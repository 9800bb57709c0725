//! Limits of a server that is alone with its SQLite database: the contract of limiters on its memory, and a restart.

use std::sync::Arc;

use keyward_domain::limits::{CounterUpkeep, ExactLimiter};
use keyward_domain::time::{Clock, Instant};
use keyward_limits::ExactMemory;
use keyward_storage::{DatabaseUrl, Store, StoreOptions};
use keyward_testkit::clock::FakeClock;
use keyward_testkit::contracts::Limiters;
use keyward_testkit::macs::FakeMac;
use serde_json::json;

use crate::process::{Place, Server};

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

#[test]
fn threat_g1_a_restart_does_not_give_back_what_was_taken() {
    let place = Place::new().with("KEYWARD_RATE_LIMITS", "on");
    let file = "[limits]\nnew_accounts_per_hour = 1\n";
    std::fs::write(place.directory.path().join("keyward.toml"), file).unwrap();
    let register = |server: &Server| {
        server.post("/tradeready/api/v1/auth/register", &json!({"display_name": "One of many"})).status
    };
    let server = place.serve();
    assert_eq!((register(&server), register(&server)), (201, 429));
    server.terminate();
    assert!(server.wait().success());
    assert_eq!(register(&place.serve()), 429);
}
