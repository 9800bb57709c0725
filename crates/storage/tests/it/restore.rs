//! A copy in the place of a database, and what is asked of it before.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use keyward_domain::accounts::AccountStore;
use keyward_domain::audit::Action;
use keyward_domain::backups::BackupStore;
use keyward_domain::deployment::DeploymentStore;
use keyward_domain::ids::AccountId;
use keyward_domain::store::StoreError;
use keyward_storage::{CopyAtRest, OpenError, RestorePlace};
use keyward_testkit::builders::Samples;

use crate::backups::{read, register};
use crate::databases::{SqliteFolder, open};

/// A copy of a database with one account, which is told.
async fn copy(samples: &Samples) -> (Vec<u8>, AccountId) {
    let folder = SqliteFolder::new();
    let store = folder.open();
    let account = register(&store, samples).await.account.id;
    let event = samples.event(Action::BackupMade, account, samples.at(9));
    (read(&mut *store.begin(event).await.unwrap()).await, account)
}

fn put(folder: &SqliteFolder, bytes: &[u8], mark: &str) -> Option<PathBuf> {
    let place = RestorePlace::take(&folder.path()).unwrap();
    place.draft().unwrap().write_all(bytes).unwrap();
    place.put(mark).unwrap()
}

/// A database with one account, as a killed process leaves it: what was committed stands in the log alone.
async fn killed(samples: &Samples) -> (SqliteFolder, AccountId) {
    let (folder, left) = (SqliteFolder::new(), SqliteFolder::new());
    let store = folder.open();
    let account = register(&store, samples).await.account.id;
    for ending in ["", "-wal"] {
        let name = format!("keyward.db{ending}");
        fs::copy(folder.path().with_file_name(&name), left.path().with_file_name(&name)).unwrap();
    }
    (left, account)
}

async fn has(path: PathBuf, account: AccountId) -> bool {
    let store = open(&keyward_storage::DatabaseUrl::sqlite(path));
    assert_eq!(store.integrity(), Ok(vec![]));
    store.find(account).await.unwrap().is_some()
}

#[tokio::test]
async fn a_copy_is_put_where_no_database_is() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let (bytes, account) = copy(&samples).await;
    assert!(!RestorePlace::is_occupied(&folder.path()).unwrap());
    assert_eq!(put(&folder, &bytes, "x"), None);
    assert_eq!(folder.files(), ["keyward.db", "keyward.db.lock"]);
    assert_eq!(folder.path().metadata().unwrap().mode() & 0o777, 0o600);
    assert!(RestorePlace::is_occupied(&folder.path()).unwrap());
    assert!(has(folder.path(), account).await);
}

#[tokio::test]
async fn threat_d6_what_a_killed_server_had_committed_is_kept_with_the_database_that_is_replaced() {
    let samples = Samples::new();
    let (bytes, new) = copy(&samples).await;
    let (folder, old) = killed(&samples).await;
    let kept = put(&folder, &bytes, "then").expect("a database was there");
    assert_eq!(kept, folder.path().with_file_name("keyward.db.replaced-then"));
    assert_eq!(folder.files(), ["keyward.db", "keyward.db.lock", "keyward.db.replaced-then"]);
    assert!(has(kept.clone(), old).await && !has(kept, new).await);
    assert!(has(folder.path(), new).await && !has(folder.path(), old).await);
}

#[tokio::test]
async fn a_log_without_its_database_is_kept_and_does_not_get_into_the_new_one() {
    let samples = Samples::new();
    let (bytes, new) = copy(&samples).await;
    let (folder, old) = killed(&samples).await;
    fs::remove_file(folder.path()).unwrap();
    assert!(RestorePlace::is_occupied(&folder.path()).unwrap());
    put(&folder, &bytes, "then").expect("something was there");
    assert_eq!(folder.files(), ["keyward.db", "keyward.db.lock", "keyward.db.replaced-then-wal"]);
    assert!(has(folder.path(), new).await && !has(folder.path(), old).await);
}

#[tokio::test]
async fn a_database_that_is_too_damaged_to_be_opened_is_kept_with_its_log() {
    let samples = Samples::new();
    let (bytes, new) = copy(&samples).await;
    let (folder, _) = killed(&samples).await;
    let damaged = fs::read(folder.path()).unwrap();
    // Behind the header by which it is known as ours.
    let damaged = [&damaged[..100], &[0xff; 3996]].concat();
    fs::write(folder.path(), &damaged).unwrap();
    fs::write(folder.path().with_file_name("keyward.db-wal"), "no log").unwrap();
    let kept = put(&folder, &bytes, "then").expect("a database was there");
    assert!(fs::read(kept).unwrap().starts_with(&damaged[..100]));
    assert!(!folder.files().contains(&"keyward.db-wal".to_owned()), "{:?}", folder.files());
    assert!(has(folder.path(), new).await);
}

#[tokio::test]
async fn threat_d6_a_restore_that_was_killed_before_its_rename_leaves_nothing_to_the_next() {
    let samples = Samples::new();
    let (bytes, new) = copy(&samples).await;
    let (folder, old) = killed(&samples).await;
    // So far it came: another name for the old database, and half of a draft.
    fs::hard_link(folder.path(), folder.path().with_file_name("keyward.db.replaced-first")).unwrap();
    fs::write(folder.path().with_file_name("keyward.db.restoring"), &bytes[..5_000]).unwrap();
    fs::write(folder.path().with_file_name("keyward.db.replaced-before"), "another").unwrap();
    assert!(has(folder.path(), old).await, "the old one is whole");
    let kept = put(&folder, &bytes, "second").expect("a database was there");
    let files = folder.files();
    let expected =
        ["keyward.db", "keyward.db.lock", "keyward.db.replaced-before", "keyward.db.replaced-second"];
    assert_eq!(files.iter().filter(|name| !name.ends_with("-second.lock")).collect::<Vec<_>>(), expected);
    assert!(has(kept, old).await && has(folder.path(), new).await);
}

#[tokio::test]
async fn a_draft_that_comes_to_nothing_leaves_the_database_as_it_is() {
    let samples = Samples::new();
    let (folder, old) = killed(&samples).await;
    let place = RestorePlace::take(&folder.path()).unwrap();
    place.draft().unwrap().write_all(b"half").unwrap();
    place.discard().unwrap();
    drop(place);
    assert!(!folder.files().contains(&"keyward.db.restoring".to_owned()));
    assert!(has(folder.path(), old).await);
}

#[test]
fn a_place_that_is_in_use_or_somebody_else_s_is_not_taken() {
    let folder = SqliteFolder::new();
    assert!(!RestorePlace::is_in_use(&folder.path()).unwrap());
    assert_eq!(folder.files(), [""; 0], "it only looked");
    let store = folder.open();
    let taken = RestorePlace::take(&folder.path()).map(drop);
    assert_eq!(taken, Err(OpenError::Locked(folder.path().display().to_string())));
    assert!(RestorePlace::is_in_use(&folder.path()).unwrap());
    drop(store);
    assert!(!RestorePlace::is_in_use(&folder.path()).unwrap());

    let foreign = SqliteFolder::new();
    let mut connection = SqliteConnection::establish(foreign.path().to_str().unwrap()).unwrap();
    connection.batch_execute("CREATE TABLE theirs (id INTEGER)").unwrap();
    let taken = RestorePlace::take(&foreign.path()).map(drop);
    assert_eq!(taken, Err(OpenError::Foreign(foreign.path().display().to_string())));
    assert_eq!(foreign.files(), ["keyward.db"]);
}

#[tokio::test]
async fn looking_at_a_copy_writes_nothing() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let store = folder.open();
    store.found(samples.fingerprint(), samples.slot(samples.at(0))).await.unwrap();
    let event = samples.event(Action::BackupMade, samples.account_id(), samples.at(9));
    let bytes = read(&mut *store.begin(event).await.unwrap()).await;
    let deployment = store.deployment().await.unwrap();

    let elsewhere = tempfile::tempdir().unwrap();
    // What would end the path of a URI, or be unescaped in one; and a seal behind the last page.
    let file = elsewhere.path().join("a?b#c%41 d");
    fs::write(&file, [bytes.as_slice(), b"\nkeyward-backup-1 sha256 none\n".as_slice()].concat()).unwrap();
    let mut copy = CopyAtRest::open(&file).unwrap();
    assert!(deployment.is_some());
    assert_eq!((copy.deployment(), copy.damage()), (Ok(deployment), Ok(vec![])));
    assert_eq!(elsewhere.path().read_dir().unwrap().count(), 1);
}

#[tokio::test]
async fn a_copy_that_is_damaged_too_new_or_none_is_told_from_a_good_one() {
    let (samples, elsewhere) = (Samples::new(), tempfile::tempdir().unwrap());
    let (bytes, _) = copy(&samples).await;
    let file = elsewhere.path().join("copy");
    let missing = CopyAtRest::open(&file).map(drop);
    assert_eq!(missing, Err(OpenError::NotFound(file.display().to_string())));
    assert_eq!(elsewhere.path().read_dir().unwrap().count(), 0);

    // In the middle of some page: what an index says of a table is not so any more.
    let mut damaged = bytes.clone();
    let middle = damaged.len() / 2 / 4096 * 4096;
    damaged[middle..middle + 200].fill(0xff);
    fs::write(&file, &damaged).unwrap();
    let found = CopyAtRest::open(&file).unwrap().damage();
    assert!(matches!(&found, Ok(lines) if !lines.is_empty()) || matches!(found, Err(StoreError::Corrupt(_))));

    fs::write(&file, b"no database at all, and long enough for a header").unwrap();
    assert!(matches!(CopyAtRest::open(&file).map(drop), Err(OpenError::Foreign(_))));

    fs::write(&file, &bytes).unwrap();
    let mut connection = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    let later = "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('29990101000000', '2999')";
    connection.batch_execute(later).unwrap();
    drop(connection);
    let newer = CopyAtRest::open(&file).map(drop);
    assert_eq!(newer, Err(OpenError::NewerSchema("29990101000000".to_owned())));
}
