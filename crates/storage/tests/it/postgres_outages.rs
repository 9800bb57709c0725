//! PostgreSQL that goes away, hangs and comes back.

use std::sync::Arc;
use std::time::Duration;

use keyward_domain::accounts::{AccountStore, RegistrationRefused};
use keyward_domain::revocations::{
    Revocation, RevocationListener, RevocationNumber, RevokedToken, SigningKeysUnusable,
};
use keyward_domain::store::{StoreError, StoreHealth};
use keyward_domain::tokens::SigningKey;
use keyward_storage::{DatabaseUrl, Store};
use keyward_testkit::builders::Samples;
use keyward_testkit::chaos::ChaosProxy;
use keyward_testkit::postgres::PostgresDatabase;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::databases::{open, url_of};

const IN_TIME: Duration = Duration::from_secs(3);
const SOON: Duration = Duration::from_secs(10);

/// A store that reaches its database through a network that can fail.
struct Remote {
    store: Store,
    proxy: ChaosProxy,
    _database: PostgresDatabase,
}

impl Remote {
    fn new() -> Self {
        let database = PostgresDatabase::create();
        let url = database.url();
        let (user, rest) = url.split_once('@').unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let proxy = ChaosProxy::start(server.parse().unwrap());
        let url: DatabaseUrl = format!("{user}@{}/{name}", proxy.address()).parse().unwrap();
        Self { store: open(&url), proxy, _database: database }
    }

    /// So many reads and as many writes at once: all of them answer in time that there is no database.
    async fn is_out(&self, callers: usize) {
        let samples = Samples::new();
        let calls: Vec<_> = (0..callers)
            .map(|_| {
                let (store, registration) = (self.store.clone(), samples.registration());
                let event = samples.registered(&registration);
                let reads = tokio::spawn({
                    let store = store.clone();
                    async move { timeout(IN_TIME, store.ready()).await }
                });
                let writes =
                    tokio::spawn(async move { timeout(IN_TIME, store.register(registration, event)).await });
                (reads, writes)
            })
            .collect();
        for (reads, writes) in calls {
            let read = reads.await.unwrap().expect("a read answers within three seconds");
            let write = writes.await.unwrap().expect("a write answers within three seconds");
            assert!(matches!(read, Err(StoreError::Busy | StoreError::Unavailable(_))), "{read:?}");
            assert!(
                matches!(
                    write,
                    Err(RegistrationRefused::Store(StoreError::Busy | StoreError::Unavailable(_)))
                ),
                "{write:?}"
            );
        }
    }

    /// Without anybody's help.
    async fn is_good_again(&self) {
        let good = async {
            while self.store.ready().await.is_err() {}
            let samples = Samples::new();
            let registration = samples.registration();
            let event = samples.registered(&registration);
            assert_eq!(self.store.register(registration, event).await, Ok(()));
        };
        timeout(SOON, good).await.expect("the store recovers");
        assert_eq!(self.store.integrity(), Ok(Vec::new()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_d5_a_frozen_server_is_an_outage_in_time_and_good_again_by_itself() {
    let remote = Remote::new();
    remote.proxy.freeze();
    remote.is_out(20).await;
    remote.is_out(20).await;
    remote.proxy.forward();
    // What hung has gone through in the meantime, so the addresses may be taken: the trail tells one from the other.
    timeout(SOON, async { while remote.store.ready().await.is_err() {} }).await.expect("the store recovers");
    assert_eq!(remote.store.integrity(), Ok(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_d5_a_server_that_is_down_is_an_outage_in_time_and_good_again_by_itself() {
    let remote = Remote::new();
    remote.proxy.down();
    remote.is_out(20).await;
    remote.proxy.forward();
    assert_eq!(remote.store.ready().await, Ok(()));
    remote.is_good_again().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_d5_the_first_calls_after_a_restart_succeed() {
    let database = PostgresDatabase::create();
    let (store, samples) = (open(&url_of(&database)), Samples::new());
    for _ in 0..3 {
        // Fills the pool.
        let calls: Vec<_> = (0..8)
            .map(|_| {
                tokio::spawn({
                    let store = store.clone();
                    async move { store.ready().await }
                })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap(), Ok(()));
        }
        database.cut_connections();
        assert_eq!(store.ready().await, Ok(()));

        database.cut_connections();
        let registration = samples.registration();
        let event = samples.registered(&registration);
        assert_eq!(store.register(registration, event).await, Ok(()));
    }
}

/// Says that the poller has heard of everything.
struct CaughtUp(Notify);

impl RevocationListener for CaughtUp {
    fn ended(&self, _: &[Revocation]) {}

    fn ended_unknown(&self, _: &[RevokedToken]) {}

    fn signing_keys(&self, _: RevocationNumber, _: &[SigningKey]) -> Result<(), SigningKeysUnusable> {
        Ok(())
    }

    fn caught_up(&self, _: std::time::Instant) {
        self.0.notify_one();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_d5_a_call_that_is_under_way_is_let_go_when_the_poller_hears_nothing() {
    let remote = Remote::new();
    let heard = Arc::new(CaughtUp(Notify::new()));
    let _poller =
        remote.store.watch(RevocationNumber::NONE, heard.clone(), Duration::from_secs(1)).unwrap().unwrap();
    timeout(SOON, heard.0.notified()).await.expect("a first poll");
    remote.proxy.freeze();
    // The promise is a bound: a second after the last that was heard, and nobody is waited for any longer.
    let read = timeout(Duration::from_millis(1_500), remote.store.ready()).await;
    assert!(matches!(read, Ok(Err(StoreError::Unavailable(_)))), "{read:?}");
    remote.proxy.forward();
    remote.is_good_again().await;
}
