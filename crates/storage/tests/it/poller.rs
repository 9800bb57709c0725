//! What the poller does when it cannot tell what has ended one by one: it has everything forgotten.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, atomic::AtomicI64};
use std::time::Duration;

use keyward_domain::audit::Action;
use keyward_domain::revocations::{
    Revocation, RevocationListener, RevocationLog, RevocationNumber, RevokedToken, SigningKeysUnusable,
};
use keyward_domain::tokens::SigningKey;
use keyward_storage::{Poller, Store};
use keyward_testkit::builders::Samples;
use keyward_testkit::postgres::PostgresDatabase;
use tokio::time::timeout;

use crate::databases::{open, url_of};

/// Counts what it hears.
#[derive(Default)]
struct Heard {
    told: AtomicUsize,
    unknown: Mutex<Vec<usize>>,
    keys_as_of: AtomicI64,
    polls: AtomicUsize,
}

impl RevocationListener for Heard {
    fn ended(&self, revocations: &[Revocation]) {
        self.told.fetch_add(revocations.len(), Ordering::SeqCst);
    }

    fn ended_unknown(&self, revoked: &[RevokedToken]) {
        self.unknown.lock().unwrap().push(revoked.len());
    }

    fn signing_keys(&self, as_of: RevocationNumber, _: &[SigningKey]) -> Result<(), SigningKeysUnusable> {
        self.keys_as_of.store(as_of.get(), Ordering::SeqCst);
        Ok(())
    }

    fn caught_up(&self, _: std::time::Instant) {
        self.polls.fetch_add(1, Ordering::SeqCst);
    }
}

struct Watched {
    store: Store,
    samples: Samples,
    heard: Arc<Heard>,
    database: PostgresDatabase,
}

impl Watched {
    /// Five tokens that were ended, and whatever else a test does to the log.
    async fn with(statement: &str, from: i64) -> (Self, Poller) {
        let database = PostgresDatabase::create();
        let (store, samples) = (open(&url_of(&database)), Samples::new());
        for seconds in 1..=5 {
            let token = RevokedToken { id: samples.token_id(), expires_at: samples.at(seconds) };
            let event = samples.event(Action::TokenRevoked, samples.account_id(), samples.at(0));
            assert_eq!(store.revoke_token(token, event).await, Ok(true));
        }
        database.tamper(statement);
        let heard = Arc::new(Heard::default());
        let silence = Duration::from_secs(20);
        let poller = store.watch(RevocationNumber::new(from), heard.clone(), silence).unwrap().unwrap();
        (Self { store, samples, heard, database }, poller)
    }

    /// Waits for two whole polls.
    async fn polls(&self) {
        let wanted = self.heard.polls.load(Ordering::SeqCst) + 2;
        let polled = async {
            while self.heard.polls.load(Ordering::SeqCst) < wanted {
                tokio::task::yield_now().await;
            }
        };
        timeout(Duration::from_secs(10), polled).await.expect("polls");
    }

    fn unknown(&self) -> Vec<usize> {
        self.heard.unknown.lock().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_log_is_told_one_by_one() {
    let (watched, _poller) = Watched::with("SELECT 1", 0).await;
    watched.polls().await;
    assert_eq!((watched.heard.told.load(Ordering::SeqCst), watched.unknown()), (5, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_d9_a_gap_in_the_numbers_has_everything_forgotten() {
    let cut = "DELETE FROM revocations WHERE number <= 3";
    let (watched, _poller) = Watched::with(cut, 0).await;
    watched.polls().await;
    assert_eq!(watched.unknown(), [5], "with all tokens that were ended");
    assert_eq!(watched.heard.keys_as_of.load(Ordering::SeqCst), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_d9_a_server_that_is_far_behind_forgets_everything() {
    let (watched, _poller) = Watched::with("UPDATE revocation_head SET forgotten = 4", 1).await;
    watched.polls().await;
    assert_eq!(watched.unknown(), [5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_d9_what_a_later_release_ends_has_everything_forgotten() {
    let (watched, _poller) =
        Watched::with("UPDATE revocations SET kind = 'session' WHERE number = 4", 0).await;
    watched.polls().await;
    assert_eq!(watched.unknown(), [5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_d9_a_database_that_was_restored_has_everything_forgotten() {
    let (watched, _poller) = Watched::with("SELECT 1", 5).await;
    watched.polls().await;
    assert_eq!(watched.unknown(), Vec::<usize>::new());
    watched.database.tamper("DELETE FROM revocations WHERE number > 2; UPDATE revocation_head SET last = 2");
    watched.polls().await;
    assert_eq!(watched.unknown(), [5]);
    assert_eq!(watched.heard.keys_as_of.load(Ordering::SeqCst), 2);
    let token = RevokedToken { id: watched.samples.token_id(), expires_at: watched.samples.at(9) };
    let event =
        watched.samples.event(Action::TokenRevoked, watched.samples.account_id(), watched.samples.at(0));
    watched.store.revoke_token(token, event).await.unwrap();
    watched.polls().await;
    assert_eq!(watched.heard.told.load(Ordering::SeqCst), 1, "and goes on from there");
}
