//! Servers are cut off from their database, packets being dropped without a word, while things are ended elsewhere.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use keyward_testkit::chaos::ChaosProxy;
use serde_json::json;

use super::cluster::Cluster;
use super::hammer::while_asked;
use super::history::{self, Asked, Verdict, now};
use super::link::Link;
use super::network::{self, Here, Namespace};
use super::node::Node;
use super::outage::{self, Outage};
use super::run::{count, report, spread, turn};
use super::subject::{ENDS, Subject};

/// Longer than any server may trust what it remembers, and than it may take to say so.
const CUT: Duration = Duration::from_millis(2_100);
/// A lost packet is sent again by the system in its own time, at first after one second, then after longer ones.
const HEALS: Duration = Duration::from_secs(5);

#[test]
fn threat_d9_a_server_that_is_cut_off_from_its_database_serves_nothing_stale() {
    match Here::find() {
        Here::Outside => {
            let _turn = turn();
            let path =
                "nodes::cut::threat_d9_a_server_that_is_cut_off_from_its_database_serves_nothing_stale";
            network::run_in_hub(path);
        }
        Here::InHub => {
            network::set_up_hub();
            cut_again_and_again(network::HUB, |number, database| {
                Link::Namespace(Namespace::join(number, database.address()))
            });
        }
        Here::WithoutNamespaces => {
            let _turn = turn();
            cut_again_and_again(Ipv4Addr::LOCALHOST.into(), |_, database| {
                Link::Proxy(ChaosProxy::start(database.address()))
            });
        }
    }
}

/// One server keeps its database, two lose it. Each such loss counts as a cut.
struct Servers {
    home: Node,
    remote: [(Node, Link); 2],
}

impl Servers {
    fn all(&self) -> [&Node; 3] {
        [&self.home, &self.remote[0].0, &self.remote[1].0]
    }
}

fn cut_again_and_again(host: IpAddr, link: impl Fn(u8, &Cluster) -> Link) {
    let cluster = Cluster::start(host);
    let home = Node::start_at(0, &cluster.url(), &host.to_string(), &[]);
    let remote = [1, 2].map(|number: u8| {
        let link = link(number, &cluster);
        let url = link.url(cluster.address());
        let node = match &link {
            Link::Namespace(inside) => {
                Node::start_at(number.into(), &url, &inside.address().to_string(), &inside.words())
            }
            Link::Proxy(_) => Node::start(number.into(), &url),
        };
        (node, link)
    });
    let servers = Servers { home, remote };
    let good = Subject::register(&servers.home, 0);
    good.warm_at(&servers.all());
    let (mut refuses, mut last_good, mut recovers) = (Vec::new(), Vec::new(), Vec::new());
    let rounds = count("KEYWARD_NODES_CUTS", 12).div_ceil(2);
    for number in 1..=rounds {
        let courses = cut_once(&servers, &good, number);
        for course in courses {
            assert_eq!(course.violations, [""; 0]);
            last_good.push(course.last_good);
            refuses.extend(course.first_outage);
            recovers.extend(course.good_again);
        }
    }
    report(
        "nodes-cut",
        &json!({
            "cuts": rounds * 2,
            "by": if matches!(servers.remote[0].1, Link::Namespace(_)) { "dropped packets" } else { "a proxy" },
            "last_good_answer_after_the_cut": spread(&last_good),
            "first_503_after_the_cut": spread(&refuses),
            "good_again_after_healing": spread(&recovers),
            "violations": 0,
        }),
    );
    assert!(recovers.iter().all(|time| *time < HEALS), "{recovers:?}");
}

/// Cuts two servers off, ends something at the third meanwhile, and heals.
fn cut_once(servers: &Servers, good: &Subject, number: usize) -> Vec<outage::Course> {
    let nodes = servers.all();
    let ended = Subject::register(&servers.home, number);
    ended.warm_at(&nodes);
    let groups = [good.checks(), good.reads(), ended.checks(), ended.reads()];
    let ((deed, began, healing, healed), asked) = while_asked(&nodes, &groups, |hearing| {
        servers.remote.iter().for_each(|(_, link)| link.cut());
        let began = now();
        let deed = ended.end(&servers.home, ENDS[number % ENDS.len()]);
        // Of different lengths, so that the system's own times for sending again fall before the end and behind it.
        hearing.until(began + CUT + Duration::from_millis((number as u64 * 137) % 500));
        let healing = now();
        servers.remote.iter().for_each(|(_, link)| link.heal());
        let healed = now();
        for node in 1..=2 {
            let is_good =
                |asked: &Asked| asked.node == node && asked.began > healed && asked.verdict == Verdict::Good;
            assert!(hearing.until_enough(20, is_good), "server {node} is not good again");
        }
        (deed, began, healing, healed)
    });
    let revived = asked.iter().find(|asked| {
        asked.began > healed && asked.verdict == Verdict::Good && deed.credentials.contains(&asked.credential)
    });
    assert!(revived.is_none(), "good after the cut, though ended during it: {revived:?}");
    assert_eq!(history::check(&asked, &[deed], nodes.len()).violations, [""; 0]);
    assert!(
        !asked.iter().any(|asked| asked.node == 0 && asked.verdict == Verdict::Outage),
        "the server that kept its database has an outage"
    );
    (1..=2).map(|node| outage::check(&asked, &Outage { node, began, healing, healed })).collect()
}
