//! What a history must not hold while a server cannot reach its database.

use std::time::{Duration, Instant};

use super::history::{Asked, LEASE, Verdict};

/// By when a server that is cut off refuses everything. Asserted, because it is what is promised.
const REFUSES: Duration = Duration::from_secs(2);
/// How long anybody waits for an answer, whatever the database does: three seconds, and room for a busy machine.
const ANSWERS: Duration = Duration::from_millis(3_500);

/// One server without its database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outage {
    pub(super) node: usize,
    /// From here on nothing gets through.
    pub(super) began: Instant,
    /// Up to here nothing gets through.
    pub(super) healing: Instant,
    /// From here on everything does.
    pub(super) healed: Instant,
}

/// How an outage went.
#[derive(Debug, Default)]
pub(super) struct Course {
    /// One line for each violation.
    pub(super) violations: Vec<String>,
    /// How long after its beginning the last good answer of a request came, and the first 503.
    pub(super) last_good: Duration,
    pub(super) first_outage: Option<Duration>,
    /// How long after its end the first good answer came.
    pub(super) good_again: Option<Duration>,
}

/// Reads what was asked of that server.
pub(super) fn check(history: &[Asked], outage: &Outage) -> Course {
    let mut course = Course::default();
    for asked in history.iter().filter(|asked| asked.node == outage.node) {
        let is_within = asked.ended > outage.began && asked.ended < outage.healing;
        let after = asked.ended.saturating_duration_since(outage.began);
        if is_within && asked.verdict == Verdict::Good {
            course.last_good = course.last_good.max(after);
        }
        if is_within && asked.verdict == Verdict::Outage {
            course.first_outage = Some(course.first_outage.map_or(after, |first| first.min(after)));
        }
        if asked.began > outage.healed && asked.verdict == Verdict::Good {
            let again = asked.ended - outage.healed;
            course.good_again = Some(course.good_again.map_or(again, |first| first.min(again)));
        }
        let trusts_too_long = asked.began.saturating_duration_since(outage.began) > LEASE || after > REFUSES;
        if is_within && trusts_too_long && asked.verdict != Verdict::Outage {
            course.violations.push(format!("not refused though cut off: {asked:?} in {outage:?}"));
        }
        let concerns = asked.ended > outage.began && asked.began < outage.healed;
        if concerns && asked.ended - asked.began > ANSWERS {
            course.violations.push(format!("answered too late: {asked:?} in {outage:?}"));
        }
    }
    if course.first_outage.is_none_or(|first| first > REFUSES) {
        course.violations.push(format!("no 503 in time, but after {:?}: {outage:?}", course.first_outage));
    }
    if course.good_again.is_none() {
        course.violations.push(format!("never good again: {outage:?}"));
    }
    course
}

#[cfg(test)]
mod tests {
    use super::super::history::Story;
    use super::*;

    fn violations(planted: impl FnOnce(&Story) -> Asked) -> usize {
        let story = Story::begin();
        let outage =
            Outage { node: 1, began: story.at(1_000), healing: story.at(4_000), healed: story.at(4_010) };
        let mut history = vec![
            story.asked(0, 3_000, 3_001, Verdict::Good), // Another server.
            story.asked(1, 1_900, 1_910, Verdict::Good),
            story.asked(1, 2_010, 2_260, Verdict::Outage),
            story.asked(1, 3_900, 4_100, Verdict::Good),
            story.asked(1, 4_100, 4_110, Verdict::Good),
        ];
        let course = check(&history, &outage);
        assert_eq!(course.violations, [""; 0]);
        assert_eq!(course.first_outage, Some(Duration::from_millis(1_260)));
        assert_eq!(course.last_good, Duration::from_millis(910));
        assert_eq!(course.good_again, Some(Duration::from_millis(100)));
        history.push(planted(&story));
        check(&history, &outage).violations.len()
    }

    #[test]
    fn the_checker_finds_trust_beyond_the_lease() {
        assert_eq!(violations(|story| story.asked(1, 2_001, 2_002, Verdict::Good)), 1);
        assert_eq!(violations(|story| story.asked(1, 1_900, 3_001, Verdict::Good)), 1);
        assert_eq!(violations(|story| story.asked(1, 1_999, 2_500, Verdict::Good)), 0);
    }

    #[test]
    fn the_checker_finds_a_verdict_without_a_database() {
        assert_eq!(violations(|story| story.asked(1, 2_500, 2_501, Verdict::Refused)), 1);
    }

    #[test]
    fn the_checker_finds_an_answer_that_came_too_late() {
        assert_eq!(violations(|story| story.asked(1, 1_100, 4_700, Verdict::Outage)), 1);
    }

    #[test]
    fn the_checker_finds_an_outage_that_was_not_answered_or_did_not_end() {
        let story = Story::begin();
        let outage =
            Outage { node: 1, began: story.at(1_000), healing: story.at(4_000), healed: story.at(4_010) };
        assert_eq!(check(&[], &outage).violations.len(), 2);
        let late = [story.asked(1, 3_010, 3_200, Verdict::Outage)];
        assert_eq!(check(&late, &outage).violations.len(), 2);
    }
}
