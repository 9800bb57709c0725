//! What was asked of which server, when, and what it answered; and what such a history must not hold.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// For how long another server may go on trusting what was ended elsewhere. A time is asserted here because the time
/// is the promise: it does not depend on how fast the machine is.
pub(super) const LEASE: Duration = Duration::from_secs(1);

/// What an answer says about a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Refused,
    /// 503 with `Retry-After`.
    Outage,
    /// Another status, or none at all.
    Wrong(Option<u16>),
}

/// One request and its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) node: usize,
    pub(super) credential: usize,
    pub(super) began: Instant,
    pub(super) ended: Instant,
    pub(super) verdict: Verdict,
}

/// Something was ended at one server, and these credentials with it.
#[derive(Debug, Clone)]
pub(super) struct Deed {
    pub(super) what: &'static str,
    pub(super) node: usize,
    pub(super) credentials: Vec<usize>,
    pub(super) asked: Instant,
    pub(super) answered: Instant,
}

/// What the checker found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// One line for each violation.
    pub(super) violations: Vec<String>,
    /// For each deed and each other server: how long after the deed's answer the last good request began.
    pub(super) lateness: Vec<Duration>,
    pub(super) outages: usize,
}

/// Reads the history of so many servers. At the deed's own server no request that began after its answer is good; at
/// the others none that began later than [`LEASE`] after it. Nobody else's credential is ever refused.
pub(super) fn check(history: &[Asked], deeds: &[Deed], nodes: usize) -> Findings {
    let ended_by = ended_by(deeds);
    let mut latest: HashMap<(usize, usize), Duration> = HashMap::new();
    let mut findings = Findings::default();
    for asked in history {
        let deed = ended_by.get(&asked.credential).and_then(|index| Some((*index, deeds.get(*index)?)));
        let wrong = match (asked.verdict, deed) {
            (Verdict::Good, Some((index, deed))) => {
                let late = asked.began.saturating_duration_since(deed.answered);
                let is_home = asked.node == deed.node;
                if !is_home {
                    let most = latest.entry((index, asked.node)).or_default();
                    *most = late.max(*most);
                }
                (late > if is_home { Duration::ZERO } else { LEASE }).then_some("stale")
            }
            (Verdict::Good, None) => None,
            (Verdict::Refused, deed) => deed
                .is_none_or(|(_, deed)| asked.ended < deed.asked)
                .then_some("a good credential was refused"),
            (Verdict::Outage, _) => {
                findings.outages += 1;
                None
            }
            (Verdict::Wrong(_), _) => Some("no proper answer"),
        };
        findings.violations.extend(wrong.map(|wrong| format!("{wrong}: {asked:?} after {deed:?}")));
    }
    let asked_at: HashSet<(usize, usize)> =
        history.iter().filter_map(|asked| Some((*ended_by.get(&asked.credential)?, asked.node))).collect();
    for (index, deed) in deeds.iter().enumerate() {
        for node in 0..nodes {
            if !asked_at.contains(&(index, node)) {
                findings.violations.push(format!("nobody asked server {node} about {deed:?}"));
            } else if node != deed.node {
                findings.lateness.push(latest.get(&(index, node)).copied().unwrap_or_default());
            }
        }
    }
    findings
}

/// Which deed ended a credential: the first one that did.
fn ended_by(deeds: &[Deed]) -> HashMap<usize, usize> {
    let mut ended_by = HashMap::new();
    for (index, deed) in deeds.iter().enumerate() {
        for credential in &deed.credentials {
            ended_by.entry(*credential).or_insert(index);
        }
    }
    ended_by
}

/// The machine's monotonic clock.
#[allow(clippy::disallowed_methods, reason = "what is promised is a time, and it is measured from outside")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// A history that was made up: moments are milliseconds after its beginning.
pub(super) struct Story(Instant);

impl Story {
    pub(super) fn begin() -> Self {
        Self(now())
    }

    pub(super) fn at(&self, millis: u64) -> Instant {
        self.0 + Duration::from_millis(millis)
    }

    /// A request about credential 7.
    pub(super) fn asked(&self, node: usize, began: u64, ended: u64, verdict: Verdict) -> Asked {
        Asked { node, credential: 7, began: self.at(began), ended: self.at(ended), verdict }
    }

    /// At server 0, asked at 100 and answered at 110.
    fn deed(&self) -> Deed {
        let (asked, answered) = (self.at(100), self.at(110));
        Deed { what: "a test's", node: 0, credentials: vec![7, 8], asked, answered }
    }
}

/// The violations of a history with one deed, over two servers. Both were asked at the end and refused.
fn violations(planted: impl FnOnce(&Story) -> Asked) -> Vec<String> {
    let story = Story::begin();
    let mut history = vec![
        story.asked(0, 0, 10, Verdict::Good),
        story.asked(1, 0, 10, Verdict::Good),
        story.asked(0, 105, 109, Verdict::Good), // It began before the answer.
        story.asked(0, 101, 103, Verdict::Refused),
        story.asked(1, 1_000, 1_050, Verdict::Good),
        story.asked(1, 1_060, 1_200, Verdict::Outage),
        story.asked(0, 2_000, 2_001, Verdict::Refused),
        story.asked(1, 2_000, 2_001, Verdict::Refused),
    ];
    assert_eq!(check(&history, &[story.deed()], 2).violations, [""; 0]);
    history.push(planted(&story));
    check(&history, &[story.deed()], 2).violations
}

#[test]
fn the_checker_finds_a_good_answer_at_home_that_began_after_the_deed() {
    assert_eq!(violations(|story| story.asked(0, 111, 112, Verdict::Good)).len(), 1);
}

#[test]
fn the_checker_finds_a_good_answer_elsewhere_that_began_too_late() {
    assert_eq!(violations(|story| story.asked(1, 1_111, 1_112, Verdict::Good)).len(), 1);
    assert_eq!(violations(|story| story.asked(1, 1_110, 5_000, Verdict::Good)).len(), 0);
}

#[test]
fn the_checker_finds_a_good_credential_that_was_refused() {
    assert_eq!(violations(|story| story.asked(1, 90, 99, Verdict::Refused)).len(), 1);
    let nobodys = |story: &Story| Asked { credential: 9, ..story.asked(1, 200, 201, Verdict::Refused) };
    assert_eq!(violations(nobodys).len(), 1);
}

#[test]
fn the_checker_finds_what_is_no_proper_answer() {
    assert_eq!(violations(|story| story.asked(1, 20, 21, Verdict::Wrong(Some(500)))).len(), 1);
    assert_eq!(violations(|story| story.asked(1, 20, 21, Verdict::Wrong(None))).len(), 1);
}

#[test]
fn the_checker_finds_a_server_that_nobody_asked() {
    let story = Story::begin();
    let found = check(&[story.asked(0, 0, 1, Verdict::Good)], &[story.deed()], 2);
    assert_eq!(found.violations.len(), 1);
}

#[test]
fn the_checker_measures_how_late_the_last_good_answer_began() {
    let story = Story::begin();
    let history = [
        story.asked(0, 0, 1, Verdict::Good),
        story.asked(1, 130, 140, Verdict::Good),
        story.asked(1, 120, 150, Verdict::Good),
        story.asked(2, 100, 150, Verdict::Good),
    ];
    let found = check(&history, &[story.deed()], 3);
    assert_eq!(found.lateness, [Duration::from_millis(20), Duration::ZERO]);
}
