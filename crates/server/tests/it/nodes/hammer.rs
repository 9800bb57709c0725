//! Threads that ask all the time, so that a history has no gaps.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use super::history::{Asked, now};
use super::node::{Node, Question};

/// How long a test waits for what must come to pass sooner or later.
const SOON: Duration = Duration::from_secs(20);

/// What a test hears while the threads ask.
pub(super) struct Hearing {
    answers: Receiver<Asked>,
    history: Vec<Asked>,
}

/// Asks these questions at these servers, with one thread for each server and each group of questions, for as long as
/// the work takes. Answers all that was asked and answered.
pub(super) fn while_asked<T>(
    nodes: &[&Node],
    groups: &[Vec<Question>],
    work: impl FnOnce(&mut Hearing) -> T,
) -> (T, Vec<Asked>) {
    let is_over = AtomicBool::new(false);
    let (sender, answers) = channel();
    let mut hearing = Hearing { answers, history: Vec::new() };
    let worked = thread::scope(|scope| {
        for (node, group) in nodes.iter().flat_map(|node| groups.iter().map(move |group| (*node, group))) {
            ask(scope, node, group, &is_over, sender.clone());
        }
        drop(sender);
        let over = Over(&is_over);
        let worked = work(&mut hearing);
        drop(over);
        worked
    });
    hearing.history.extend(hearing.answers.try_iter());
    (worked, hearing.history)
}

fn ask<'scope>(
    scope: &'scope Scope<'scope, '_>,
    node: &'scope Node,
    questions: &'scope [Question],
    is_over: &'scope AtomicBool,
    answers: Sender<Asked>,
) {
    scope.spawn(move || {
        for question in questions.iter().cycle() {
            if is_over.load(Ordering::Relaxed) || answers.send(node.ask(question)).is_err() {
                break;
            }
        }
    });
}

/// Lets the threads end, also when the work panics.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Hearing {
    /// Listens until this moment.
    pub(super) fn until(&mut self, moment: Instant) {
        loop {
            match self.answers.recv_timeout(moment.saturating_duration_since(now())) {
                Ok(asked) => self.history.push(asked),
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => panic!("nobody asks any longer"),
            }
            if now() >= moment {
                return;
            }
        }
    }

    /// Listens until there have been enough of the answers that count. Says whether there were in time.
    pub(super) fn until_enough(&mut self, mut left: usize, mut counts: impl FnMut(&Asked) -> bool) -> bool {
        let late = now() + SOON;
        while left > 0 {
            let Ok(asked) = self.answers.recv_timeout(late.saturating_duration_since(now())) else {
                return false;
            };
            left -= usize::from(counts(&asked));
            self.history.push(asked);
        }
        true
    }
}
