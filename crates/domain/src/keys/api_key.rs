//! The key: its type and its states.

use super::{KeyHandle, KeyLabel, KeyPrefix, KeyPurpose};
use crate::environment::Environment;
use crate::ids::{AccountId, AgentId, KeyId};
use crate::scope::Scopes;
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
    /// What was done to it. Whether it is good depends on the time too: see [`ApiKey::status`].
    pub state: KeyState,
    /// What its owner calls it.
    pub label: KeyLabel,
    /// What of its owner's rights it has.
    pub scopes: Scopes,
    /// What its owner uses it for.
    pub purpose: KeyPurpose,
    /// From when on it is good no longer, if it ends by itself.
    pub expires_at: Option<Instant>,
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

/// What was done to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Nothing that ends it.
    Active,
    /// It was rotated, and is good beside its successor until it expires.
    Superseded {
        /// When.
        at: Instant,
    },
    /// It was ended, for good.
    Revoked {
        /// When.
        at: Instant,
        /// Why.
        reason: RevocationReason,
    },
}

text_enum! {
    /// How a key stands at some moment.
    pub enum KeyStatus {
        /// It is good.
        Active = "active",
        /// It is good for a while yet: it was rotated.
        Superseded = "superseded",
        /// It has ended by itself.
        Expired = "expired",
        /// It was ended.
        Revoked = "revoked",
    }
}

impl KeyStatus {
    /// Whether the key opens anything.
    pub const fn is_good(self) -> bool {
        match self {
            Self::Active | Self::Superseded => true,
            Self::Expired | Self::Revoked => false,
        }
    }
}

impl KeyState {
    /// How a key in this state that ends then stands now.
    pub fn status(self, expires_at: Option<Instant>, now: Instant) -> KeyStatus {
        match self {
            Self::Revoked { .. } => KeyStatus::Revoked,
            Self::Active | Self::Superseded { .. } if expires_at.is_some_and(|end| end <= now) => {
                KeyStatus::Expired
            }
            Self::Active => KeyStatus::Active,
            Self::Superseded { .. } => KeyStatus::Superseded,
        }
    }

    /// Whether it was not ended.
    pub const fn is_standing(self) -> bool {
        match self {
            Self::Active | Self::Superseded { .. } => true,
            Self::Revoked { .. } => false,
        }
    }

    /// Whether it was ended by another one being issued in its place.
    pub const fn is_rotated_away(self) -> bool {
        matches!(self, Self::Revoked { reason: RevocationReason::Rotated, .. })
    }
}

text_enum! {
    /// Why a key was revoked.
    pub enum RevocationReason {
        /// Its owner asked for it.
        Requested = "requested",
        /// An admin did it.
        ByAdmin = "by_admin",
        /// Its owner had another one issued in its place.
        Rotated = "rotated",
    }
}

impl ApiKey {
    /// How it stands.
    pub fn status(&self, now: Instant) -> KeyStatus {
        self.state.status(self.expires_at, now)
    }

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
