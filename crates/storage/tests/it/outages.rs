//! SQLite that cannot be written to.

use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use keyward_domain::accounts::{AccountStore, RegistrationRefused};
use keyward_domain::store::{StoreError, StoreHealth};
use keyward_testkit::builders::Samples;
use tokio::time::timeout;

use crate::databases::SqliteFolder;

const IN_TIME: Duration = Duration::from_secs(3);

#[tokio::test]
async fn threat_d5_a_database_that_a_stranger_has_locked_is_busy_and_good_again_by_itself() {
    let folder = SqliteFolder::new();
    let (store, samples) = (folder.open(), Samples::new());
    let mut stranger = SqliteConnection::establish(folder.path().to_str().unwrap()).unwrap();
    stranger.batch_execute("BEGIN IMMEDIATE").unwrap();

    let registration = samples.registration();
    let event = samples.registered(&registration);
    let refused = timeout(IN_TIME, store.register(registration.clone(), event.clone())).await.unwrap();
    assert_eq!(refused, Err(RegistrationRefused::Store(StoreError::Busy)));
    assert_eq!(store.ready().await, Ok(()), "reading goes on");

    stranger.batch_execute("COMMIT").unwrap();
    assert_eq!(store.register(registration, event).await, Ok(()));
    assert_eq!(store.integrity(), Ok(Vec::new()));
}

#[tokio::test]
async fn threat_d5_many_who_wait_for_a_locked_database_are_answered_in_time() {
    let folder = SqliteFolder::new();
    let (store, samples) = (folder.open(), Samples::new());
    let mut stranger = SqliteConnection::establish(folder.path().to_str().unwrap()).unwrap();
    stranger.batch_execute("BEGIN IMMEDIATE").unwrap();

    let racers: Vec<_> = (0..64)
        .map(|_| {
            let (store, registration) = (store.clone(), samples.registration());
            let event = samples.registered(&registration);
            tokio::spawn(timeout(IN_TIME, async move { store.register(registration, event).await }))
        })
        .collect();
    for racer in racers {
        let answer = racer.await.unwrap().unwrap();
        assert_eq!(answer, Err(RegistrationRefused::Store(StoreError::Busy)));
    }
}
