//! What is ended at one server is over at the others, soon.

use std::collections::BTreeMap;

use keyward_testkit::postgres::PostgresDatabase;
use serde_json::json;

use super::history::{check, now};
use super::lanes::end_many;
use super::node::Node;
use super::run::{count, report, spread, turn};

/// The time within which we want it to be so, though a second is what is promised.
const GOAL_MILLIS: u64 = 250;

#[test]
fn threat_d9_what_is_ended_at_one_of_two_servers_is_over_at_the_other() {
    ended(2, "nodes-two", count("KEYWARD_NODES_REVOCATIONS", 400) / 8);
}

#[test]
fn threat_d9_what_is_ended_at_one_of_three_servers_is_over_at_the_others() {
    ended(3, "nodes-three", count("KEYWARD_NODES_REVOCATIONS", 400));
}

fn ended(servers: usize, name: &str, deeds: usize) {
    let _turn = turn();
    let database = PostgresDatabase::create();
    let nodes: Vec<Node> = (0..servers).map(|number| Node::start(number, &database.url())).collect();
    let nodes: Vec<&Node> = nodes.iter().collect();
    let began = now();
    let (history, done) = end_many(&nodes, deeds);
    let found = check(&history, &done, servers);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    done.iter().for_each(|deed| *kinds.entry(deed.what).or_default() += 1);
    let beyond = found.lateness.iter().filter(|late| late.as_millis() > GOAL_MILLIS.into()).count();
    report(
        name,
        &json!({
            "servers": servers,
            "revocations": done.len(),
            "of_each_kind": kinds,
            "seconds": began.elapsed().as_secs(),
            "answers": history.len(),
            "outages": found.outages,
            "last_good_elsewhere_began_after_the_answer": spread(&found.lateness),
            "goal_ms": GOAL_MILLIS,
            "beyond_the_goal": beyond,
            "violations": found.violations.len(),
        }),
    );
    assert_eq!(found.violations, [""; 0]);
    assert_eq!(done.len(), deeds);
}
