//! Limits as the use cases and the surfaces meet them: what may pass, and what a client is told of it.

use std::sync::Arc;
use std::time::Duration;

use super::decisions::Decisions;
use super::{
    Bucket, Decision, ExactLimiter, LimitMac, LimitName, LimitPolicy, Network, Quota, Standing,
    TrafficLimiter,
};
use crate::store::StoreError;
use crate::time::{Clock, Instant};

/// Nothing more may pass now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many of these for now")]
pub struct Limited {
    /// How what refuses stands.
    pub standing: Standing,
    /// In which time its full number passes.
    pub window: Duration,
}

/// Why something was not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdmitError {
    /// There is no room.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Nobody knows whether there is room.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Something was let in.
///
/// Security: dropped, it keeps all that was taken, what is meant for successes as well: whoever goes away in the middle
/// gets nothing back.
#[derive(Debug)]
#[must_use]
pub struct Admission {
    taken: Option<Standing>,
    reserved: Option<(Bucket, Standing)>,
}

/// What counts, under one policy.
#[derive(Clone)]
pub struct LimitService {
    pub(super) exact: Arc<dyn ExactLimiter>,
    pub(super) mac: Arc<dyn LimitMac>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) policy: Arc<LimitPolicy>,
    pub(super) decisions: Arc<Decisions>,
    traffic: Arc<dyn TrafficLimiter>,
}

impl LimitService {
    /// A service over these counters.
    pub fn new(
        exact: Arc<dyn ExactLimiter>,
        traffic: Arc<dyn TrafficLimiter>,
        mac: Arc<dyn LimitMac>,
        clock: Arc<dyn Clock>,
        policy: LimitPolicy,
    ) -> Self {
        Self { exact, mac, clock, policy: Arc::new(policy), decisions: Arc::default(), traffic }
    }

    /// Takes one from each of these buckets, or from none: the first without room refuses, and those before it get
    /// theirs back. One is taken from `reserved` as well, and stays taken only if the deed succeeds.
    pub async fn admit(&self, buckets: &[Bucket], reserved: Option<Bucket>) -> Result<Admission, AdmitError> {
        let now = self.clock.now();
        let mut admission = Admission { taken: None, reserved: None };
        let all = buckets.iter().map(|bucket| (*bucket, false));
        for (number, (bucket, is_reserve)) in all.chain(reserved.map(|bucket| (bucket, true))).enumerate() {
            match self.take_exactly(bucket, now).await {
                Ok(standing) if is_reserve => admission.reserved = Some((bucket, standing)),
                Ok(standing) => admission.taken = Some(tighter(admission.taken, standing)),
                Err(refused) => {
                    for earlier in buckets.iter().take(number) {
                        self.give_back(*earlier, now).await;
                    }
                    return Err(refused);
                }
            }
        }
        Ok(admission)
    }

    /// How the tightest of the buckets stands, now that the deed has succeeded.
    pub fn succeeded(&self, admission: Admission) -> Option<Standing> {
        match admission.reserved {
            Some((_, standing)) => Some(tighter(admission.taken, standing)),
            None => admission.taken,
        }
    }

    /// Gives back what was reserved for a success, and says how the tightest of the others stands.
    pub async fn failed(&self, admission: Admission) -> Option<Standing> {
        if let Some((bucket, _)) = admission.reserved {
            self.give_back(bucket, self.clock.now()).await;
        }
        admission.taken
    }

    /// Takes one of general traffic. A plain function.
    pub fn take(&self, bucket: Bucket, now: Instant) -> Result<Standing, Limited> {
        let quota = self.quota(bucket);
        if !self.policy.enabled {
            return Ok(quota.standing(None, now));
        }
        self.decided(bucket, self.traffic.take(bucket, quota, now), quota)
    }

    /// How a bucket of general traffic stands.
    pub fn peek(&self, bucket: Bucket, now: Instant) -> Standing {
        let quota = self.quota(bucket);
        if !self.policy.enabled {
            return quota.standing(None, now);
        }
        self.traffic.peek(bucket, quota, now).standing()
    }

    /// Whether one more credential from there may be looked for beyond memory.
    pub(crate) fn may_look_up(&self, from: Network) -> Result<(), Limited> {
        let bucket = Bucket::at(LimitName::FailedCredentials, from);
        let standing = self.peek(bucket, self.clock.now());
        if standing.remaining > 0 {
            return Ok(());
        }
        self.decided(bucket, Decision::Refused(standing), self.quota(bucket)).map(drop)
    }

    /// A credential from there was no good.
    pub(crate) fn credential_failed(&self, from: Network) -> Result<(), Limited> {
        self.take(Bucket::at(LimitName::FailedCredentials, from), self.clock.now()).map(drop)
    }

    async fn take_exactly(&self, bucket: Bucket, now: Instant) -> Result<Standing, AdmitError> {
        let quota = self.quota(bucket);
        if !self.policy.enabled {
            return Ok(quota.standing(None, now));
        }
        Ok(self.decided(bucket, self.exact.take(bucket, quota, now).await?, quota)?)
    }

    async fn give_back(&self, bucket: Bucket, now: Instant) {
        if self.policy.enabled {
            // What cannot be given back stays taken: the safe side, and it comes back by itself.
            let _ = self.exact.give_back(bucket, self.quota(bucket), now).await;
        }
    }

    fn quota(&self, bucket: Bucket) -> Quota {
        self.policy.quota(bucket.limit, bucket.plan())
    }

    fn decided(&self, bucket: Bucket, decision: Decision, quota: Quota) -> Result<Standing, Limited> {
        match self.decisions.count(bucket.limit, decision) {
            Decision::Passed(standing) => Ok(standing),
            Decision::Refused(standing) => {
                let window = Duration::from_micros(u64::try_from(quota.window_micros()).unwrap_or(0));
                Err(Limited { standing, window })
            }
        }
    }
}

/// The one with the smaller share of its full number left.
fn tighter(one: Option<Standing>, other: Standing) -> Standing {
    let left = |a: Standing, b: Standing| u64::from(a.remaining) * u64::from(b.limit);
    one.filter(|one| left(*one, other) <= left(other, *one)).unwrap_or(other)
}
