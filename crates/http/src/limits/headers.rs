//! What an answer says of limits: `X-RateLimit-Limit`, `-Remaining`, `-Reset`, and `Retry-After`.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use keyward_domain::limits::{Limited, Standing};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Says how something stands, unless the answer says so already.
pub(crate) fn describe(headers: &mut HeaderMap, standing: impl FnOnce() -> Standing) {
    if headers.contains_key(LIMIT) {
        return;
    }
    let standing = standing();
    headers.insert(LIMIT, HeaderValue::from(standing.limit));
    headers.insert(REMAINING, HeaderValue::from(standing.remaining));
    // Rounded up: whoever comes at the second that is said finds it true.
    let reset = standing.reset_at.unix_micros().max(0).unsigned_abs().div_ceil(1_000_000);
    headers.insert(RESET, HeaderValue::from(reset));
}

/// Says that nothing more may pass, and how long to wait.
pub(crate) fn refuse(headers: &mut HeaderMap, limited: &Limited) {
    describe(headers, || limited.standing);
    headers.insert(RETRY_AFTER, HeaderValue::from(retry_after_seconds(limited)));
}

/// Whole seconds, rounded up, and one at least.
pub(crate) fn retry_after_seconds(limited: &Limited) -> u64 {
    u64::try_from(limited.standing.wait.as_micros().div_ceil(1_000_000)).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use keyward_domain::time::Instant;

    use super::*;

    fn limited(wait: Duration) -> Limited {
        let now = Instant::from_unix_micros(1_000_000_000_000_001).unwrap();
        let standing = Standing { limit: 5, remaining: 0, reset_at: now.saturating_add(wait), wait };
        Limited { standing, window: Duration::from_secs(60) }
    }

    #[test]
    fn moments_and_times_are_rounded_up() {
        for (wait, retry, reset) in [
            (0, 1, 1_000_000_001),
            (1, 1, 1_000_000_001),
            (1_000_000, 1, 1_000_000_002),
            (1_000_001, 2, 1_000_000_002),
        ] {
            let mut headers = HeaderMap::new();
            refuse(&mut headers, &limited(Duration::from_micros(wait)));
            assert_eq!(headers.get(RETRY_AFTER).unwrap(), &HeaderValue::from(retry), "{wait}");
            assert_eq!(headers.get(RESET).unwrap(), &HeaderValue::from(reset), "{wait}");
        }
    }

    #[test]
    fn what_an_answer_says_already_stays() {
        let mut headers = HeaderMap::new();
        refuse(&mut headers, &limited(Duration::from_secs(9)));
        describe(&mut headers, || Standing { limit: 600, ..limited(Duration::ZERO).standing });
        assert_eq!(headers.get(LIMIT).unwrap(), "5");
        assert_eq!(headers.get(REMAINING).unwrap(), "0");
    }
}
