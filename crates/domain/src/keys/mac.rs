//! What a key's MAC covers, and the port that computes it.

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
    /// The prefix as shown: a key under another prefix is another key.
    pub prefix: &'a str,
    /// The secret.
    pub secret: &'a str,
}

impl KeyMacInput<'_> {
    /// The MAC of this input.
    pub fn mac(&self, port: &dyn KeyMac) -> Digest {
        const SPACE: usize = 160;
        let (key, account) = (self.key.as_uuid(), self.account.as_uuid());
        let agent = self.agent.map(|id| id.as_uuid()).unwrap_or_default();
        let mut message = [0_u8; SPACE];
        let mut length = 0;
        // The parts before the secret have fixed lengths or begin with theirs, so no two inputs meet.
        let parts: [&[u8]; 9] = [
            b"keyward-key-1",
            &[match self.purpose {
                SecretPurpose::Access => 1,
                SecretPurpose::Login => 2,
            }],
            key.as_bytes(),
            account.as_bytes(),
            agent.as_bytes(),
            &[match self.environment {
                Environment::Live => 1,
                Environment::Sandbox => 2,
            }],
            &[self.prefix.len() as u8],
            self.prefix.as_bytes(),
            self.secret.as_bytes(),
        ];
        for byte in parts.into_iter().flatten() {
            if let Some(place) = message.get_mut(length) {
                *place = *byte;
                length += 1;
            }
        }
        let mac = port.mac(message.get(..length).unwrap_or(&message));
        zeroize::Zeroize::zeroize(&mut message);
        mac
    }
}
