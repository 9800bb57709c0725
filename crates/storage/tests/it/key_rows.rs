//! Rows of keys and accounts as the release before writes them, or another beside it, and numbers that are wrong.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use keyward_domain::accounts::Epoch;
use keyward_domain::accounts::{AccountStore, Registration};
use keyward_domain::audit::Action;
use keyward_domain::credentials::{CredentialSource, Wanted};
use keyward_domain::keys::{
    ApiKey, CreateKeyRefused, KeyBinding, KeyLabel, KeyPurpose, KeyState, KeyStore, KeySummary, NewKey,
    RevocationReason,
};
use keyward_domain::scope::{Scope, Scopes};
use keyward_storage::Store;
use keyward_testkit::builders::{Samples, in_epoch};
use keyward_testkit::postgres::PostgresDatabase;

use crate::databases::{SqliteFolder, open, url_of};

/// Both databases, each with one registration, and a way to write past the store.
struct Both {
    folder: SqliteFolder,
    database: PostgresDatabase,
    stores: [Store; 2],
    samples: Samples,
    registration: Registration,
}

impl Both {
    async fn with(edit: impl FnOnce(&mut ApiKey)) -> Self {
        let (folder, database, samples) = (SqliteFolder::new(), PostgresDatabase::create(), Samples::new());
        let stores = [folder.open(), open(&url_of(&database))];
        let mut registration = samples.registration();
        edit(&mut registration.key);
        for store in &stores {
            store.register(registration.clone(), samples.registered(&registration)).await.unwrap();
        }
        Self { folder, database, stores, samples, registration }
    }

    fn execute(&self, statement: &str) {
        let path = self.folder.path();
        SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(statement).unwrap();
        PgConnection::establish(&self.database.url()).unwrap().batch_execute(statement).unwrap();
    }

    async fn key(&self, store: &Store) -> ApiKey {
        let wanted = Wanted { handles: vec![self.registration.key.handle], ..Wanted::default() };
        store.read(wanted).await.unwrap().keys.remove(0)
    }

    async fn create(&self, store: &Store, most: u32) -> Result<(), CreateKeyRefused> {
        let binding = KeyBinding::Account { login_verifier: None };
        let key = self.samples.key(self.registration.account.id, binding);
        let event = self.samples.event(Action::KeyCreated, key.account, key.created_at);
        KeyStore::create(store, NewKey { key, most, asker: in_epoch(Epoch::FIRST), idempotency: None }, event)
            .await
    }
}

#[tokio::test]
async fn a_number_that_nobody_has_counted_or_that_is_too_high_is_counted_where_it_matters() {
    for number in ["NULL", "7", "1"] {
        let both = Both::with(|_| {}).await;
        both.execute(&format!("UPDATE accounts SET active_keys = {number}"));
        for store in &both.stores {
            assert_eq!(both.create(store, 3).await, Ok(()), "{number}");
            assert_eq!(both.create(store, 3).await, Ok(()), "{number}");
            assert_eq!(both.create(store, 3).await, Err(CreateKeyRefused::LimitReached), "{number}");
            assert_eq!(store.integrity().unwrap(), [""; 0]);
        }
    }
}

#[tokio::test]
async fn a_number_that_nobody_has_counted_survives_a_revocation() {
    let both = Both::with(|_| {}).await;
    both.execute("UPDATE accounts SET active_keys = NULL");
    for store in &both.stores {
        let (id, at) = (both.registration.key.id, both.samples.at(1));
        let event = both.samples.event(Action::KeyRevoked, both.registration.account.id, at);
        assert_eq!(store.revoke(id, at, RevocationReason::ByAdmin, event).await, Ok(true));
        assert_eq!(both.create(store, 1).await, Ok(()));
        assert_eq!(both.create(store, 1).await, Err(CreateKeyRefused::LimitReached));
    }
}

#[tokio::test]
async fn a_number_that_is_too_low_and_a_rotated_key_without_an_end_are_found() {
    let both = Both::with(|_| {}).await;
    both.execute("UPDATE accounts SET active_keys = 0");
    for store in &both.stores {
        assert_eq!(store.integrity().unwrap(), ["1 accounts that have more keys than they count"]);
    }
    both.execute("UPDATE api_keys SET superseded_at = created_at");
    for store in &both.stores {
        assert_eq!(store.integrity().unwrap(), ["1 keys that were rotated with grace and never end"]);
    }
}

#[tokio::test]
async fn a_key_of_the_release_before_has_no_label_all_rights_and_no_end() {
    let both = Both::with(|key| {
        key.label = KeyLabel::parse("bot").unwrap();
        key.scopes = Scopes::of([]);
        key.purpose = KeyPurpose::Mcp;
    })
    .await;
    both.execute("UPDATE api_keys SET label = NULL, scopes = NULL, purpose = NULL");
    for store in &both.stores {
        let key = both.key(store).await;
        assert_eq!((key.label.as_str(), key.scopes), ("", Scopes::ALL));
        assert_eq!((key.purpose, key.expires_at, key.state), (KeyPurpose::General, None, KeyState::Active));
        assert_eq!(KeyStore::find(store, key.id).await, Ok(Some(KeySummary::from(&key))));
    }
}

#[tokio::test]
async fn threat_m3_a_scope_that_this_release_does_not_know_is_one_right_less() {
    for (text, expected) in [
        ("atf:probe later:thing", Scopes::of([Scope::AtfProbe])),
        ("later:thing", Scopes::of([])),
        ("", Scopes::of([])),
        ("ALL", Scopes::of([])),
    ] {
        let both = Both::with(|_| {}).await;
        both.execute(&format!("UPDATE api_keys SET scopes = '{text}'"));
        for store in &both.stores {
            let key = both.key(store).await;
            assert_eq!(key.scopes, expected, "{text:?}");
            assert_eq!(KeyStore::find(store, key.id).await.unwrap().unwrap().scopes, expected, "{text:?}");
        }
    }
}

#[tokio::test]
async fn a_rotated_key_is_one_that_its_owner_revoked_to_the_release_before() {
    let at = Samples::new().at(3);
    let state = KeyState::Revoked { at, reason: RevocationReason::Rotated };
    let both = Both::with(|key| key.state = state).await;
    for store in &both.stores {
        assert_eq!(both.key(store).await.state, state);
    }
    // It reads no other column than these two.
    both.execute("UPDATE api_keys SET superseded_at = NULL WHERE revoked_reason = 'requested'");
    for store in &both.stores {
        let requested = KeyState::Revoked { at, reason: RevocationReason::Requested };
        assert_eq!(both.key(store).await.state, requested);
    }
}
