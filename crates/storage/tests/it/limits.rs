//! What limits count in PostgreSQL: exact for any number of servers, and gone when it is over.

use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use keyward_domain::limits::{
    Attempt, Bucket, Counter, CounterStore, CounterUpkeep, CounterValue, Decision, ExactLimiter, GuardKey,
    GuardPolicy, GuardState, LimitName, LimitSubject, Network, Quota,
};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;
use keyward_storage::SharedCounters;
use keyward_testkit::builders::Samples;
use keyward_testkit::contracts::Limiters;
use keyward_testkit::macs::FakeMac;
use keyward_testkit::postgres::PostgresDatabase;
use tokio::sync::Barrier;

use crate::databases::{SqliteFolder, open, url_of};

/// Another server's counters on the same database.
fn server(database: &PostgresDatabase) -> SharedCounters {
    open(&url_of(database)).shared_counters(Arc::new(FakeMac::new(1))).unwrap()
}

async fn postgres_limiters() -> Limiters {
    let database = Arc::new(PostgresDatabase::create());
    let exact: Arc<dyn ExactLimiter> = Arc::new(server(&database));
    let shared = database.clone();
    let reopen = move |_| {
        let again: Arc<dyn ExactLimiter> = Arc::new(server(&shared));
        std::future::ready(again)
    };
    Limiters::new(exact, reopen, database)
}

keyward_testkit::limiter_contracts!(postgres, crate::limits::postgres_limiters);

fn quota(limit: u32, seconds: u64) -> Quota {
    Quota::new(NonZeroU32::new(limit).unwrap(), Duration::from_secs(seconds))
}

fn bucket(number: u8) -> Bucket {
    let network = Network::of(Ipv4Addr::new(192, 0, 2, number).into());
    Bucket { limit: LimitName::PasswordChecks, subject: LimitSubject::Network(network) }
}

/// Panics unless this is so in the database.
fn holds(database: &PostgresDatabase, condition: &str) {
    database.tamper(&format!("DO $$ BEGIN ASSERT {condition}; END $$"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threat_g2_three_servers_on_one_database_pass_exactly_the_limit() {
    let database = PostgresDatabase::create();
    let (now, quota) = (Samples::new().at(0), quota(20, 3_600));
    let line = Arc::new(Barrier::new(90));
    let mut racers = Vec::new();
    for server in [server(&database), server(&database), server(&database)] {
        for _ in 0..30 {
            let (server, line) = (server.clone(), line.clone());
            racers.push(tokio::spawn(async move {
                line.wait().await;
                let taken = loop {
                    match server.take(bucket(1), quota, now).await {
                        Err(StoreError::Busy) => {}
                        taken => break taken.unwrap(),
                    }
                };
                let attempt = loop {
                    match server.attempt(GuardKey(Digest::new([1; 32])), GuardPolicy::DEFAULT, now).await {
                        Err(StoreError::Busy) => {}
                        attempt => break attempt.unwrap(),
                    }
                };
                (matches!(taken, Decision::Passed(_)), attempt == Attempt::Allowed)
            }));
        }
    }
    let (mut passed, mut allowed) = (0, 0);
    for racer in racers {
        let (one, other) = racer.await.unwrap();
        passed += usize::from(one);
        allowed += usize::from(other);
    }
    assert_eq!((passed, allowed), (20, 10));
}

#[tokio::test]
async fn threat_d11_a_refusal_writes_nothing() {
    let database = PostgresDatabase::create();
    let (limiter, now, guard) = (server(&database), Samples::new().at(0), GuardKey(Digest::new([1; 32])));
    limiter.take(bucket(1), quota(1, 60), now).await.unwrap();
    for _ in 0..10 {
        assert_eq!(limiter.attempt(guard, GuardPolicy::DEFAULT, now).await, Ok(Attempt::Allowed));
    }
    // A row that was only locked would carry the lock's mark too.
    database.tamper(
        "CREATE TABLE before AS SELECT key, xmin::text AS made, xmax::text AS locked FROM limit_counters",
    );
    for _ in 0..20 {
        let refused = limiter.take(bucket(1), quota(1, 60), now).await;
        assert!(matches!(refused, Ok(Decision::Refused(_))), "{refused:?}");
        let refused = limiter.attempt(guard, GuardPolicy::DEFAULT, now).await;
        assert!(matches!(refused, Ok(Attempt::Wait(_))), "{refused:?}");
    }
    holds(&database, "(SELECT count(*) FROM before) = 2");
    holds(
        &database,
        "NOT EXISTS (SELECT key, xmin::text, xmax::text FROM limit_counters EXCEPT SELECT key, made, locked FROM before)",
    );
}

#[tokio::test]
async fn threat_d11_what_is_over_is_deleted_and_the_rest_stays() {
    let database = PostgresDatabase::create();
    let (limiter, samples) = (server(&database), Samples::new());
    let rows = |number: u8| holds(&database, &format!("(SELECT count(*) FROM limit_counters) = {number}"));
    limiter.take(bucket(1), quota(5, 60), samples.at(0)).await.unwrap();
    limiter.remember(Digest::new([2; 32]), samples.at(5_000)).await.unwrap();
    let guard = GuardKey(Digest::new([1; 32]));
    limiter.attempt(guard, GuardPolicy::DEFAULT, samples.at(0)).await.unwrap();
    limiter.keep_up(samples.at(59)).await.unwrap();
    rows(3);
    limiter.keep_up(samples.at(1_000)).await.unwrap();
    rows(2);
    // What is written again lives on.
    limiter.attempt(guard, GuardPolicy::DEFAULT, samples.at(80_000)).await.unwrap();
    limiter.keep_up(samples.at(100_000)).await.unwrap();
    rows(1);
    limiter.keep_up(samples.at(200_000)).await.unwrap();
    rows(0);
}

#[tokio::test]
async fn threat_k1_neither_addresses_nor_identities_rest_in_the_counters() {
    let database = PostgresDatabase::create();
    let (limiter, now) = (server(&database), Samples::new().at(0));
    limiter.take(bucket(7), quota(5, 60), now).await.unwrap();
    holds(&database, "(SELECT count(*) FROM limit_counters) = 1");
    holds(
        &database,
        "NOT EXISTS (SELECT FROM limit_counters WHERE position('\\xc0000207'::bytea IN key) > 0)",
    );
}

#[tokio::test]
async fn what_counts_has_few_connections_of_its_own() {
    let database = PostgresDatabase::create();
    let (limiter, now) = (server(&database), Samples::new().at(0));
    let takers: Vec<_> = (0..50)
        .map(|_| {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.take(bucket(1), quota(500, 60), now).await })
        })
        .collect();
    for taker in takers {
        assert!(matches!(taker.await.unwrap(), Ok(Decision::Passed(_))));
    }
    holds(
        &database,
        "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
          AND query LIKE '%limit_counters AS counter%' AND pid <> pg_backend_pid()) BETWEEN 1 AND 4",
    );
}

#[tokio::test]
async fn threat_d5_counting_goes_on_after_connections_were_cut() {
    let database = PostgresDatabase::create();
    let (limiter, now) = (server(&database), Samples::new().at(0));
    for round in 0..3 {
        assert!(matches!(limiter.take(bucket(round), quota(1, 60), now).await, Ok(Decision::Passed(_))));
        database.cut_connections();
        assert!(matches!(limiter.take(bucket(round), quota(1, 60), now).await, Ok(Decision::Refused(_))));
    }
}

#[tokio::test]
async fn sqlite_keeps_counters_for_memory_and_shares_none() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let store = folder.open();
    assert!(store.shared_counters(Arc::new(FakeMac::new(1))).is_none());
    let counter = |number: u8, value, end| Counter {
        key: Digest::new([number; 32]),
        value,
        expires_at: samples.at(end),
    };
    let bucket = counter(1, CounterValue::Bucket { full_at: samples.at(7) }, 7);
    let guard = counter(2, CounterValue::Guard(GuardState { failures: 3, last_at: samples.at(1) }), 20);
    let mark = counter(3, CounterValue::Mark, 30);
    let load = async |now| {
        let mut kept = store.load(samples.at(now)).await.unwrap();
        kept.sort_by_key(|counter| *counter.key.as_bytes());
        kept
    };
    store.save(vec![bucket, guard, mark], Vec::new(), samples.at(0)).await.unwrap();
    assert_eq!(load(0).await, [bucket, guard, mark]);
    assert_eq!(load(7).await, [guard, mark]);
    let later = Counter { value: CounterValue::Bucket { full_at: samples.at(9) }, ..bucket };
    store.save(vec![later], vec![guard.key], samples.at(0)).await.unwrap();
    assert_eq!(load(0).await, [later, mark]);
    store.save(Vec::new(), Vec::new(), samples.at(7)).await.unwrap();
    assert_eq!(load(0).await, [mark], "what is over goes with whatever is written");
}
