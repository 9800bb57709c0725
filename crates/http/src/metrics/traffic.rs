//! What is counted of all requests. Each worker counts for itself, so that they never wait for each other's cache lines.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use keyward_domain::metrics::{Figures, Measured, Spread};

use super::RouteMeter;

/// What stands in the place of surface and route for a request that reached none.
const NONE: &str = "none";

/// What is counted of all requests, by all workers.
#[derive(Default)]
pub struct Traffic {
    workers: Mutex<Vec<Arc<Worker>>>,
}

/// What one worker counts.
#[derive(Default)]
pub(crate) struct Worker {
    /// Looked at when routes are mounted and when figures are told.
    routes: Mutex<Vec<Route>>,
    /// For requests that reach no route.
    pub(super) nowhere: Arc<RouteMeter>,
    pub(super) in_flight: AtomicI64,
    pub(super) abandoned: AtomicU64,
    pub(super) failures: Failures,
}

/// Answers that say that something is wrong with the server.
#[derive(Default)]
pub(super) struct Failures {
    pub(super) internal: AtomicU64,
    pub(super) unavailable: AtomicU64,
    pub(super) other: AtomicU64,
}

struct Route {
    surface: &'static str,
    path: &'static str,
    meter: Arc<RouteMeter>,
}

impl Traffic {
    /// Counts for one more worker.
    pub(crate) fn worker(&self) -> Arc<Worker> {
        let worker = Arc::<Worker>::default();
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&worker));
        worker
    }
}

impl Worker {
    /// The meter of this route. It is one wherever the route is mounted: at its host, its base path and the root.
    pub(crate) fn meter(&self, surface: &'static str, path: &'static str) -> Arc<RouteMeter> {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = routes.iter().find(|route| route.surface == surface && route.path == path) {
            return Arc::clone(&known.meter);
        }
        let meter = Arc::<RouteMeter>::default();
        routes.push(Route { surface, path, meter: Arc::clone(&meter) });
        meter
    }
}

/// What tells the durations apart: surface, route, method, class of status.
type Labels = [&'static str; 4];

fn add(all: &mut BTreeMap<Labels, Spread>, surface: &'static str, route: &'static str, meter: &RouteMeter) {
    for (method, status, spread) in meter.spreads() {
        let labels = [surface, route, method, status];
        let sum = match all.remove(&labels) {
            Some(before) => before.and(&spread),
            None => spread,
        };
        all.insert(labels, sum);
    }
}

impl Measured for Traffic {
    fn measure(&self, figures: &mut Figures) {
        let workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut durations = BTreeMap::new();
        for worker in &workers {
            for Route { surface, path, meter } in
                &*worker.routes.lock().unwrap_or_else(PoisonError::into_inner)
            {
                add(&mut durations, surface, path, meter);
            }
            add(&mut durations, NONE, NONE, &worker.nowhere);
        }
        let sum = |of: fn(&Worker) -> &AtomicU64| -> u64 {
            workers.iter().map(|worker| of(worker).load(Ordering::Relaxed)).sum()
        };
        let family = figures.histogram(
            "keyward_http_request_duration_seconds",
            "How long requests took, from their head to the head of the answer, by surface, route, method and status.",
        );
        for ([surface, route, method, status], spread) in durations {
            let labels = [("surface", surface), ("route", route), ("method", method), ("status", status)];
            family.spread(&labels, spread);
        }
        let in_flight: i64 = workers.iter().map(|worker| worker.in_flight.load(Ordering::Relaxed)).sum();
        figures
            .gauge(
                "keyward_http_requests_in_flight",
                "Requests that are not answered yet, that of this answer too.",
            )
            .number(&[], in_flight as f64);
        figures
            .counter(
                "keyward_http_requests_abandoned_total",
                "Requests whose client went away before the answer.",
            )
            .count(&[], sum(|worker| &worker.abandoned));
        figures
            .counter("keyward_http_failures_total", "Answers with a status of 500 or above.")
            .count(&[("status", "500")], sum(|worker| &worker.failures.internal))
            .count(&[("status", "503")], sum(|worker| &worker.failures.unavailable))
            .count(&[("status", "other")], sum(|worker| &worker.failures.other));
    }
}
