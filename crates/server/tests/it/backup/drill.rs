//! The drill: back up under load, restore elsewhere, and hold what answers there against what was acknowledged.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use keyward_domain::backups::BackupSeal;

use super::facts::{Client, Expected, Fact, Order};
use super::{assert_healthy, back_up, done, elsewhere, is_good, mode, running, serving, stop};
use crate::process::Place;

const CLIENTS: usize = 4;
/// Rounds of all clients together before each backup.
const ROUNDS: usize = 12;

/// A backup, and between which moments it was made.
struct Made {
    file: String,
    begun: u64,
    written: u64,
}

/// What was acknowledged, and two backups that were made meanwhile.
fn back_up_under_load(place: &Place, server: crate::process::Server) -> (Vec<Fact>, [Made; 2]) {
    let (server, order, enough) =
        (Arc::new(server), Arc::new(Order::default()), Arc::new(AtomicBool::new(false)));
    let (sender, rounds) = channel();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let client = Client {
                server: Arc::clone(&server),
                order: Arc::clone(&order),
                stop: Arc::clone(&enough),
                rounds: sender.clone(),
            };
            let name = format!("client-{number}");
            // One after the other: hashing a password gives way to everything else.
            let customer = client.sign_up(&name);
            thread::spawn(move || client.run(&name, customer))
        })
        .collect();
    drop(sender);
    let make = |name: &str| {
        await_rounds(&rounds);
        let begun = order.now();
        let file = back_up(place, name);
        Made { file, begun, written: order.now() }
    };
    let made = [make("first.backup"), make("second.backup")];
    enough.store(true, Ordering::Relaxed);
    let facts = clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();
    stop(Arc::into_inner(server).expect("nobody else has it"));
    (facts, made)
}

fn await_rounds(rounds: &Receiver<()>) {
    for _ in 0..ROUNDS {
        rounds.recv().expect("clients at work");
    }
}

#[test]
fn threat_d6_every_key_that_was_acknowledged_before_a_backup_under_load_answers_after_its_restore() {
    let (place, server) = running();
    let (facts, made) = back_up_under_load(&place, server);
    let during = |made: &Made| {
        facts.iter().filter(|fact| (made.begun..made.written).contains(&fact.good_from)).count()
    };
    assert!(made.iter().map(during).sum::<usize>() > 0, "no write was acknowledged while a backup was made");

    let other = elsewhere(&place);
    let database = other.data_dir().join("keyward.db");
    for (number, Made { file, begun, written }) in made.iter().enumerate() {
        let replace: &[&str] = if number == 0 { &[] } else { &["--replace"] };
        let restored = done(&other, &[&["restore", file], replace].concat());
        assert_eq!(restored["database"], database.display().to_string());
        assert_eq!(restored["replaced"].is_null(), number == 0, "{restored}");
        assert_eq!(mode(&database), 0o600);
        assert_healthy(&other);
        let server = other.serve();
        let (mut good, mut refused) = (0, 0);
        for fact in &facts {
            // Whatever it is, it is one of the two: nothing is half there.
            match (fact.expected(*begun, *written), is_good(&server, &fact.key)) {
                (Expected::Good, true) => good += 1,
                (Expected::Refused, false) => refused += 1,
                (Expected::Either, _) => {}
                (expected, is_good) => panic!("{expected:?} by the backup {number}, and is good: {is_good}"),
            }
        }
        println!("{good} good and {refused} refused of {} keys, {begun} to {written}", facts.len());
        assert!(good > CLIENTS && refused > CLIENTS, "{good} and {refused}: hardly anything was proved");
        stop(server);
    }
    let kept = other.files().into_iter().filter(|name| name.contains("keyward.db.replaced-")).count();
    assert_eq!(kept, 1, "{:?}", other.files());
}

#[test]
fn threat_k3_a_backup_holds_neither_the_master_key_nor_an_admin_key_nor_a_key_that_was_issued() {
    let (place, server) = running();
    let issued = super::register(&server, "Alpha");
    let file = back_up(&place, "all.backup");
    let bytes = fs::read(&file).unwrap();
    let key = |name: &str| fs::read_to_string(place.data_dir().join(name)).unwrap().trim().to_owned();
    let (master, admin) = (key("master.key"), key("admin.key"));
    let mut forms: Vec<Vec<u8>> = vec![issued.clone().into_bytes(), issued.as_bytes()[12..].to_vec()];
    for text in [master, admin] {
        let raw = BASE64_STANDARD.decode(&text).unwrap();
        let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
        forms.extend([hex.to_uppercase().into_bytes(), hex.into_bytes()]);
        forms.extend([BASE64_URL_SAFE_NO_PAD.encode(&raw).into_bytes(), text.into_bytes(), raw]);
    }
    let finder = AhoCorasick::new(&forms).unwrap();
    assert!(finder.find(&bytes).is_none(), "{:?}", finder.find(&bytes));
    // The search finds what is there: the part of a key by which it is looked up.
    assert!(AhoCorasick::new(["Alpha"]).unwrap().find(&bytes).is_some());

    // Whoever has the backup alone has no key that fits.
    let thief = Place::new();
    let said = thief.refused(&["restore", &file]);
    assert!(said.contains("master.key"), "{said}");
    assert_eq!(thief.files(), [""; 0]);
}

#[test]
fn a_backup_is_a_database_and_a_last_line_that_sha256sum_agrees_with() {
    let (place, _server) = running();
    let file = back_up(&place, "all.backup");
    assert_eq!(mode(file.as_ref()), 0o600);
    let bytes = fs::read(&file).unwrap();
    let (database, seal) = bytes.split_at(bytes.len() - BackupSeal::LENGTH);
    assert!(database.starts_with(b"SQLite format 3\0"));
    let copy = place.directory.path().join("database");
    fs::write(&copy, database).unwrap();
    let sum = std::process::Command::new("sha256sum").arg(&copy).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    let line = format!("\nkeyward-backup-1 sha256 {}\n", sum.split_whitespace().next().unwrap());
    assert_eq!(String::from_utf8_lossy(seal), line);
}

#[test]
fn what_was_revoked_after_a_backup_is_good_again_after_its_restore() {
    let (place, server) = serving(Place::new());
    let key = super::register(&server, "Alpha");
    let file = back_up(&place, "all.backup");
    let listed = done(&place, &["keys", "list"]);
    for row in listed["data"].as_array().unwrap() {
        assert!(place.run(&["keys", "revoke", row["key_id"].as_str().unwrap()]).status.success());
    }
    assert!(!is_good(&server, &key));
    stop(server);
    done(&place, &["restore", &file, "--replace"]);
    let server = place.serve();
    assert!(is_good(&server, &key), "docs/operating.md says so");
}
