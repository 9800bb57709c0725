//! How often each limit let something pass, and how often it refused.

use super::{Decision, LimitName, LimitService};
use crate::metrics::{Counter, Figures, Measured};

/// Counts what was decided, by limit. Where limits are off nothing is decided.
#[derive(Default)]
pub(super) struct Decisions([Outcomes; LimitName::ALL.len()]);

#[derive(Default)]
struct Outcomes {
    passed: Counter,
    refused: Counter,
}

impl Decisions {
    /// Counts one, and hands it on.
    pub(super) fn count(&self, limit: LimitName, decision: Decision) -> Decision {
        if let Some(outcomes) = self.0.get(limit as usize) {
            match decision {
                Decision::Passed(_) => outcomes.passed.increment(),
                Decision::Refused(_) => outcomes.refused.increment(),
            }
        }
        decision
    }
}

impl Measured for LimitService {
    fn measure(&self, figures: &mut Figures) {
        let family = figures.counter(
            "keyward_limit_decisions_total",
            "What a limit let pass or refused. What was given back later counts as well.",
        );
        for (limit, outcomes) in LimitName::ALL.iter().zip(&self.decisions.0) {
            family.count(&[("limit", limit.as_str()), ("outcome", "passed")], outcomes.passed.get());
            family.count(&[("limit", limit.as_str()), ("outcome", "refused")], outcomes.refused.get());
        }
    }
}
