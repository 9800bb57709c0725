//! What an operator decides about keys.

use crate::accounts::{Account, Plan};

const PLANS: usize = Plan::ALL.len();

/// What an operator decides about keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPolicy {
    /// Whether only accounts whose address is verified may create, rotate and revoke keys.
    pub verified_only: bool,
    /// Whether keys that other systems issued can be imported and are looked at when they are shown.
    pub accept_imported: bool,
    most: [u32; PLANS],
}

impl KeyPolicy {
    /// How many account-level keys an account on this plan may have at a time. Those that have ended do not count, and
    /// neither do those that were rotated.
    #[allow(clippy::indexing_slicing, reason = "the table is as long as the enum has values")]
    pub const fn most(&self, plan: Plan) -> u32 {
        self.most[plan as usize]
    }

    /// Whether this account may create, rotate and revoke keys.
    pub fn lets_change(&self, account: &Account) -> bool {
        !self.verified_only || account.is_verified()
    }

    /// The policy with another number for a plan.
    #[must_use]
    pub fn with_most(mut self, plan: Plan, most: u32) -> Self {
        if let Some(number) = self.most.get_mut(plan as usize) {
            *number = most;
        }
        self
    }
}

impl Default for KeyPolicy {
    /// 10, 100 and 10,000 keys; no address needs to be verified (TruCore's document creates a key right after signup); no
    /// foreign keys.
    fn default() -> Self {
        Self { verified_only: false, accept_imported: false, most: [10, 100, 10_000] }
    }
}
