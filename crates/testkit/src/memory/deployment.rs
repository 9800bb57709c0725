//! The deployment in memory.

use async_trait::async_trait;
use keyward_domain::audit::AuditEvent;
use keyward_domain::deployment::{
    ChangeSlotsError, Deployment, DeploymentStore, Exchange, Fingerprint, FoundDeploymentError, OldSlot,
    Slot, Slots,
};
use keyward_domain::store::StoreError;

use super::MemoryStore;
use super::state::State;

impl MemoryStore {
    /// Founds it as a release without slots did: the master key is the root.
    pub fn found_without_slots(&self, root: Fingerprint) {
        let founded = self.step("MemoryStore::found_without_slots", |state| {
            state.deployment = Some(Deployment { root, slots: Slots::Unwritten });
            Ok::<_, StoreError>(())
        });
        founded.expect("no outage");
    }
}

#[async_trait]
impl DeploymentStore for MemoryStore {
    async fn deployment(&self) -> Result<Option<Deployment>, StoreError> {
        self.step("DeploymentStore::deployment", |state| match &state.deployment {
            None if state.is_in_use() => Err(StoreError::Corrupt(
                "there is data, and no fingerprint of the root secret that it was made under".to_owned(),
            )),
            deployment => Ok(deployment.clone()),
        })
    }

    async fn found(&self, root: Fingerprint, slot: Slot) -> Result<(), FoundDeploymentError> {
        self.step("DeploymentStore::found", |state| match state.deployment {
            Some(_) => Err(FoundDeploymentError::AlreadyFounded),
            None => {
                state.deployment = Some(Deployment { root, slots: Slots::One(slot) });
                Ok(())
            }
        })
    }

    async fn add_slot(&self, old: OldSlot, next: Slot, event: AuditEvent) -> Result<(), ChangeSlotsError> {
        self.step("DeploymentStore::add_slot", |state| {
            change(state, event, |slots| match (slots, old) {
                (Slots::Unwritten, OldSlot::Unwritten(superseded)) => {
                    Some(Slots::Two { superseded, current: next })
                }
                (Slots::One(superseded), OldSlot::Written(old)) if superseded.master_key() == old => {
                    Some(Slots::Two { superseded, current: next })
                }
                (Slots::Unwritten | Slots::One(_) | Slots::Two { .. }, _) => None,
            })
        })
    }

    async fn drop_superseded(&self, exchange: Exchange, event: AuditEvent) -> Result<(), ChangeSlotsError> {
        self.step("DeploymentStore::drop_superseded", |state| {
            change(state, event, |slots| two(slots, exchange).map(|(_, current)| Slots::One(current)))
        })
    }

    async fn drop_current(&self, exchange: Exchange, event: AuditEvent) -> Result<(), ChangeSlotsError> {
        self.step("DeploymentStore::drop_current", |state| {
            change(state, event, |slots| two(slots, exchange).map(|(superseded, _)| Slots::One(superseded)))
        })
    }
}

/// Puts other slots in the place of those that stand, with the event, or changes nothing.
fn change(
    state: &mut State,
    event: AuditEvent,
    to: impl FnOnce(Slots) -> Option<Slots>,
) -> Result<(), ChangeSlotsError> {
    let deployment = state.deployment.as_mut().ok_or(ChangeSlotsError::AlreadyChanged)?;
    deployment.slots = to(deployment.slots.clone()).ok_or(ChangeSlotsError::AlreadyChanged)?;
    state.audit.push(event);
    Ok(())
}

/// The superseded slot and the current one, if they are these.
fn two(slots: Slots, exchange: Exchange) -> Option<(Slot, Slot)> {
    match slots {
        Slots::Two { superseded, current }
            if superseded.master_key() == exchange.from && current.master_key() == exchange.to =>
        {
            Some((superseded, current))
        }
        Slots::Unwritten | Slots::One(_) | Slots::Two { .. } => None,
    }
}
