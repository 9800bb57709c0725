//! The slots: which master keys open the root secret, and how far a rotation has come.

use super::{Fingerprint, MasterKeyRetired};
use crate::time::Instant;

/// The root secret, encrypted under one master key. Whoever has that key opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedRoot {
    /// The key that opens it.
    pub master_key: Fingerprint,
    /// The encrypted secret.
    pub sealed: Vec<u8>,
}

/// A place in the database for one master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// What the key opens.
    pub wrapped: WrappedRoot,
    /// Since when it does.
    pub added_at: Instant,
}

impl Slot {
    /// The key that it is for.
    pub const fn master_key(&self) -> Fingerprint {
        self.wrapped.master_key
    }
}

/// Which master keys open a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slots {
    /// No slot was ever written: a release that had none has founded the database, and the master key is the root
    /// secret itself.
    Unwritten,
    /// One key.
    One(Slot),
    /// A rotation is under way: the one key, and the one that takes its place.
    Two {
        /// The key that will be dropped.
        superseded: Slot,
        /// The key that takes its place.
        current: Slot,
    },
}

/// The deployment that a database belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Names the root secret. It never changes.
    pub root: Fingerprint,
    /// What opens it.
    pub slots: Slots,
}

/// One master key takes the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// The old one.
    pub from: Fingerprint,
    /// The new one.
    pub to: Fingerprint,
}

/// How far a rotation has come, for a server that runs by one of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// There is none: one key opens the database, and the server runs by it.
    Settled,
    /// The new key opens the database too, and the server runs by the old one.
    Announced(Exchange),
    /// The server runs by the new one, and the old one opens the database still.
    TakenOver(Exchange),
}

impl Deployment {
    /// What this key opens. `None` too where no slot was ever written.
    pub fn wrapped_for(&self, master_key: Fingerprint) -> Option<&WrappedRoot> {
        let slot = match &self.slots {
            Slots::Unwritten => None,
            Slots::One(slot) => Some(slot).filter(|slot| slot.master_key() == master_key),
            Slots::Two { superseded, current } => {
                [superseded, current].into_iter().find(|slot| slot.master_key() == master_key)
            }
        };
        slot.map(|slot| &slot.wrapped)
    }

    /// How far a rotation has come for a server that runs by this key. It is refused if that opens nothing any more:
    /// another server has finished a rotation since.
    pub fn stage(&self, running: Fingerprint) -> Result<Stage, MasterKeyRetired> {
        match &self.slots {
            Slots::Unwritten if running == self.root => Ok(Stage::Settled),
            Slots::One(slot) if running == slot.master_key() => Ok(Stage::Settled),
            Slots::Two { superseded, current } => {
                let exchange = Exchange { from: superseded.master_key(), to: current.master_key() };
                match running {
                    running if running == exchange.from => Ok(Stage::Announced(exchange)),
                    running if running == exchange.to => Ok(Stage::TakenOver(exchange)),
                    _ => Err(MasterKeyRetired),
                }
            }
            Slots::Unwritten | Slots::One(_) => Err(MasterKeyRetired),
        }
    }
}
