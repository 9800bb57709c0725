//! Backups: what their files are, and what is written down of them.

use std::sync::Arc;

use keyward_domain::audit::Action;
use keyward_domain::backups::{Backup, BackupSeal, BeginBackupError, Checksums};
use keyward_domain::request::RequestContext;
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;
use keyward_domain::{Domain, Ports};
use keyward_testkit::backups::{FakeBackups, FakeChecksums};
use keyward_testkit::builders::admin;
use keyward_testkit::domain::TestDomain;

fn pieces() -> [Result<Vec<u8>, StoreError>; 2] {
    [Ok(b"a whole ".to_vec()), Ok(b"database".to_vec())]
}

async fn begin(test: &TestDomain, backups: &FakeBackups) -> Result<Backup, BeginBackupError> {
    begin_by(test, backups, &test.context()).await
}

async fn begin_by(
    test: &TestDomain,
    backups: &FakeBackups,
    context: &RequestContext,
) -> Result<Backup, BeginBackupError> {
    let domain = Domain::new(Ports { backups: Arc::new(backups.clone()), ..test.ports() });
    domain.backups.begin(&admin("jane"), context).await
}

/// All of the file that comes, and the error at which it ends, if it does.
async fn read(mut backup: Backup) -> (Vec<u8>, Option<StoreError>) {
    let mut file = Vec::new();
    loop {
        match backup.next().await {
            Ok(Some(piece)) => file.extend(piece),
            Ok(None) => return (file, None),
            Err(error) => {
                assert_eq!(backup.next().await, Ok(None), "something comes after an error");
                return (file, Some(error));
            }
        }
    }
}

#[tokio::test]
async fn a_backup_is_the_database_and_behind_it_a_seal_with_its_checksum() {
    let (file, error) = read(begin(&TestDomain::new(), &FakeBackups::of(pieces())).await.unwrap()).await;
    assert_eq!(error, None);
    let (database, end) = file.split_at(file.len() - BackupSeal::LENGTH);
    assert_eq!(database, b"a whole database");
    let mut sum = FakeChecksums.begin();
    sum.update(database);
    assert_eq!(BackupSeal::parse(end), Some(BackupSeal::new(sum.finish())));
}

#[tokio::test]
async fn a_backup_that_breaks_off_has_no_seal() {
    let failure = StoreError::Unavailable("the disk is full".to_owned());
    let broken = FakeBackups::of(pieces().into_iter().chain([Err(failure.clone())]));
    let (file, error) = read(begin(&TestDomain::new(), &broken).await.unwrap()).await;
    assert_eq!((file.as_slice(), error), (b"a whole database".as_slice(), Some(failure)));
}

#[tokio::test]
async fn threat_p4_the_event_of_a_backup_names_the_admin_and_the_request() {
    let (test, backups) = (TestDomain::new(), FakeBackups::of(pieces()));
    let context = test.context();
    begin_by(&test, &backups, &context).await.unwrap();
    let [event] = &backups.events()[..] else { panic!("not one event") };
    assert_eq!((event.action, event.actor.as_str()), (Action::BackupMade, "admin:jane"));
    assert_eq!((event.target.as_str(), event.account), ("database", None));
    assert_eq!(event.request_id, Some(context.request_id));
    assert!(test.domain.trail.is_intact(event));
}

#[tokio::test]
async fn a_refusal_is_the_store_s() {
    for refusal in [BeginBackupError::UnderWay, BeginBackupError::ItsOwnTools, StoreError::Busy.into()] {
        let begun = begin(&TestDomain::new(), &FakeBackups::refusing(refusal.clone())).await;
        assert_eq!(begun.err(), Some(refusal));
    }
}

#[test]
fn a_seal_is_read_as_it_was_written_and_nothing_else_is_one() {
    let seal = BackupSeal::new(Digest::new([0xa7; 32]));
    let line = seal.to_bytes();
    assert_eq!(line.len(), BackupSeal::LENGTH);
    assert_eq!(line, format!("\nkeyward-backup-1 sha256 {}\n", "a7".repeat(32)).into_bytes());
    assert_eq!(BackupSeal::parse(&line), Some(seal));
    let text = String::from_utf8(line).unwrap();
    let others = [
        text.replace("a7a7", "A7A7"),
        text.replacen("a7", "+7", 1),
        text.replacen("a7", "", 1),
        text.replace("backup-1", "backup-2"),
        text.trim_start().to_owned(),
        text.trim_end().to_owned(),
        format!("{text}\n"),
        String::new(),
    ];
    for other in others {
        assert_eq!(BackupSeal::parse(other.as_bytes()), None, "{other:?}");
    }
}
