//! What is counted of one route by one worker.

use std::sync::OnceLock;
use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use keyward_domain::metrics::{Histogram, Spread};

/// Security: whatever a client calls its method, it counts as one of these.
const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "other"];
const STATUSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// The durations of one route's requests, by method and class of status. It hangs on the route's resource, so that
/// nothing is looked up by name when a request has been answered.
pub(crate) struct RouteMeter {
    /// Made when the first request of its kind is answered: most kinds never come.
    kinds: [[OnceLock<Box<Histogram>>; STATUSES.len()]; METHODS.len()],
}

impl Default for RouteMeter {
    fn default() -> Self {
        Self { kinds: [const { [const { OnceLock::new() }; STATUSES.len()] }; METHODS.len()] }
    }
}

impl RouteMeter {
    /// Counts an answered request.
    pub(super) fn record(&self, method: &Method, status: StatusCode, duration: Duration) {
        let [.., other] = &self.kinds;
        let kinds = self.kinds.get(place_of(method)).unwrap_or(other);
        let [success, redirection, refusal, failure] = kinds;
        let kind = match status.as_u16() {
            500.. => failure,
            400.. => refusal,
            300.. => redirection,
            _ => success,
        };
        kind.get_or_init(|| Box::new(Histogram::of_durations())).took(duration);
    }

    /// Everything that was counted: method, class of status, durations.
    pub(super) fn spreads(&self) -> impl Iterator<Item = (&'static str, &'static str, Spread)> + '_ {
        METHODS.iter().zip(&self.kinds).flat_map(|(method, kinds)| {
            let counted = STATUSES.iter().zip(kinds);
            counted.filter_map(|(status, kind)| Some((*method, *status, kind.get()?.spread())))
        })
    }
}

/// What a method is called where it is counted or logged.
pub(crate) fn method_name(method: &Method) -> &'static str {
    METHODS.get(place_of(method)).copied().unwrap_or("other")
}

fn place_of(method: &Method) -> usize {
    let name = method.as_str();
    METHODS.iter().position(|known| *known == name).unwrap_or(METHODS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_that_is_none_of_the_standard_is_other_and_so_is_one_that_says_so() {
        let meter = RouteMeter::default();
        for method in ["GET", "BREW", "get", "other", "POST"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            meter.record(&method, StatusCode::NOT_FOUND, Duration::ZERO);
        }
        let found: Vec<_> =
            meter.spreads().map(|(method, status, spread)| (method, status, spread.count())).collect();
        assert_eq!(found, [("GET", "4xx", 1), ("POST", "4xx", 1), ("other", "4xx", 3)]);
    }

    #[test]
    fn every_status_has_a_class() {
        let meter = RouteMeter::default();
        for status in [101, 200, 304, 404, 500, 503, 999] {
            meter.record(&Method::GET, StatusCode::from_u16(status).unwrap(), Duration::ZERO);
        }
        let found: Vec<_> = meter.spreads().map(|(_, status, spread)| (status, spread.count())).collect();
        assert_eq!(found, [("2xx", 2), ("3xx", 1), ("4xx", 1), ("5xx", 3)]);
    }
}
