//! One deed after the other, in several lanes at once, each watched at every server.

use std::collections::HashSet;
use std::thread;

use super::hammer::while_asked;
use super::history::{Asked, Deed, Verdict};
use super::node::Node;
use super::subject::{ENDS, Subject};

/// How many deeds are on their way at the same time. More of them keep two cores so busy that the poller has to wait
/// for its turn, and what is measured is the machine.
const LANES: usize = 2;

/// Ends so many things, of every kind and at each server in turn. `first` is the number of the first subject.
pub(super) fn end_many(nodes: &[&Node], deeds: usize) -> (Vec<Asked>, Vec<Deed>) {
    let (mut history, mut done) = (Vec::new(), Vec::new());
    thread::scope(|scope| {
        let lanes: Vec<_> = (0..LANES)
            .map(|lane| {
                scope.spawn(move || {
                    let numbers = (lane..deeds).step_by(LANES);
                    numbers.map(|number| end_one(nodes, number)).collect::<Vec<_>>()
                })
            })
            .collect();
        for (asked, deed) in lanes.into_iter().flat_map(|lane| lane.join().expect("a lane")) {
            history.extend(asked);
            done.push(deed);
        }
    });
    (history, done)
}

/// Ends one thing at one server, and asks all of them about it from before the deed until all have refused it.
fn end_one(nodes: &[&Node], number: usize) -> (Vec<Asked>, Deed) {
    let home = nodes[number % nodes.len()];
    let subject = Subject::register(home, number);
    subject.warm_at(nodes);
    let end = ENDS[(number / nodes.len()) % ENDS.len()];
    let (deed, history) = while_asked(nodes, &[[subject.checks(), subject.reads()].concat()], |hearing| {
        let deed = subject.end(home, end);
        let mut refused = HashSet::new();
        let heard = hearing.until_enough(nodes.len() * deed.credentials.len(), |asked| {
            let is_late = asked.began > deed.answered && deed.credentials.contains(&asked.credential);
            is_late && asked.verdict == Verdict::Refused && refused.insert((asked.node, asked.credential))
        });
        assert!(heard, "not every server refuses what was ended: {refused:?} after {deed:?}");
        deed
    });
    (history, deed)
}
