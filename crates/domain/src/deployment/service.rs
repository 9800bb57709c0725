//! Use cases of the master key: see how it stands, rotate it, finish a rotation or call it off.
//!
//! What derives from the root secret never changes, so a rotation touches nothing but slots and key files. Each step is
//! durable before the next one, and whoever asks again goes on where the last one stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{
    ChangeSlotsError, Deployment, DeploymentStore, Exchange, Fingerprint, MasterKeyVault, OldSlot,
    RotateMasterKeyError, Slot, Slots, Stage, TakeOver,
};
use crate::audit::{Action, Actor, AuditEvent, AuditTrail, Deed, Target};
use crate::request::RequestContext;
use crate::store::StoreError;
use crate::time::{Clock, Instant};

/// Which of two keys one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPlace {
    /// The key to start servers with.
    Current,
    /// The one before, which opens the database until the rotation is finished.
    Superseded,
}

/// A master key that opens the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownMasterKey {
    /// Names it.
    pub fingerprint: Fingerprint,
    /// Which one it is.
    pub place: KeyPlace,
    /// Since when it opens the database; `None` for one that founded it before there were slots.
    pub added_at: Option<Instant>,
    /// Whether the server that was asked runs by it.
    pub is_running: bool,
}

/// How the master key stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterKeyStatus {
    /// The keys that open the database, the superseded one first.
    pub keys: Vec<KnownMasterKey>,
    /// Where this server has put a key that every server is to be started with, if it waits for that.
    pub waiting_in: Option<String>,
}

/// Use cases of the master key.
///
/// Security: a change that was begun is to be run to its end, whoever asked for it may go. Between a key file and the
/// database there is no transaction: a second change that came in between could drop the key that the first one has
/// just put in its place.
#[derive(Clone)]
pub struct MasterKeyService {
    store: Arc<dyn DeploymentStore>,
    vault: Arc<dyn MasterKeyVault>,
    clock: Arc<dyn Clock>,
    trail: AuditTrail,
    turn: Turn,
}

/// Taken by one change at a time.
#[derive(Debug, Clone, Default)]
struct Turn(Arc<AtomicBool>);

/// Gives the turn back.
struct Taken(Turn);

impl Turn {
    fn take(&self) -> Result<Taken, RotateMasterKeyError> {
        match self.0.compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Ok(Taken(self.clone())),
            Err(_) => Err(RotateMasterKeyError::UnderWay),
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.0.store(false, Ordering::Release);
    }
}

/// Who acts, and in which request.
#[derive(Clone, Copy)]
struct By<'a> {
    actor: &'a Actor,
    context: &'a RequestContext,
}

impl MasterKeyService {
    /// Over the slots in the database and the keys of this server.
    pub fn new(
        store: Arc<dyn DeploymentStore>,
        vault: Arc<dyn MasterKeyVault>,
        clock: Arc<dyn Clock>,
        trail: AuditTrail,
    ) -> Self {
        Self { store, vault, clock, trail, turn: Turn::default() }
    }

    /// Which keys open the database.
    pub async fn status(&self) -> Result<MasterKeyStatus, RotateMasterKeyError> {
        let deployment = self.deployment().await?;
        let running = self.vault.running();
        let known = |place, fingerprint, added_at| KnownMasterKey {
            fingerprint,
            place,
            added_at,
            is_running: fingerprint == running,
        };
        let of = |place, slot: &Slot| known(place, slot.master_key(), Some(slot.added_at));
        let keys = match &deployment.slots {
            Slots::Unwritten => vec![known(KeyPlace::Current, deployment.root, None)],
            Slots::One(slot) => vec![of(KeyPlace::Current, slot)],
            Slots::Two { superseded, current } => {
                vec![of(KeyPlace::Superseded, superseded), of(KeyPlace::Current, current)]
            }
        };
        let waiting_in = match deployment.stage(running) {
            Ok(Stage::Announced(Exchange { to, .. })) => {
                self.vault.next().await?.filter(|next| next.wrapped.master_key == to).map(|next| next.place)
            }
            Ok(Stage::Settled | Stage::TakenOver(_)) | Err(_) => None,
        };
        Ok(MasterKeyStatus { keys, waiting_in })
    }

    /// Makes a new key. Where this server may, it takes over and the old one is dropped; elsewhere it waits for servers
    /// to be started with it. A rotation that a crash has cut short goes on where it stopped.
    pub async fn rotate(
        &self,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<MasterKeyStatus, RotateMasterKeyError> {
        let (by, _taken) = (By { actor, context }, self.turn.take()?);
        let deployment = self.deployment().await?;
        let stage = deployment.stage(self.vault.running())?;
        match (stage, self.vault.take_over_is()) {
            (Stage::Settled, TakeOver::ByRestart) => {
                self.announce(&deployment, by).await?;
            }
            (Stage::Settled, TakeOver::AtOnce) => {
                let exchange = self.announce(&deployment, by).await?;
                self.take_over(exchange, by).await?;
            }
            (Stage::Announced(exchange), TakeOver::AtOnce) => self.take_over(exchange, by).await?,
            (Stage::TakenOver(exchange), TakeOver::AtOnce) => self.retire(exchange, by).await?,
            (Stage::Announced(_) | Stage::TakenOver(_), TakeOver::ByRestart) => {
                return Err(RotateMasterKeyError::UnderWay);
            }
        }
        self.status().await
    }

    /// Drops the old key, once this server runs by the new one. May be repeated.
    pub async fn finish(
        &self,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<MasterKeyStatus, RotateMasterKeyError> {
        let _taken = self.turn.take()?;
        match self.deployment().await?.stage(self.vault.running())? {
            Stage::Settled => {}
            Stage::Announced(_) => return Err(RotateMasterKeyError::RunsByTheOldKey),
            Stage::TakenOver(exchange) => self.retire(exchange, By { actor, context }).await?,
        }
        self.status().await
    }

    /// Drops the new key, while this server runs by the old one: for a new key that was lost or seen. May be repeated.
    pub async fn cancel(
        &self,
        actor: &Actor,
        context: &RequestContext,
    ) -> Result<MasterKeyStatus, RotateMasterKeyError> {
        let _taken = self.turn.take()?;
        match self.deployment().await?.stage(self.vault.running())? {
            Stage::Settled => {}
            Stage::Announced(exchange) => self.withdraw(exchange, By { actor, context }).await?,
            Stage::TakenOver(_) => return Err(RotateMasterKeyError::RunsByTheNewKey),
        }
        self.status().await
    }

    /// The new key is durable before the database knows it.
    async fn announce(&self, deployment: &Deployment, by: By<'_>) -> Result<Exchange, RotateMasterKeyError> {
        let next = self.vault.next_or_new().await?;
        let exchange = Exchange { from: self.vault.running(), to: next.wrapped.master_key };
        if exchange.from == exchange.to {
            return Err(RotateMasterKeyError::PlaceTaken(next.place));
        }
        let now = self.clock.now();
        let old = match &deployment.slots {
            Slots::Unwritten => OldSlot::Unwritten(Slot { wrapped: self.vault.wrapped(), added_at: now }),
            Slots::One(_) | Slots::Two { .. } => OldSlot::Written(exchange.from),
        };
        let event = self.event(Action::MasterKeyRotated, exchange.to, now, by);
        match self.store.add_slot(old, Slot { wrapped: next.wrapped, added_at: now }, event).await {
            Ok(()) => Ok(exchange),
            Err(ChangeSlotsError::AlreadyChanged) => {
                self.discard_unless_known(exchange.to).await?;
                Err(RotateMasterKeyError::UnderWay)
            }
            Err(ChangeSlotsError::Store(error)) => Err(error.into()),
        }
    }

    /// Another request may have been faster with the same key.
    async fn discard_unless_known(&self, next: Fingerprint) -> Result<(), RotateMasterKeyError> {
        if self.deployment().await?.wrapped_for(next).is_none() && self.vault.running() != next {
            self.vault.discard(next).await?;
        }
        Ok(())
    }

    /// The key that a start would find opens the database at every moment: both do until the old one is dropped.
    async fn take_over(&self, exchange: Exchange, by: By<'_>) -> Result<(), RotateMasterKeyError> {
        self.vault.take_over(exchange).await?;
        self.retire(exchange, by).await
    }

    async fn retire(&self, exchange: Exchange, by: By<'_>) -> Result<(), RotateMasterKeyError> {
        let event = self.event(Action::MasterKeyRetired, exchange.from, self.clock.now(), by);
        changed(self.store.drop_superseded(exchange, event).await)
    }

    async fn withdraw(&self, exchange: Exchange, by: By<'_>) -> Result<(), RotateMasterKeyError> {
        let event = self.event(Action::MasterKeyWithdrawn, exchange.to, self.clock.now(), by);
        changed(self.store.drop_current(exchange, event).await)?;
        Ok(self.vault.discard(exchange.to).await?)
    }

    async fn deployment(&self) -> Result<Deployment, StoreError> {
        let lost = || StoreError::Corrupt("the database belongs to no deployment any more".to_owned());
        self.store.deployment().await?.ok_or_else(lost)
    }

    fn event(&self, action: Action, master_key: Fingerprint, now: Instant, by: By<'_>) -> AuditEvent {
        let target = Target::MasterKey(master_key);
        let deed = Deed { actor: by.actor, action, target: &target, account: None };
        self.trail.event(now, deed, Some(by.context))
    }
}

/// Somebody else was faster, with the same or with the opposite: who asks again is told how it stands.
fn changed(changed: Result<(), ChangeSlotsError>) -> Result<(), RotateMasterKeyError> {
    changed.map_err(|error| match error {
        ChangeSlotsError::AlreadyChanged => RotateMasterKeyError::UnderWay,
        ChangeSlotsError::Store(error) => error.into(),
    })
}
