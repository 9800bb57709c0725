//! What a key's MAC covers, and the port that computes it.

use super::{KeyPrefix, PresentedKey};
use crate::environment::Environment;
use crate::ids::{AccountId, AgentId, KeyId};
use crate::secret::Digest;

/// Port: the keyed MAC under which key secrets are stored.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait KeyMac: Send + Sync {
    /// HMAC-SHA-256 (RFC 2104) of the message, under a pepper that is not in the database.
    fn mac(&self, message: &[u8]) -> Digest;
}

/// Which of a key's two secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretPurpose {
    /// The key itself, shown on every request.
    Access,
    /// The second secret, shown when the key is exchanged for a token.
    Login,
}

/// Everything that a key's MAC covers.
///
/// Security: the secret is bound to its row. Whoever can write to the database can neither plant a key that
/// they know, for want of the pepper, nor move a verifier to another key, account, agent or environment.
pub struct KeyMacInput<'a> {
    /// Which of the key's secrets.
    pub purpose: SecretPurpose,
    /// The row.
    pub key: KeyId,
    /// Its owner.
    pub account: AccountId,
    /// The agent it is bound to.
    pub agent: Option<AgentId>,
    /// Its world.
    pub environment: Environment,
    /// The key as it is shown. Its prefix counts: a key under another prefix is another key.
    pub shown: PresentedKey<'a>,
}

/// `keyward-key-1`, purpose, three ids, environment, the prefix with its length and padding, the secret: each part
/// has a fixed place, so no two inputs have the same bytes.
const MESSAGE: usize = 13 + 1 + 3 * 16 + 1 + 1 + KeyPrefix::MAX_BYTES + 43;

impl KeyMacInput<'_> {
    /// The MAC of this input.
    #[must_use]
    pub fn mac(&self, port: &dyn KeyMac) -> Digest {
        let (key, account) = (self.key.as_uuid().into_bytes(), self.account.as_uuid().into_bytes());
        let agent = self.agent.map(|id| id.as_uuid()).unwrap_or_default().into_bytes();
        let purpose = match self.purpose {
            SecretPurpose::Access => 1,
            SecretPurpose::Login => 2,
        };
        let environment = match self.environment {
            Environment::Live => 1,
            Environment::Sandbox => 2,
        };
        let prefix = self.shown.prefix().as_bytes();
        let padding = std::iter::repeat_n(0, KeyPrefix::MAX_BYTES.saturating_sub(prefix.len()));
        let bytes = b"keyward-key-1".iter().copied().chain([purpose]).chain(key).chain(account).chain(agent);
        let bytes =
            bytes.chain([environment, prefix.len() as u8]).chain(prefix.iter().copied()).chain(padding);
        let mut message = [0_u8; MESSAGE];
        for (place, byte) in message.iter_mut().zip(bytes.chain(self.shown.secret().iter().copied())) {
            *place = byte;
        }
        let mac = port.mac(&message);
        zeroize::Zeroize::zeroize(&mut message);
        mac
    }
}
