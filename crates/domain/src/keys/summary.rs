//! A key as a list shows it: nothing of it opens anything.

use super::{ApiKey, KeyBinding, KeyLabel, KeyPrefix, KeyPurpose, KeyState, KeyStatus};
use crate::environment::Environment;
use crate::ids::{AccountId, AgentId, KeyId};
use crate::scope::Scopes;
use crate::time::Instant;

/// What may be shown of a key. Security: neither its secrets nor their verifiers are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySummary {
    /// Names the key.
    pub id: KeyId,
    /// What its text begins with.
    pub prefix: KeyPrefix,
    /// Its prefix and the first four characters of its handle.
    pub preview: String,
    /// Whose key it is.
    pub account: AccountId,
    /// The agent it is bound to, if any.
    pub agent: Option<AgentId>,
    /// Whether it logs in, with a second secret.
    pub logs_in: bool,
    /// The world it opens.
    pub environment: Environment,
    /// What was done to it.
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
    /// When it was last used, as far as that has been written down.
    pub last_used_at: Option<Instant>,
}

impl KeySummary {
    /// How it stands.
    pub fn status(&self, now: Instant) -> KeyStatus {
        self.state.status(self.expires_at, now)
    }
}

impl From<&ApiKey> for KeySummary {
    fn from(key: &ApiKey) -> Self {
        Self {
            id: key.id,
            prefix: key.prefix.clone(),
            preview: key.preview(),
            account: key.account,
            agent: key.binding.agent(),
            logs_in: matches!(key.binding, KeyBinding::Account { login_verifier: Some(_) }),
            environment: key.environment,
            state: key.state,
            label: key.label.clone(),
            scopes: key.scopes,
            purpose: key.purpose,
            expires_at: key.expires_at,
            created_at: key.created_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// The place in the list of keys behind which a page begins: the last key of the page before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCursor {
    /// When that key was issued.
    pub created_at: Instant,
    /// That key's id: two keys of one moment are ordered by it.
    pub id: KeyId,
}

/// Which keys of an owner a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysThat {
    /// All of them.
    Exist,
    /// Those that are good at this moment.
    AreGood(Instant),
    /// Those that have ended by this moment.
    HaveEnded(Instant),
}

impl KeysThat {
    /// Whether a key in this state that ends then is one of them.
    pub fn include(self, state: KeyState, expires_at: Option<Instant>) -> bool {
        match self {
            Self::Exist => true,
            Self::AreGood(at) => state.status(expires_at, at).is_good(),
            Self::HaveEnded(at) => !state.status(expires_at, at).is_good(),
        }
    }
}
