//! PostgreSQL: its own tools make the backup, as `docs/operating.md` has it.

use std::process::Command;

use keyward_testkit::postgres::PostgresDatabase;

use super::{assert_healthy, done, elsewhere, is_good, register, serving, stop};
use crate::process::Place;

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn threat_d6_a_dump_of_postgres_is_restored_with_every_key_that_was_acknowledged_before() {
    let (database, fresh) = (PostgresDatabase::create(), PostgresDatabase::create());
    let (place, server) = serving(Place::new().with("KEYWARD_DATABASE_URL", &database.url()));
    let (alpha, beta) = (register(&server, "Alpha"), register(&server, "Beta"));
    let suspended = done(&place, &["accounts", "list", "--limit", "1"]);
    let id = suspended["data"][0]["account_id"].as_str().unwrap();
    done(&place, &["accounts", "suspend", id]);
    let dump = place.directory.path().join("keyward.dump");
    run(Command::new(database.program("pg_dump"))
        .args(["--format=custom", "--file"])
        .args([dump.as_os_str(), database.url().as_ref()]));
    let gamma = register(&server, "Gamma");
    assert_eq!((is_good(&server, &alpha), is_good(&server, &gamma)), (true, true));
    stop(server);

    run(Command::new(database.program("pg_restore"))
        .args(["--exit-on-error", "--no-owner", "--dbname", &fresh.url()])
        .arg(&dump));
    let other = elsewhere(&place).with("KEYWARD_DATABASE_URL", &fresh.url());
    assert_healthy(&other);
    let (other, server) = serving(other);
    let verdicts = [&alpha, &beta, &gamma].map(|key| is_good(&server, key));
    assert_eq!(verdicts, [true, false, false]);
    let accounts = done(&other, &["accounts", "list"]);
    let statuses: Vec<_> =
        accounts["data"].as_array().unwrap().iter().map(|row| row["status"].clone()).collect();
    assert_eq!(statuses, ["suspended", "active"]);
}

#[test]
fn keyward_backup_names_the_tool_for_postgres() {
    let database = PostgresDatabase::create();
    let (place, _server) = serving(Place::new().with("KEYWARD_DATABASE_URL", &database.url()));
    let said = place.refused(&["backup", "all.backup"]);
    assert!(said.contains("409") && said.contains("pg_dump") && said.contains("operating.md"), "{said}");
    assert!(!place.files().contains(&"all.backup".to_owned()));
}
