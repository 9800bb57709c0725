//! The database is frozen: it accepts, and never answers.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::json;

use super::cluster::Cluster;
use super::hammer::while_asked;
use super::history::{self, Verdict, now};
use super::node::Node;
use super::outage::{self, Outage};
use super::run::{count, report, spread, turn};
use super::subject::{ENDS, Subject};

/// Longer than any server may trust what it remembers, and than it may take to say so.
const FROZEN: Duration = Duration::from_millis(2_200);

#[test]
fn threat_d9_with_a_frozen_database_nothing_stale_is_served_and_nothing_good_refused() {
    let _turn = turn();
    let cluster = Cluster::start(Ipv4Addr::LOCALHOST.into());
    let nodes = [Node::start(0, &cluster.url()), Node::start(1, &cluster.url())];
    let nodes = [&nodes[0], &nodes[1]];
    let good = Subject::register(nodes[0], 0);
    good.warm_at(&nodes);
    let (mut refuses, mut recovers) = (Vec::new(), Vec::new());
    let freezes = count("KEYWARD_NODES_FREEZES", 3);
    for number in 1..=freezes {
        let ended = Subject::register(nodes[0], number);
        ended.warm_at(&nodes);
        let ((deed, began, healing, healed), asked) =
            while_asked(&nodes, &[good.checks(), good.reads(), ended.checks(), ended.reads()], |hearing| {
                // The other server may not have heard of it when the database freezes.
                let deed = ended.end(nodes[0], ENDS[number % ENDS.len()]);
                cluster.freeze();
                let began = now();
                hearing.until(began + FROZEN);
                let healing = now();
                cluster.thaw();
                let healed = now();
                assert!(
                    hearing.until_enough(20, |asked| {
                        asked.node == 1 && asked.began > healed && asked.verdict == Verdict::Good
                    }),
                    "not good again"
                );
                (deed, began, healing, healed)
            });
        let revived = asked.iter().find(|asked| {
            asked.began > healed
                && asked.verdict == Verdict::Good
                && deed.credentials.contains(&asked.credential)
        });
        assert!(revived.is_none(), "good after the thaw, though ended before the freeze: {revived:?}");
        assert_eq!(history::check(&asked, &[deed], 2).violations, [""; 0]);
        for node in 0..2 {
            let course = outage::check(&asked, &Outage { node, began, healing, healed });
            assert_eq!(course.violations, [""; 0]);
            refuses.extend(course.first_outage);
            recovers.extend(course.good_again);
        }
    }
    report(
        "nodes-frozen",
        &json!({
            "freezes": freezes,
            "first_503_after_the_freeze": spread(&refuses),
            "good_again_after_the_thaw": spread(&recovers),
            "violations": 0,
        }),
    );
    assert!(recovers.iter().all(|time| *time < Duration::from_secs(2)), "{recovers:?}");
}
