//! Which kinds of hashes are stored, and how long every check takes so that none of them shows.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use keyward_domain::accounts::PasswordError;
use tokio::time::Instant;

use super::stored::StoredHash;
use super::workbench::{HashCost, Workbench};

/// The kinds of hashes that are stored, each with the slowest check that was seen of it lately.
#[derive(Debug, Default)]
pub(super) struct LiveCosts(Mutex<BTreeMap<HashCost, Option<Duration>>>);

impl LiveCosts {
    /// The longest check that others wait for: with a quarter more they take two seconds. One beyond it has been stalled
    /// by something else, which must not lengthen every login.
    const LONGEST: Duration = Duration::from_millis(1_600);

    /// Such hashes are stored. Whether nobody knows yet how long one takes.
    pub(super) fn add(&self, cost: HashCost) -> bool {
        self.lock().entry(cost).or_default().is_none()
    }

    /// Whether there are several kinds, so that how long a check takes could tell which.
    pub(super) fn has_something_to_hide(&self) -> bool {
        self.lock().len() > 1
    }

    /// Whether this is the password, and notes how long it took to find out.
    pub(super) fn matches(
        &self,
        hash: &StoredHash,
        bench: &mut Workbench,
        password: &[u8],
    ) -> Result<bool, PasswordError> {
        let begun = Instant::now();
        let matches = hash.matches(bench, password);
        self.took(hash.cost(), begun.elapsed());
        matches
    }

    /// A check of such a hash took so long: it is stored, whether or not anybody has said so. The slowest counts, up to
    /// [`LONGEST`](Self::LONGEST), and is forgotten little by little.
    fn took(&self, cost: HashCost, took: Duration) {
        let mut costs = self.lock();
        let slowest = costs.entry(cost).or_default();
        let remembered = slowest.map_or(Duration::ZERO, |slowest| slowest - slowest / 32);
        *slowest = Some(took.min(Self::LONGEST).max(remembered));
    }

    /// How long every check takes, from the moment at which its turn comes: a quarter longer than the slowest of the
    /// dearest kind, so that the dearest one ends in time too. `None` while there is one kind and nothing to hide.
    pub(super) fn span(&self) -> Option<Duration> {
        let costs = self.lock();
        let slowest = costs.values().flatten().max()?;
        (costs.len() > 1).then(|| *slowest + *slowest / 4)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<HashCost, Option<Duration>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashCost = HashCost::Argon2 { memory_kib: 19_456, passes: 2, lanes: 1 };
    const DEAR: HashCost = HashCost::Bcrypt { cost: 12 };
    const MILLI: Duration = Duration::from_millis(1);

    #[test]
    fn one_kind_needs_no_time_but_its_own() {
        let live = LiveCosts::default();
        assert!(live.add(CHEAP));
        live.took(CHEAP, 24 * MILLI);
        assert!(!live.add(CHEAP));
        assert_eq!(live.span(), None);
    }

    #[test]
    fn threat_e2_every_check_takes_longer_than_the_slowest_of_the_dearest_kind() {
        let live = LiveCosts::default();
        live.add(CHEAP);
        live.add(DEAR);
        assert_eq!(live.span(), None, "nothing is known yet");
        live.took(CHEAP, 24 * MILLI);
        live.took(DEAR, 320 * MILLI);
        assert_eq!(live.span(), Some(400 * MILLI));
        live.took(CHEAP, 20 * MILLI);
        assert_eq!(live.span(), Some(400 * MILLI), "a cheap check changes nothing");
    }

    #[test]
    fn a_slow_moment_is_forgotten_little_by_little() {
        let live = LiveCosts::default();
        live.add(CHEAP);
        live.add(DEAR);
        live.took(DEAR, 640 * MILLI);
        live.took(DEAR, 320 * MILLI);
        assert_eq!(live.span(), Some(775 * MILLI));
        for _ in 0..200 {
            live.took(DEAR, 320 * MILLI);
        }
        assert_eq!(live.span(), Some(400 * MILLI));
    }

    #[test]
    fn threat_e2_a_kind_that_nobody_has_told_of_counts_from_its_first_check() {
        let live = LiveCosts::default();
        live.add(CHEAP);
        live.took(CHEAP, 24 * MILLI);
        assert_eq!(live.span(), None);
        live.took(DEAR, 320 * MILLI);
        assert_eq!(live.span(), Some(400 * MILLI));
        assert!(!live.add(DEAR), "it is known how long it takes");
    }

    #[test]
    fn threat_d1_a_check_that_stalls_makes_no_other_take_longer_than_two_seconds() {
        let live = LiveCosts::default();
        live.add(CHEAP);
        live.took(CHEAP, 24 * MILLI);
        live.took(DEAR, 60_000 * MILLI);
        assert_eq!(live.span(), Some(2_000 * MILLI));
    }
}
