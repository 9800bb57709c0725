//! Many callers at the same moment.

use std::sync::Arc;

use keyward_domain::store::StoreError;
use tokio::sync::Barrier;

/// How many callers race for one thing.
pub(super) const RACERS: usize = 32;

/// How often a racer asks a busy store again.
const PATIENCE: usize = 20;

/// Starts all racers at once, each on a task of its own, and waits for what they got, in their order.
pub(super) async fn race<T, R>(racer: impl Fn(usize) -> R) -> Vec<T>
where
    T: Send + 'static,
    R: Future<Output = T> + Send + 'static,
{
    race_of(RACERS, racer).await
}

/// Starts so many racers at once.
pub(super) async fn race_of<T, R>(racers: usize, racer: impl Fn(usize) -> R) -> Vec<T>
where
    T: Send + 'static,
    R: Future<Output = T> + Send + 'static,
{
    let line = Arc::new(Barrier::new(racers));
    let start = |number| {
        let (line, run) = (line.clone(), racer(number));
        tokio::spawn(async move {
            line.wait().await;
            run.await
        })
    };
    let tasks: Vec<_> = (0..racers).map(start).collect();
    let mut results = Vec::with_capacity(racers);
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

/// Asks again while the store is busy, as its contract allows: nothing was written.
pub(super) async fn patiently<T, E, C>(call: impl Fn() -> C) -> Result<T, E>
where
    E: PartialEq + From<StoreError>,
    C: Future<Output = Result<T, E>>,
{
    for _ in 0..PATIENCE {
        match call().await {
            Err(error) if error == E::from(StoreError::Busy) => {}
            answer => return answer,
        }
    }
    panic!("the store was busy {PATIENCE} times in a row");
}
