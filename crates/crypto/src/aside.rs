//! A thread beside all others, for one hash: it gives way to whoever else wants its core.
//!
//! A hash takes a core for some twenty milliseconds. On an ordinary thread it would take turns of several milliseconds
//! with the thread that answers requests, and everybody would wait for passwords; here it takes what is left. Making a
//! thread costs a thousandth of a hash. It cannot be one of the runtime's: a thread that has stepped back may not step
//! forward again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use tokio::sync::oneshot;

/// By how much it steps back: beside somebody who never rests it still gets a quarter of their core, so that logins
/// become slow and do not stop.
const NICENESS: i32 = 5;

/// The machine gave no thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoThread;

/// Does the work, and answers what came of it, or with what it panicked. Begins at the first poll; work that has begun
/// runs to its end, whether or not somebody still waits for it.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<thread::Result<T>, NoThread> {
    let (done, outcome) = oneshot::channel();
    let body = move || {
        // A machine that does not let it step back has it run as everybody does.
        let _ = rustix::process::nice(NICENESS);
        let _ = done.send(catch_unwind(AssertUnwindSafe(work))); // Nobody may be waiting any longer.
    };
    thread::Builder::new().name("keyward-hash".to_owned()).spawn(body).map_err(|_| NoThread)?;
    outcome.await.map_err(|_| NoThread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn threat_d1_a_hash_gives_way_and_its_neighbours_do_not() {
        let niceness = || rustix::process::getpriority_process(None).unwrap();
        let before = niceness();
        assert_eq!(run(niceness).await.unwrap().unwrap(), (before + NICENESS).min(19));
        assert_eq!(niceness(), before);
    }

    #[tokio::test]
    async fn a_panic_is_handed_over() {
        let outcome: thread::Result<()> = run(|| panic!("at work")).await.unwrap();
        assert_eq!(outcome.unwrap_err().downcast_ref(), Some(&"at work"));
    }
}
