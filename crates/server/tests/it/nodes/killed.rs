//! The connection over which a server hears of others is killed again and again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use keyward_testkit::postgres::PostgresDatabase;
use serde_json::json;

use super::cluster::psql;
use super::history::check;
use super::lanes::end_many;
use super::node::Node;
use super::run::{count, report, spread, turn};

const KILL: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                    WHERE datname = current_database() AND application_name = 'keyward-poller'";

#[test]
fn threat_d9_no_revocation_is_lost_while_the_pollers_connections_are_killed() {
    let _turn = turn();
    let database = PostgresDatabase::create();
    let url = database.url();
    let nodes = [Node::start(0, &url), Node::start(1, &url)];
    let nodes = [&nodes[0], &nodes[1]];
    let deeds = count("KEYWARD_NODES_REVOCATIONS", 400) / 8;
    let (left, killed) = (AtomicUsize::new(deeds), AtomicUsize::new(0));
    let (history, done) = thread::scope(|scope| {
        scope.spawn(|| {
            while left.load(Ordering::Relaxed) > 0 {
                let now: usize = psql(&url, KILL).parse().expect("a number");
                killed.fetch_add(now, Ordering::Relaxed);
            }
        });
        let ended = thread::Builder::new().spawn_scoped(scope, || end_many(&nodes, deeds)).expect("a thread");
        let ended = ended.join();
        left.store(0, Ordering::Relaxed);
        ended.expect("all deeds")
    });
    let found = check(&history, &done, nodes.len());
    let killed = killed.into_inner();
    report(
        "nodes-poller-killed",
        &json!({
            "kills": killed,
            "revocations": done.len(),
            "answers": history.len(),
            "outages": found.outages,
            "last_good_elsewhere_began_after_the_answer": spread(&found.lateness),
            "violations": found.violations.len(),
        }),
    );
    assert_eq!(found.violations, [""; 0]);
    assert_eq!(done.len(), deeds);
    assert!(killed >= 10, "hardly any connection was killed: {killed}");
}
