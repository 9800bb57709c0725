//! One request, from its head to its answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};

use super::{RouteMeter, Worker};

/// A request that is not answered yet. Nothing in it locks, allocates or looks up by name: it stands on the path of
/// every request.
pub(crate) struct Running {
    worker: Arc<Worker>,
    since: Instant,
    is_answered: bool,
}

impl Running {
    /// From now on it is in flight.
    pub(crate) fn begin(worker: Arc<Worker>) -> Self {
        worker.in_flight.fetch_add(1, Ordering::Relaxed);
        Self { worker, since: now(), is_answered: false }
    }

    /// Its head is answered so. Answers how long that took.
    pub(crate) fn answered(self, request: &HttpRequest, status: StatusCode) -> Duration {
        let worker = Arc::clone(&self.worker);
        let meter = request.app_data::<Arc<RouteMeter>>().unwrap_or(&worker.nowhere);
        self.end(meter, request.method(), status)
    }

    /// It was answered before it reached any route.
    pub(crate) fn refused(self, method: &Method, status: StatusCode) {
        let worker = Arc::clone(&self.worker);
        self.end(&worker.nowhere, method, status);
    }

    fn end(mut self, meter: &RouteMeter, method: &Method, status: StatusCode) -> Duration {
        self.is_answered = true;
        let duration = self.since.elapsed();
        meter.record(method, status, duration);
        if status.is_server_error() {
            let failures = &self.worker.failures;
            let failure = match status {
                StatusCode::INTERNAL_SERVER_ERROR => &failures.internal,
                StatusCode::SERVICE_UNAVAILABLE => &failures.unavailable,
                _ => &failures.other,
            };
            failure.fetch_add(1, Ordering::Relaxed);
        }
        duration
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.in_flight.fetch_sub(1, Ordering::Relaxed);
        if !self.is_answered {
            self.worker.abandoned.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "measures how long an answer took; nothing is decided by it")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use keyward_domain::metrics::{Figures, Measured};

    use super::super::Traffic;
    use super::*;

    fn number(traffic: &Traffic, name: &str) -> String {
        let mut figures = Figures::default();
        traffic.measure(&mut figures);
        let family = figures.families().iter().find(|family| family.name == name).unwrap();
        format!("{:?}", family.samples[0].value)
    }

    #[test]
    fn a_request_whose_client_goes_away_is_no_longer_in_flight() {
        let traffic = Traffic::default();
        let worker = traffic.worker();
        let (first, second) = (Running::begin(Arc::clone(&worker)), Running::begin(worker));
        assert_eq!(number(&traffic, "keyward_http_requests_in_flight"), "Number(2.0)");
        drop(first);
        second.refused(&Method::GET, StatusCode::NOT_FOUND);
        assert_eq!(number(&traffic, "keyward_http_requests_in_flight"), "Number(0.0)");
        assert_eq!(number(&traffic, "keyward_http_requests_abandoned_total"), "Number(1.0)");
    }
}
