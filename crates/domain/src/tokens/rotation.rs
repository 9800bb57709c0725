//! When signing keys are due: pure decisions over what is stored and what time it is.

use std::time::Duration;

use super::{KeyThumbprint, LONGEST_LIFETIME_SECONDS, SigningAlgorithm, SigningKey, SigningKeyState};
use crate::time::Instant;

/// By how much longer than asked a key stays published: until each node shows it, however late its commit was seen.
const SETTLING: Duration = Duration::from_secs(10);

/// The longest time for which a JWK Set may be kept.
const JWKS_LIFETIME: Duration = Duration::from_secs(300);

/// By how much the clocks of two servers may differ.
const CLOCKS_DIFFER: Duration = Duration::from_secs(300);

/// How long a retired key stays after the last token that it can have signed has expired: clocks that differ, and a
/// node that heard late of the hand-over.
const MARGIN: Duration = Duration::from_secs(3_600);

/// How signing keys are rotated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationPolicy {
    /// The algorithms in use: those that have a key which signs. Keys of others are not replaced by new ones.
    pub algorithms: Vec<SigningAlgorithm>,
    /// How long a key signs.
    pub rotate_after: Duration,
    /// How long the next one is published before it signs.
    pub lead: Duration,
}

/// One step of a key that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// The published key takes over from the active one.
    HandOver {
        /// The algorithm of both.
        algorithm: SigningAlgorithm,
        /// The active key.
        from: KeyThumbprint,
        /// The published key.
        to: KeyThumbprint,
    },
    /// No token of this retired key can be alive.
    Delete(KeyThumbprint),
    /// The algorithm needs its next key.
    Publish(SigningAlgorithm),
}

impl RotationPolicy {
    /// How long a retired key goes on verifying: longer than any token lives that any configuration allows, so that
    /// a change of the configuration strands none.
    pub const RETIREMENT: Duration =
        Duration::from_secs(LONGEST_LIFETIME_SECONDS as u64).saturating_add(MARGIN);

    /// How long those who verify tokens themselves may keep the JWK Set: a third of the time for which the next key is
    /// published, so that two fetches may fail before its first token comes, and five minutes at most, since after a
    /// theft it is for so long that a deleted key is still believed elsewhere.
    #[must_use]
    pub fn jwks_lifetime(&self) -> Duration {
        (self.lead / 3).min(JWKS_LIFETIME)
    }

    /// What is due at `now`, in the order in which it should be done: what needs no new key comes first.
    #[must_use]
    pub fn due(&self, keys: &[SigningKey], now: Instant) -> Vec<Due> {
        // This server's clock is behind the one that wrote these: what it wrote now would look older than it is, and the
        // next key would take over before everybody can know it.
        if keys.iter().any(|key| key.since() > now.saturating_add(CLOCKS_DIFFER)) {
            return Vec::new();
        }
        let hand_overs = keys.iter().filter_map(|next| self.hand_over(keys, next, now));
        let deletions = keys.iter().filter(|key| is_spent(key, now)).map(|key| Due::Delete(key.kid.clone()));
        let publications = self.algorithms.iter().filter(|algorithm| self.needs_next(keys, **algorithm, now));
        hand_overs.chain(deletions).chain(publications.copied().map(Due::Publish)).collect()
    }

    fn hand_over(&self, keys: &[SigningKey], next: &SigningKey, now: Instant) -> Option<Due> {
        let SigningKeyState::Published { at } = next.state else {
            return None;
        };
        let active = keys.iter().find(|key| key.algorithm == next.algorithm && key.is_active())?;
        let is_known = at.saturating_add(self.lead).saturating_add(SETTLING) <= now;
        is_known.then(|| Due::HandOver {
            algorithm: next.algorithm,
            from: active.kid.clone(),
            to: next.kid.clone(),
        })
    }

    /// Whether the active key will have signed long enough by the time a key that is published now takes over.
    fn needs_next(&self, keys: &[SigningKey], algorithm: SigningAlgorithm, now: Instant) -> bool {
        let mut own = keys.iter().filter(|key| key.algorithm == algorithm);
        let age = self.rotate_after.saturating_sub(self.lead);
        let is_old = own.clone().any(|key| match key.state {
            SigningKeyState::Active { since } => since.saturating_add(age) <= now,
            SigningKeyState::Published { .. } | SigningKeyState::Retired { .. } => false,
        });
        is_old && !own.any(SigningKey::is_published)
    }
}

fn is_spent(key: &SigningKey, now: Instant) -> bool {
    match key.state {
        SigningKeyState::Retired { since } => since.saturating_add(RotationPolicy::RETIREMENT) <= now,
        SigningKeyState::Published { .. } | SigningKeyState::Active { .. } => false,
    }
}
