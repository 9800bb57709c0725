//! The key: its type and its states.

use super::{KeyHandle, KeyPrefix};
use crate::environment::Environment;
use crate::ids::{AccountId, AgentId, KeyId};
use crate::secret::Digest;
use crate::text_enum;
use crate::time::Instant;

/// Counts the times at which a key's tokens were ended. A token carries the generation that it was
/// exchanged under and is good only while that is the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Generation(u32);

impl Generation {
    /// The generation of a new key.
    pub const FIRST: Self = Self(1);

    /// Takes a number read from a column or a claim.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number, for a column or a claim.
    pub const fn number(self) -> u32 {
        self.0
    }
}

/// What Keyward keeps of an API key: never its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Names the key inside; clients see its handle.
    pub id: KeyId,
    /// The public part of the key's text by which it is looked up; unique.
    pub handle: KeyHandle,
    /// What the key's text begins with.
    pub prefix: KeyPrefix,
    /// Whose key it is.
    pub account: AccountId,
    /// What it opens.
    pub binding: KeyBinding,
    /// The world it opens.
    pub environment: Environment,
    /// MAC of the key's secret.
    pub verifier: Digest,
    /// The current generation of its tokens.
    pub generation: Generation,
    /// Whether it is good.
    pub state: KeyState,
    /// When it was issued.
    pub created_at: Instant,
    /// When it was last used, to the minute and some seconds late.
    pub last_used_at: Option<Instant>,
}

/// What a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyBinding {
    /// Everything that its account may do.
    Account {
        /// MAC of the second secret (`sk_live_…`) that exchanges the key for a token, if it has one.
        login_verifier: Option<Digest>,
    },
    /// What this one agent may do. Such a key has no second secret and logs in nowhere.
    Agent(AgentId),
}

impl KeyBinding {
    /// The agent it is bound to, if any.
    pub const fn agent(&self) -> Option<AgentId> {
        match *self {
            Self::Account { .. } => None,
            Self::Agent(id) => Some(id),
        }
    }
}

/// Whether a key is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It is.
    Active,
    /// It is not, and never will be again.
    Revoked {
        /// Since when.
        at: Instant,
        /// Why.
        reason: RevocationReason,
    },
}

text_enum! {
    /// Why a key was revoked.
    pub enum RevocationReason {
        /// Its owner asked for it.
        Requested = "requested",
        /// An admin did it.
        ByAdmin = "by_admin",
    }
}

impl ApiKey {
    /// What may be shown of the key: its prefix and the first four characters of its handle.
    pub fn preview(&self) -> String {
        preview(&self.prefix, self.handle)
    }
}

/// What may be shown of a key with this prefix and handle.
pub fn preview(prefix: &KeyPrefix, handle: KeyHandle) -> String {
    let handle = handle.as_str();
    format!("{prefix}{}", handle.get(..4).unwrap_or(handle))
}
