//! Use cases of signing keys: the next one by command, what is due by schedule, and a fresh start after a theft.

use std::sync::Arc;
use std::time::Duration;

use super::{
    Due, HandOver, HandOverEvents, KeyNotMade, KeyThumbprint, MoveSigningKeyError, PublishSigningKeyError,
    RotationPolicy, SigningAlgorithm, SigningKey, SigningKeyMaker, SigningKeyState, SigningKeyStore,
};
use crate::audit::{Action, Actor, AuditEvent, AuditTrail, Deed, Target};
use crate::request::RequestContext;
use crate::store::StoreError;
use crate::time::{Clock, Instant};

/// Why signing keys were not rotated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RotateSigningKeysError {
    /// The machine could not make a key pair.
    #[error(transparent)]
    NotMade(#[from] KeyNotMade),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What [`SigningKeyService::advance`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RotationStep {
    /// It published the next key of an algorithm.
    Published(KeyThumbprint),
    /// It retired one key and activated another.
    HandedOver {
        /// The key that has retired.
        from: KeyThumbprint,
        /// The key that signs now.
        to: KeyThumbprint,
    },
    /// It deleted a retired key.
    Deleted(KeyThumbprint),
}

/// Use cases of signing keys.
#[derive(Clone)]
pub struct SigningKeyService {
    pub(crate) store: Arc<dyn SigningKeyStore>,
    pub(crate) maker: Arc<dyn SigningKeyMaker>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) trail: AuditTrail,
    pub(crate) policy: Arc<RotationPolicy>,
}

/// Who acts, and in which request, if in one.
#[derive(Clone, Copy)]
struct By<'a> {
    actor: &'a Actor,
    context: Option<&'a RequestContext>,
}

const BY_SCHEDULE: By<'_> = By { actor: &Actor::System, context: None };

impl SigningKeyService {
    /// The algorithms in use.
    pub fn algorithms(&self) -> &[SigningAlgorithm] {
        &self.policy.algorithms
    }

    /// How long those who verify tokens themselves may keep the JWK Set.
    pub fn jwks_lifetime(&self) -> Duration {
        self.policy.jwks_lifetime()
    }

    /// Publishes the next key of each of these algorithms, and says which it is. It takes over by schedule, once it
    /// has been published for long enough. May be repeated: a key that is published already is the answer.
    ///
    /// An algorithm that is not in use is passed over: nothing would ever be signed with its key.
    pub async fn rotate(
        &self,
        algorithms: &[SigningAlgorithm],
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<Vec<SigningKey>, RotateSigningKeysError> {
        let by = By { actor, context: Some(context) };
        let mut next = Vec::with_capacity(algorithms.len());
        for &algorithm in self.policy.algorithms.iter().filter(|used| algorithms.contains(used)) {
            next.push(self.next_key(algorithm, by).await?);
        }
        Ok(next)
    }

    /// Does what is due, and says what it did. Any number of nodes may do this at the same time: each step is done by
    /// one of them.
    pub async fn advance(&self) -> Result<Vec<RotationStep>, RotateSigningKeysError> {
        let now = self.clock.now();
        let keys = self.store.all().await?;
        let mut done = Vec::new();
        for due in self.policy.due(&keys, now) {
            done.extend(self.step(due, now).await?);
        }
        Ok(done)
    }

    /// Starts afresh after a theft: each of these algorithms gets a new key that signs from now on, and every other
    /// key of it is deleted. Each token that such a key has signed is refused, genuine or forged, and its bearer logs
    /// in again. Whoever verifies by a JWK Set refuses new tokens until it fetches the set again.
    ///
    /// An algorithm without keys is passed over; one that is out of use is not, since its keys still verify. A call
    /// that failed halfway may be repeated.
    pub async fn replace(
        &self,
        algorithms: &[SigningAlgorithm],
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<Vec<SigningKey>, RotateSigningKeysError> {
        let by = By { actor, context: Some(context) };
        let mut fresh = Vec::with_capacity(algorithms.len());
        for stolen in self.store.all().await?.iter().filter(|key| key.is_active()) {
            if algorithms.contains(&stolen.algorithm) {
                fresh.push(self.replace_one(stolen, by).await?);
            }
        }
        Ok(fresh)
    }

    async fn replace_one(
        &self,
        stolen: &SigningKey,
        by: By<'_>,
    ) -> Result<SigningKey, RotateSigningKeysError> {
        let algorithm = stolen.algorithm;
        // Security: a key that waits for its turn rests beside the stolen one and may be stolen too.
        self.delete_all(algorithm, SigningKey::is_published, by).await?;
        // Another node's new key would do as well, but nobody knows what that node is up to.
        let next = self.publish(algorithm, by).await?.ok_or(StoreError::Busy)?;
        let now = self.clock.now();
        let hand_over = HandOver { algorithm, from: stolen.kid.clone(), to: next.kid.clone(), at: now };
        if !done(self.hand_over(hand_over, by).await)? {
            return Err(StoreError::Busy.into());
        }
        self.delete_all(algorithm, |key| !key.is_active(), by).await?;
        Ok(SigningKey { state: SigningKeyState::Active { since: now }, ..next })
    }

    async fn step(&self, due: Due, now: Instant) -> Result<Option<RotationStep>, RotateSigningKeysError> {
        match due {
            Due::Publish(algorithm) => {
                let published = self.publish(algorithm, BY_SCHEDULE).await?;
                Ok(published.map(|key| RotationStep::Published(key.kid)))
            }
            Due::HandOver { algorithm, from, to } => {
                let hand_over = HandOver { algorithm, from: from.clone(), to: to.clone(), at: now };
                let was_ours = done(self.hand_over(hand_over, BY_SCHEDULE).await)?;
                Ok(was_ours.then_some(RotationStep::HandedOver { from, to }))
            }
            Due::Delete(kid) => {
                let was_ours = done(self.delete(&kid, BY_SCHEDULE).await)?;
                Ok(was_ours.then_some(RotationStep::Deleted(kid)))
            }
        }
    }

    /// The published key of an algorithm; a new one where there is none.
    async fn next_key(
        &self,
        algorithm: SigningAlgorithm,
        by: By<'_>,
    ) -> Result<SigningKey, RotateSigningKeysError> {
        if let Some(key) = self.published(algorithm).await? {
            return Ok(key);
        }
        if let Some(key) = self.publish(algorithm, by).await? {
            return Ok(key);
        }
        // Another node was faster. If its key is gone as well, several people press the same button.
        Ok(self.published(algorithm).await?.ok_or(StoreError::Busy)?)
    }

    async fn published(&self, algorithm: SigningAlgorithm) -> Result<Option<SigningKey>, StoreError> {
        let keys = self.store.all().await?;
        Ok(keys.into_iter().find(|key| key.algorithm == algorithm && key.is_published()))
    }

    /// `None` if another node has published one meanwhile.
    async fn publish(
        &self,
        algorithm: SigningAlgorithm,
        by: By<'_>,
    ) -> Result<Option<SigningKey>, RotateSigningKeysError> {
        let pair = self.maker.make(algorithm).await?;
        let now = self.clock.now();
        let key = SigningKey {
            kid: pair.kid,
            algorithm,
            sealed: pair.sealed,
            state: SigningKeyState::Published { at: now },
            created_at: now,
        };
        let event = self.event(Action::SigningKeyPublished, &key.kid, now, by);
        match self.store.publish(key.clone(), event).await {
            Ok(()) => Ok(Some(key)),
            Err(PublishSigningKeyError::AlreadyPublished) => Ok(None),
            Err(PublishSigningKeyError::Store(error)) => Err(error.into()),
        }
    }

    async fn hand_over(&self, hand_over: HandOver, by: By<'_>) -> Result<(), MoveSigningKeyError> {
        let events = HandOverEvents {
            retired: self.event(Action::SigningKeyRetired, &hand_over.from, hand_over.at, by),
            activated: self.event(Action::SigningKeyActivated, &hand_over.to, hand_over.at, by),
        };
        self.store.hand_over(hand_over, events).await
    }

    async fn delete(&self, kid: &KeyThumbprint, by: By<'_>) -> Result<(), MoveSigningKeyError> {
        let event = self.event(Action::SigningKeyDeleted, kid, self.clock.now(), by);
        self.store.delete(kid.clone(), event).await
    }

    async fn delete_all(
        &self,
        algorithm: SigningAlgorithm,
        which: impl Fn(&SigningKey) -> bool,
        by: By<'_>,
    ) -> Result<(), StoreError> {
        let keys = self.store.all().await?;
        for key in keys.iter().filter(|key| key.algorithm == algorithm && which(key)) {
            done(self.delete(&key.kid, by).await)?;
        }
        Ok(())
    }

    fn event(&self, action: Action, kid: &KeyThumbprint, now: Instant, by: By<'_>) -> AuditEvent {
        let target = Target::SigningKey(kid.clone());
        self.trail.event(now, Deed { actor: by.actor, action, target: &target, account: None }, by.context)
    }
}

/// Whether it was this call that did it. That somebody else did is as good.
fn done(moved: Result<(), MoveSigningKeyError>) -> Result<bool, StoreError> {
    match moved {
        Ok(()) => Ok(true),
        Err(MoveSigningKeyError::AlreadyDone) => Ok(false),
        Err(MoveSigningKeyError::Store(error)) => Err(error),
    }
}
