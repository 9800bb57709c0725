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
        let mut message = [0_u8; MESSAGE];
        let mut rest = message.as_mut_slice();
        put(&mut rest, b"keyward-key-1");
        put(&mut rest, &[purpose]);
        put(&mut rest, &key);
        put(&mut rest, &account);
        put(&mut rest, &agent);
        put(&mut rest, &[environment, prefix.len() as u8]);
        put(&mut rest, prefix);
        skip(&mut rest, KeyPrefix::MAX_BYTES.saturating_sub(prefix.len()));
        put(&mut rest, self.shown.secret());
        let mac = port.mac(&message);
        zeroize::Zeroize::zeroize(&mut message);
        mac
    }
}

/// Copies the bytes to where the rest of the message begins, and moves that behind them.
fn put(rest: &mut &mut [u8], bytes: &[u8]) {
    if let Some((place, behind)) = std::mem::take(rest).split_at_mut_checked(bytes.len()) {
        place.copy_from_slice(bytes);
        *rest = behind;
    }
}

/// Leaves so many bytes as they are.
fn skip(rest: &mut &mut [u8], count: usize) {
    if let Some((_, behind)) = std::mem::take(rest).split_at_mut_checked(count) {
        *rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use uuid::Uuid;

    use super::*;
    use crate::keys::text::Minted;

    /// Keeps what it was to make a MAC of.
    #[derive(Default)]
    struct Recorder(Mutex<Vec<u8>>);

    impl KeyMac for Recorder {
        fn mac(&self, message: &[u8]) -> Digest {
            *self.0.lock().unwrap() = message.to_vec();
            Digest::new([0; 32])
        }
    }

    #[test]
    fn every_part_has_its_place_in_the_message() {
        use crate::entropy::tests::Counting;
        use crate::keys::KeyHandle;

        let (entropy, prefix) = (Counting::default(), KeyPrefix::from_static("ak_live_"));
        let minted = Minted::draw(&prefix, KeyHandle::generate(&entropy), &entropy);
        let uuid = |byte| Uuid::from_bytes([byte; 16]);
        let input = KeyMacInput {
            purpose: SecretPurpose::Login,
            key: KeyId::from_uuid(uuid(1)),
            account: AccountId::from_uuid(uuid(2)),
            agent: Some(AgentId::from_uuid(uuid(3))),
            environment: Environment::Live,
            shown: minted.presented(),
        };
        let recorder = Recorder::default();
        let _ = input.mac(&recorder);
        let expected = [
            &b"keyward-key-1\x02"[..],
            &[1; 16],
            &[2; 16],
            &[3; 16],
            &[1, 8],
            b"ak_live_",
            &[0; 8],
            minted.presented().secret(),
        ];
        assert_eq!(*recorder.0.lock().unwrap(), expected.concat());
    }
}
