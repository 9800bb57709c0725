//! What `keyward restore` refuses, each time in one line and before it has made or changed anything.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use keyward_crypto::Sha256Checksums;
use keyward_domain::backups::{BackupSeal, Checksums};

use super::{back_up, done, elsewhere, is_good, register, running, stop};
use crate::process::Place;

/// A backup with one account in it, and where it came from. No server runs there.
struct Made {
    place: Place,
    file: String,
    key: String,
}

fn made() -> Made {
    let (place, server) = running();
    let key = register(&server, "Alpha");
    let file = back_up(&place, "all.backup");
    stop(server);
    Made { place, file, key }
}

impl Made {
    /// A backup whose seal is right, of whatever becomes of the database in this one.
    fn altered(&self, alter: impl FnOnce(&Path)) -> PathBuf {
        let path = self.place.directory.path().join("altered");
        let bytes = fs::read(&self.file).unwrap();
        fs::write(&path, &bytes[..bytes.len() - BackupSeal::LENGTH]).unwrap();
        alter(&path);
        let database = fs::read(&path).unwrap();
        let mut sum = Sha256Checksums.begin();
        sum.update(&database);
        fs::write(&path, [database, BackupSeal::new(sum.finish()).to_bytes()].concat()).unwrap();
        path
    }
}

/// What is said of the file where nothing is but the master key; nothing is made there.
fn refused(made: &Made, file: &Path) -> String {
    let place = elsewhere(&made.place);
    let said = place.refused(&["restore", &file.display().to_string()]);
    assert_eq!(place.files(), ["data", "data/master.key"], "{said}");
    said
}

#[test]
fn a_database_that_a_server_has_open_is_not_replaced() {
    let made = made();
    let server = made.place.serve();
    let before = made.place.files();
    for more in [&[][..], &["--replace"]] {
        let said = made.place.refused(&[&["restore", &made.file], more].concat());
        assert!(said.contains("in use"), "{said}");
    }
    assert_eq!(made.place.files(), before);
    assert!(is_good(&server, &made.key));
}

#[test]
fn a_database_that_is_there_is_replaced_only_if_that_is_meant() {
    let made = made();
    let before = made.place.files();
    let said = made.place.refused(&["restore", &made.file]);
    assert!(said.contains("--replace") && said.contains("keyward.db"), "{said}");
    assert_eq!(made.place.files(), before);
    let restored = done(&made.place, &["restore", &made.file, "--replace"]);
    let kept = PathBuf::from(restored["replaced"].as_str().unwrap());
    assert!(kept.metadata().unwrap().len() > 0);
}

#[test]
fn threat_k4_a_backup_that_was_altered_or_cut_short_is_refused() {
    let made = made();
    let whole = fs::read(&made.file).unwrap();
    let other = made.place.directory.path().join("other.backup");
    let middle = whole.len() / 2;
    let end = whole.len() - BackupSeal::LENGTH;
    let altered = |place: usize| {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        bytes
    };
    let cases = [
        (altered(20), "checksum"),
        (altered(middle), "checksum"),
        (altered(end - 1), "checksum"),
        ([&whole[..whole.len() - 2], b"g\n"].concat(), "not a whole one"),
        ([&whole[..whole.len() - 65], "0".repeat(64).as_bytes(), b"\n"].concat(), "checksum"),
        (whole[..middle].to_vec(), "not a whole one"),
        (whole[..end].to_vec(), "not a whole one"),
        ([&whole[..end - 4_096], &whole[end..]].concat(), "checksum"),
        (Vec::new(), "not a whole one"),
    ];
    for (number, (bytes, why)) in cases.into_iter().enumerate() {
        fs::write(&other, bytes).unwrap();
        let said = refused(&made, &other);
        assert!(said.contains(why) && said.contains("other.backup"), "{number}: {said}");
    }
    assert!(refused(&made, Path::new("/nowhere/all.backup")).contains("/nowhere"));
    assert!(refused(&made, made.place.directory.path()).contains("not a whole one"));
}

#[test]
fn threat_k4_a_seal_alone_makes_no_backup() {
    let made = made();
    let sql = |statement: &'static str| {
        move |path: &Path| {
            let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            connection.batch_execute(statement).unwrap();
        }
    };
    let later = "INSERT INTO __diesel_schema_migrations (version, run_on) VALUES ('29990101000000', '2999')";
    let newer = made.altered(sql(later));
    assert!(refused(&made, &newer).contains("later release"));
    let foreign = made.altered(sql("PRAGMA application_id = 1"));
    assert!(refused(&made, &foreign).contains("no database of Keyward's"));
    let text = made.altered(|path| fs::write(path, "x".repeat(10_000)).unwrap());
    assert!(refused(&made, &text).contains("no database of Keyward's"));
    let unfounded = made.altered(sql("DELETE FROM deployment"));
    assert!(refused(&made, &unfounded).contains("deployment"));
    let damaged = made.altered(|path| {
        let mut bytes = fs::read(path).unwrap();
        let last = bytes.len() - 4_096;
        bytes[last..last + 1_000].fill(0xff);
        fs::write(path, bytes).unwrap();
    });
    let said = refused(&made, &damaged);
    assert!(said.contains("damaged") || said.contains("unreadable") || said.contains("malformed"), "{said}");
}

#[test]
fn a_backup_is_restored_with_the_master_key_that_it_was_founded_with_and_no_other() {
    let made = made();
    let lost = Place::new();
    let said = lost.refused(&["restore", &made.file]);
    assert!(said.contains("master.key") && said.contains("missing"), "{said}");
    assert_eq!(lost.files(), [""; 0]);

    let other = Place::new();
    drop(other.serve());
    fs::remove_file(other.data_dir().join("keyward.db")).unwrap();
    for companion in ["keyward.db-wal", "keyward.db-shm"] {
        let _ = fs::remove_file(other.data_dir().join(companion));
    }
    let before = other.files();
    let said = other.refused(&["restore", &made.file]);
    assert!(said.contains("no master key of this database"), "{said}");
    assert_eq!(other.files(), before);

    // By a variable, where not even the data directory is.
    let key = made.place.directory.path().join("kept.key");
    fs::copy(made.place.data_dir().join("master.key"), &key).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let fresh = Place::new().with("KEYWARD_MASTER_KEY_FILE", &key.display().to_string());
    let output = fresh.run(&["restore", &made.file]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("restored ") && said.lines().count() == 1, "{said}");
    assert!(is_good(&fresh.serve(), &made.key));
}

#[test]
fn a_backup_from_before_a_rotation_of_the_master_key_takes_the_old_one() {
    let (place, server) = running();
    let key = register(&server, "Alpha");
    let file = back_up(&place, "all.backup");
    done(&place, &["master-key", "rotate"]);
    stop(server);
    let before = place.files();
    let said = place.refused(&["restore", &file, "--replace"]);
    assert!(said.contains("no master key of this database"), "{said}");
    assert_eq!(place.files(), before);

    let old = before.iter().find(|name| name.starts_with("data/master.key.")).expect("the old key");
    let old = place.directory.path().join(old).display().to_string();
    let place = place.with("KEYWARD_MASTER_KEY_FILE", &old);
    done(&place, &["restore", &file, "--replace"]);
    assert!(is_good(&place.serve(), &key));
}

#[test]
fn a_restore_into_postgres_names_the_tool_for_it() {
    let made = made();
    let place = elsewhere(&made.place).with("KEYWARD_DATABASE_URL", "postgres://nobody@127.0.0.1:1/keyward");
    let said = place.refused(&["restore", &made.file]);
    assert!(said.contains("pg_restore") && said.contains("KEYWARD_DATABASE_URL"), "{said}");
}
