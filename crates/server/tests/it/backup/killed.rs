//! `kill -9` while a database is replaced: the old one or the new one is there, whole.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use super::{back_up, done, elsewhere, is_good, register, running, stop};

const KILLS: u64 = 12;

#[test]
fn threat_d6_a_restore_that_is_killed_leaves_the_old_database_or_the_new_one() {
    let (place, server) = running();
    let alpha = register(&server, "Alpha");
    let first = back_up(&place, "first.backup");
    let beta = register(&server, "Beta");
    let second = back_up(&place, "second.backup");
    stop(server);

    let other = elsewhere(&place);
    done(&other, &["restore", &first]);
    let mut has_second = false;
    for number in 0..KILLS {
        let file = if has_second { &first } else { &second };
        let mut restore = other.command(&["restore", file, "--replace"]);
        let mut restore = restore.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // sleep: the instant of the kill, spread over the life of the process.
        thread::sleep(Duration::from_millis(number * 7));
        restore.kill().unwrap();
        restore.wait().unwrap();
        // The server's own start would refuse what is not whole, and `Beta` tells the two apart.
        let server = other.serve();
        assert!(is_good(&server, &alpha), "after {number} kills");
        has_second = is_good(&server, &beta);
        drop(server); // Killed as well: what it wrote stands in the log, which the next restore has to deal with.
    }
    done(&other, &["restore", &second, "--replace"]);
    super::assert_healthy(&other);
    let left: Vec<_> = other.files().into_iter().filter(|name| name.contains("restoring")).collect();
    assert_eq!(left, [""; 0]);
    assert!(is_good(&other.serve(), &beta));
}
