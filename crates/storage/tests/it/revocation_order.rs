//! One revocation is open while a later one commits: whoever reads the log loses neither.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use keyward_domain::accounts::AccountStore;
use keyward_domain::audit::{Action, AuditEvent};
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{KeyStore, RevocationReason};
use keyward_domain::revocations::{
    Revocation, RevocationListener, RevocationNumber, RevokedToken, SigningKeysUnusable, Subject,
};
use keyward_domain::tokens::SigningKey;
use keyward_storage::Store;
use keyward_testkit::builders::Samples;
use keyward_testkit::postgres::PostgresDatabase;
use tokio::time::timeout;

use crate::databases::{open, url_of};

/// Writes down what it hears.
#[derive(Default)]
struct Heard(Mutex<Vec<Subject>>);

impl RevocationListener for Heard {
    fn ended(&self, revocations: &[Revocation]) {
        self.0.lock().unwrap().extend(revocations.iter().map(|revocation| revocation.subject));
    }

    fn ended_unknown(&self, _: &[RevokedToken]) {
        panic!("nothing of the log is forgotten");
    }

    fn signing_keys(&self, _: RevocationNumber, _: &[SigningKey]) -> Result<(), SigningKeysUnusable> {
        Ok(())
    }

    fn caught_up(&self, _: std::time::Instant) {}
}

impl Heard {
    async fn waits_for(&self, key: KeyId) -> bool {
        let heard = async {
            while !self.0.lock().unwrap().contains(&Subject::Key(key)) {
                // sleep: the poller runs on a thread of its own; the test can only look again.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(5), heard).await.is_ok()
    }
}

async fn registered(store: &Store, samples: &Samples) -> (KeyId, AuditEvent) {
    let registration = samples.registration();
    let event = samples.registered(&registration);
    store.register(registration.clone(), event).await.unwrap();
    let event = samples.event(Action::KeyRevoked, registration.account.id, samples.at(1));
    (registration.key.id, event)
}

#[tokio::test(flavor = "multi_thread")]
async fn threat_d9_a_revocation_that_commits_behind_a_later_one_is_heard_of() {
    let (database, samples) = (PostgresDatabase::create(), Samples::new());
    let store = open(&url_of(&database));
    let heard = Arc::new(Heard::default());
    let _poller =
        store.watch(RevocationNumber::NONE, heard.clone(), Duration::from_secs(1)).unwrap().unwrap();
    let (early, early_event) = registered(&store, &samples).await;
    let (late, late_event) = registered(&store, &samples).await;

    // Whoever writes a row of this id must wait for this transaction: the early revocation begins and stays open.
    let mut holder = PgConnection::establish(&database.url()).unwrap();
    let hold = format!(
        "BEGIN; INSERT INTO audit_events (id, at, actor, action, target, outcome, mac) \
         VALUES ('{}', '2026-01-01', 'a', 'a', 'a', 'denied', decode(repeat('00', 32), 'hex'))",
        early_event.id
    );
    holder.batch_execute(&hold).unwrap();
    let open = tokio::spawn({
        let (store, at) = (store.clone(), samples.at(1));
        async move { store.revoke(early, at, RevocationReason::Requested, early_event).await }
    });
    waits_for_lock(&database).await;

    let revoked = store.revoke(late, samples.at(1), RevocationReason::Requested, late_event).await;
    assert_eq!(revoked, Ok(true));
    assert!(heard.waits_for(late).await);
    assert!(!open.is_finished());
    holder.batch_execute("ROLLBACK").unwrap();

    assert_eq!(open.await.unwrap(), Ok(true));
    assert!(
        heard.waits_for(early).await,
        "it committed later, and its number must not have been passed over"
    );
}

/// Until some backend of the database waits for a lock.
async fn waits_for_lock(database: &PostgresDatabase) {
    let waiting = "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() \
                   AND wait_event_type = 'Lock') THEN RAISE EXCEPTION 'nobody waits'; END IF; END $$";
    let mut watcher = PgConnection::establish(&database.url()).unwrap();
    let waits = async {
        while watcher.batch_execute(waiting).is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), waits).await.expect("the early revocation waits");
}
