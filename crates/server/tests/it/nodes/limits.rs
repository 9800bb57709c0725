//! What guards credentials is counted once for all servers.

use std::thread;

use keyward_testkit::postgres::PostgresDatabase;
use serde_json::{Value, json};

use super::node::Node;
use super::run::turn;

const REGISTER: &str = "/tradeready/api/v1/auth/register";
const LOGIN: &str = "/tradeready/api/v1/auth/login";

/// Twenty new accounts an hour and one login a minute: neither comes back while the test runs.
const CONFIGURATION: &str =
    "[limits]\nnew_accounts_per_hour = 20\n[limits.tradeready]\nregister = 1000\nlogin = 1\n";

#[test]
fn threat_g1_three_servers_pass_exactly_the_limit_of_one_address() {
    let _turn = turn();
    let database = PostgresDatabase::create();
    let nodes: Vec<Node> =
        (0..3).map(|number| Node::start_limited(number, &database.url(), CONFIGURATION)).collect();
    let registered = statuses(&nodes, REGISTER, &json!({"display_name": "One of many"}));
    assert_eq!(
        (count(&registered, 201), count(&registered, 429)),
        (20, registered.len() - 20),
        "{registered:?}"
    );
    let nobody = json!({"api_key": "ak_live_nobody", "api_secret": "sk_live_nobody"});
    let logged_in = statuses(&nodes, LOGIN, &nobody);
    assert_eq!((count(&logged_in, 401), count(&logged_in, 429)), (1, logged_in.len() - 1), "{logged_in:?}");
}

/// What thirty requests to each of them are answered, four at a time.
fn statuses(nodes: &[Node], path: &str, body: &Value) -> Vec<u16> {
    thread::scope(|scope| {
        let lanes = nodes.iter().flat_map(|node| (0..4).map(move |_| node));
        let ask = |node: &Node| (0..8).map(|_| node.post_status(path, body)).collect::<Vec<u16>>();
        let lanes: Vec<_> = lanes.map(|node| scope.spawn(move || ask(node))).collect();
        lanes.into_iter().flat_map(|lane| lane.join().expect("a lane")).collect()
    })
}

fn count(statuses: &[u16], wanted: u16) -> usize {
    statuses.iter().filter(|status| **status == wanted).count()
}
