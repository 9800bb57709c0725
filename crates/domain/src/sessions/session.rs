//! The session: what is stored of it, and whether it still stands.

use std::time::Duration;

use super::SessionRefused;
use crate::accounts::{Account, Epoch};
use crate::ids::{AccountId, SessionId};
use crate::secret::Digest;
use crate::time::Instant;

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// After this long without a request a session has ended.
    pub idle: Duration,
    /// After this long it has ended, whatever was done in it.
    pub lifetime: Duration,
}

impl Default for SessionPolicy {
    /// Half an hour without a request, half a day in all.
    fn default() -> Self {
        Self { idle: Duration::from_secs(30 * 60), lifetime: Duration::from_secs(12 * 60 * 60) }
    }
}

impl SessionPolicy {
    /// How much later than what is written a session was used before that is written again: at most once a minute, and
    /// often enough that nobody who does something counts as idle.
    pub fn seen_again_after(&self) -> Duration {
        Duration::from_secs(60).min(self.idle / 4)
    }
}

/// What is stored of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names it, in the audit trail.
    pub id: SessionId,
    /// What is stored in the place of its text.
    pub digest: Digest,
    /// Whose it is.
    pub account: AccountId,
    /// The epoch of the account in which it began.
    pub epoch: Epoch,
    /// When it began.
    pub began_at: Instant,
    /// About when it was last used: [`SessionPolicy::seen_again_after`].
    pub last_seen_at: Instant,
    /// From when on it is over, whatever is done in it.
    pub expires_at: Instant,
}

impl Session {
    /// Whether it stands now. `account` is its account.
    pub fn check(
        &self,
        account: &Account,
        policy: &SessionPolicy,
        now: Instant,
    ) -> Result<(), SessionRefused> {
        let is_idle = self.last_seen_at.saturating_add(policy.idle) <= now;
        let is_over = self.expires_at <= now;
        if is_idle || is_over || account.epoch != self.epoch || account.id != self.account {
            return Err(SessionRefused::Ended);
        }
        Ok(account.status.may_act()?)
    }

    /// Whether it is time to write down that it is used.
    pub fn is_to_be_touched(&self, policy: &SessionPolicy, now: Instant) -> bool {
        self.last_seen_at.saturating_add(policy.seen_again_after()) <= now
    }
}
