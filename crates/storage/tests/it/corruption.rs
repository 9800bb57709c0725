//! Rows that break the schema's promises are reported, never guessed at.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use keyward_domain::accounts::{AccountStore, Registration};
use keyward_domain::audit::AuditStore;
use keyward_domain::credentials::{CredentialSource, Wanted};
use keyward_domain::deployment::DeploymentStore;
use keyward_domain::mail::{Outbox, OutboxEntry};
use keyward_domain::store::StoreError;
use keyward_domain::tokens::{SigningAlgorithm, SigningKeyStore};
use keyward_storage::Store;
use keyward_testkit::builders::Samples;
use keyward_testkit::postgres::PostgresDatabase;

use crate::databases::{SqliteFolder, open, url_of};

/// Both databases, each with one registration, and a way to write past the store.
struct Tampered {
    folder: SqliteFolder,
    database: PostgresDatabase,
    registration: Registration,
    stores: [Store; 2],
}

impl Tampered {
    async fn with(statements: &str) -> Self {
        let whole = Self::not_yet().await;
        whole.execute(statements);
        whole
    }

    async fn not_yet() -> Self {
        let (folder, database) = (SqliteFolder::new(), PostgresDatabase::create());
        let samples = Samples::new();
        let registration = samples.registration_with_agent();
        let stores = [folder.open(), open(&url_of(&database))];
        for store in &stores {
            store.register(registration.clone(), samples.registered(&registration)).await.unwrap();
        }
        Self { folder, database, registration, stores }
    }

    fn execute(&self, statements: &str) {
        execute(&self.folder, &self.database, statements);
    }
}

fn execute(folder: &SqliteFolder, database: &PostgresDatabase, statements: &str) {
    let path = folder.path();
    SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(statements).unwrap();
    PgConnection::establish(&database.url()).unwrap().batch_execute(statements).unwrap();
}

fn corrupt<T>(column: &str) -> Result<T, StoreError> {
    Err(StoreError::Corrupt(format!("{column} is unreadable")))
}

#[tokio::test]
async fn an_unreadable_row_is_corrupt_and_names_its_column() {
    let tampered = Tampered::with(
        "UPDATE api_keys SET prefix = 'UPPER'; UPDATE accounts SET starting_balance = 'much'; \
         UPDATE audit_events SET action = 'account.exploded';",
    )
    .await;
    for store in &tampered.stores {
        let handles = vec![tampered.registration.key.handle];
        let key = store.read(Wanted { handles, ..Wanted::default() }).await;
        assert_eq!(key, corrupt("api_keys.prefix"));
        assert_eq!(store.find(tampered.registration.account.id).await, corrupt("accounts.starting_balance"));
        assert_eq!(AuditStore::page(store, None, None, 10).await, corrupt("audit_events.action"));
    }
}

#[tokio::test]
async fn a_counter_beyond_its_type_is_corrupt() {
    let tampered = Tampered::with("UPDATE accounts SET epoch = 4294967296;").await;
    for store in &tampered.stores {
        assert_eq!(store.find(tampered.registration.account.id).await, corrupt("accounts.epoch"));
    }
}

#[tokio::test]
async fn a_moment_outside_the_calendar_is_corrupt() {
    let tampered = Tampered::not_yet().await;
    let [sqlite, postgres] = &tampered.stores;
    let path = tampered.folder.path();
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute("UPDATE accounts SET created_at = 9223372036854775807").unwrap();
    let mut connection = PgConnection::establish(&tampered.database.url()).unwrap();
    connection.batch_execute("UPDATE accounts SET created_at = 'infinity'").unwrap();
    for store in [sqlite, postgres] {
        let found = store.find(tampered.registration.account.id).await;
        assert!(matches!(found, Err(StoreError::Corrupt(_))), "{found:?}");
    }
}

#[tokio::test]
async fn threat_d6_what_is_half_made_is_found() {
    let tampered = Tampered::with("DELETE FROM audit_events; DELETE FROM api_keys;").await;
    for store in &tampered.stores {
        let expected = [
            "1 accounts without the audit event of their registration",
            "1 accounts that never had an account-level key",
            "1 agents that never had a key",
        ];
        assert_eq!(store.integrity().unwrap(), expected);
    }
}

#[tokio::test]
async fn a_reference_to_nothing_is_found() {
    let tampered = Tampered::not_yet().await;
    let path = tampered.folder.path();
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection.batch_execute("PRAGMA foreign_keys = OFF; DELETE FROM accounts").unwrap();
    let findings = tampered.stores[0].integrity().unwrap();
    assert!(
        findings.contains(&"rows of api_keys refer to rows of accounts that do not exist".to_owned()),
        "{findings:?}"
    );
    assert!(findings.contains(&"1 agents without an account".to_owned()), "{findings:?}");
}

#[tokio::test]
async fn threat_k4_the_schema_refuses_what_no_program_of_ours_writes() {
    let tampered = Tampered::not_yet().await;
    let path = tampered.folder.path();
    let mut sqlite = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    sqlite.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    let mut postgres = PgConnection::establish(&tampered.database.url()).unwrap();
    let refused = [
        "UPDATE accounts SET status = 'archived'",
        "UPDATE accounts SET status = 'gone'",
        "UPDATE accounts SET email = NULL",
        "UPDATE accounts SET epoch = 0",
        "UPDATE api_keys SET revoked_reason = 'requested'",
        "UPDATE api_keys SET login_verifier = verifier",
        "UPDATE api_keys SET environment = 'Live'",
        "UPDATE agents SET status = 'archived'",
        "DELETE FROM accounts",
        "DELETE FROM agents",
    ];
    for statement in refused {
        assert!(sqlite.batch_execute(statement).is_err(), "SQLite: {statement}");
        assert!(postgres.batch_execute(statement).is_err(), "PostgreSQL: {statement}");
    }
}

#[tokio::test]
async fn what_a_partial_restore_brought_back_is_no_empty_database() {
    let tampered = Tampered::not_yet().await;
    let belongs_to_somebody = StoreError::Corrupt(
        "deployment.master_key_fingerprint is missing, and there is data that was made under it".to_owned(),
    );
    let keyless = "DELETE FROM api_keys; DELETE FROM agents";
    for statements in ["DELETE FROM audit_events", keyless, "DROP TABLE deployment"] {
        tampered.execute(statements);
        for store in &tampered.stores {
            let found = store.deployment().await;
            assert_eq!(found, Err(belongs_to_somebody.clone()), "{statements}");
        }
    }
    tampered.execute("DELETE FROM accounts");
    for store in &tampered.stores {
        assert_eq!(store.deployment().await, Ok(None));
    }
}

#[tokio::test]
async fn threat_k4_a_signing_key_whose_state_is_unknown_is_corrupt_and_not_used() {
    let (folder, database, samples) = (SqliteFolder::new(), PostgresDatabase::create(), Samples::new());
    let stores = [folder.open(), open(&url_of(&database))];
    let key = samples.signing_key(SigningAlgorithm::EdDsa, samples.at(0));
    for store in &stores {
        store.activate_first(key.clone(), samples.activated(&key)).await.unwrap();
    }
    for state in ["published", "retired"] {
        let statement = format!("UPDATE signing_keys SET state = '{state}', state_since = NULL");
        execute(&folder, &database, &statement);
        for store in &stores {
            assert_eq!(store.all().await, corrupt("signing_keys.state_since"), "{state}");
        }
    }
    let unknown = "UPDATE signing_keys SET state = 'paused'";
    let mut sqlite = SqliteConnection::establish(folder.path().to_str().unwrap()).unwrap();
    sqlite.batch_execute("PRAGMA ignore_check_constraints = ON").unwrap();
    sqlite.batch_execute(unknown).unwrap();
    let mut postgres = PgConnection::establish(&database.url()).unwrap();
    postgres.batch_execute("ALTER TABLE signing_keys DROP CONSTRAINT signing_keys_state_check").unwrap();
    postgres.batch_execute(unknown).unwrap();
    for store in &stores {
        assert_eq!(store.all().await, corrupt("signing_keys.state"));
    }
}

#[tokio::test]
async fn a_signing_key_of_the_release_before_is_active_since_it_was_made() {
    let (folder, database, samples) = (SqliteFolder::new(), PostgresDatabase::create(), Samples::new());
    let stores = [folder.open(), open(&url_of(&database))];
    let key = samples.signing_key(SigningAlgorithm::EdDsa, samples.at(3));
    for store in &stores {
        store.activate_first(key.clone(), samples.activated(&key)).await.unwrap();
    }
    execute(&folder, &database, "UPDATE signing_keys SET state_since = NULL");
    for store in &stores {
        assert_eq!(store.all().await, Ok(vec![key.clone()]));
    }
}

#[tokio::test]
async fn threat_d4_a_mail_that_cannot_be_read_holds_up_no_other() {
    let (folder, database, samples) = (SqliteFolder::new(), PostgresDatabase::create(), Samples::new());
    let stores = [folder.open(), open(&url_of(&database))];
    let (unreadable, good) =
        (samples.mail_to_somebody(samples.at(0)), samples.mail_to_somebody(samples.at(1)));
    for store in &stores {
        store.enqueue(unreadable.clone()).await.unwrap();
    }
    let unknown = "UPDATE outbox SET kind = 'of_a_later_release'";
    let mut sqlite = SqliteConnection::establish(folder.path().to_str().unwrap()).unwrap();
    sqlite.batch_execute("PRAGMA ignore_check_constraints = ON").unwrap();
    sqlite.batch_execute(unknown).unwrap();
    let mut postgres = PgConnection::establish(&database.url()).unwrap();
    postgres.batch_execute("ALTER TABLE outbox DROP CONSTRAINT IF EXISTS outbox_kind_check").unwrap();
    postgres.batch_execute(unknown).unwrap();
    for store in &stores {
        store.enqueue(good.clone()).await.unwrap();
        let until = samples.at(600);
        assert_eq!(store.claim(samples.at(1), until, 1).await, Ok(vec![]), "it is moved");
        let expected = OutboxEntry { due_at: until, ..good.clone() };
        assert_eq!(store.claim(samples.at(1), until, 1).await, Ok(vec![expected]));
        assert_eq!(store.claim(samples.at(599), until, 10).await, Ok(vec![]));
        assert_eq!(store.depth().await.map(|depth| depth.count), Ok(2), "and it is kept");
    }
}
