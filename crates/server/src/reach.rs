//! Something that is asked again and again: whether it answers, said once when that changes, and when to ask next.

use std::fmt::Display;
use std::time::Duration;

/// How something out there has been answering.
pub(crate) struct Reach {
    what: &'static str,
    pause: Duration,
    longest: Duration,
    failures: u32,
}

/// What has changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It no longer answers.
    Lost,
    /// It answers again.
    Back,
}

impl Reach {
    /// Asked after each pause. While it does not answer each pause is twice as long, up to the longest.
    pub(crate) const fn new(what: &'static str, pause: Duration, longest: Duration) -> Self {
        Self { what, pause, longest, failures: 0 }
    }

    /// Notes an answer, and tells people if that is news.
    pub(crate) fn heard<E: Display>(&mut self, answer: Result<(), E>) {
        let what = self.what;
        match (self.note(answer.is_ok()), answer) {
            (Some(Change::Lost), Err(error)) => tracing::warn!(what, %error, "this does not answer"),
            (Some(_), _) => tracing::info!(what, "this answers again"),
            (None, _) => {}
        }
    }

    /// How long to wait before it is asked again.
    pub(crate) fn pause(&self) -> Duration {
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        self.pause.saturating_mul(factor).min(self.longest)
    }

    fn note(&mut self, is_well: bool) -> Option<Change> {
        let was_well = self.failures == 0;
        self.failures = if is_well { 0 } else { self.failures.saturating_add(1) };
        match (was_well, is_well) {
            (true, false) => Some(Change::Lost),
            (false, true) => Some(Change::Back),
            (true, true) | (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_once_and_its_end_once() {
        let mut reach = Reach::new("a test", Duration::from_millis(100), Duration::from_secs(5));
        let told: Vec<_> = [true, false, false, false, true, true, false]
            .into_iter()
            .filter_map(|well| reach.note(well))
            .collect();
        assert_eq!(told, [Change::Lost, Change::Back, Change::Lost]);
    }

    #[test]
    fn what_does_not_answer_is_asked_less_and_less_often() {
        let mut reach = Reach::new("a test", Duration::from_millis(100), Duration::from_secs(5));
        let mut pauses = vec![reach.pause()];
        for _ in 0..40 {
            reach.note(false);
            pauses.push(reach.pause());
        }
        let millis: Vec<_> = pauses.iter().take(8).map(Duration::as_millis).collect();
        assert_eq!(millis, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        assert_eq!(pauses.last(), Some(&Duration::from_secs(5)));
        reach.note(true);
        assert_eq!(reach.pause(), Duration::from_millis(100));
    }
}
