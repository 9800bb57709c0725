//! The master key: 32 bytes that are not in the database, and open the root secret that is.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keyward_domain::deployment::{Deployment, Fingerprint, Slots, WrappedRoot};
use keyward_domain::entropy::{Entropy, random_bytes};
use keyward_domain::secret::{Digest, Sealer, Secret, Unsealable};
use zeroize::Zeroizing;

use crate::derivation::{FINGERPRINT, derive};
use crate::{AeadSealer, OsEntropy, RootSecret};

/// The `info` (RFC 5869, section 2.3) of the key that wraps, and of nothing else.
const WRAPPING: &[u8] = b"keyward root wrapping aes-256-gcm 1";

/// The one secret of a deployment that is not in its database. It can be exchanged for another one.
#[derive(Debug, Clone)]
pub struct MasterKey(Secret<[u8; 32]>);

/// Why a text is no master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMasterKey {
    /// It is not base64 (RFC 4648, section 4).
    #[error("is not base64 text")]
    NotBase64,
    /// It has another length than 32 bytes.
    #[error("does not hold 32 bytes")]
    WrongLength,
}

/// Why a master key does not open a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DoesNotOpen {
    /// It is none of its keys.
    #[error("is no master key of this database")]
    Unknown,
    /// It is one of them, and what it should open was altered.
    #[error("is a master key of this database, but what it opens was altered")]
    Altered,
}

impl MasterKey {
    /// A new key.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Secret::new(random_bytes(entropy)))
    }

    /// Reads base64 text, such as a key file's content: white space around it does not count.
    pub fn parse(text: &str) -> Result<Self, InvalidMasterKey> {
        let decoded =
            STANDARD.decode(text.trim()).map(Zeroizing::new).map_err(|_| InvalidMasterKey::NotBase64)?;
        let bytes = <[u8; 32]>::try_from(decoded.as_slice()).map_err(|_| InvalidMasterKey::WrongLength)?;
        Ok(Self(Secret::new(bytes)))
    }

    /// The key as base64 text, for its key file.
    pub fn to_base64(&self) -> Secret<String> {
        Secret::new(STANDARD.encode(self.0.expose()))
    }

    /// Names the key without giving anything away about it: the database keeps it to know its master keys again.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(Digest::new(*derive(&self.0, FINGERPRINT).expose()))
    }

    /// The root secret, encrypted so that this key alone opens it.
    pub fn wrap(&self, root: &RootSecret, entropy: Arc<dyn Entropy>) -> WrappedRoot {
        let master_key = self.fingerprint();
        let context = context(master_key, root.fingerprint());
        WrappedRoot { master_key, sealed: self.wrapper(entropy).seal(root.bytes().expose(), &context) }
    }

    /// The root secret of a deployment that this is a master key of.
    pub fn open(&self, deployment: &Deployment) -> Result<RootSecret, DoesNotOpen> {
        let own = self.fingerprint();
        match (deployment.wrapped_for(own), &deployment.slots) {
            (Some(wrapped), _) => {
                self.unwrap(wrapped, deployment.root).map_err(|Unsealable| DoesNotOpen::Altered)
            }
            // The master key of a deployment without slots is its root secret.
            (None, Slots::Unwritten) if own == deployment.root => Ok(RootSecret::new(self.0.clone())),
            (None, Slots::Unwritten | Slots::One(_) | Slots::Two { .. }) => Err(DoesNotOpen::Unknown),
        }
    }

    fn unwrap(&self, wrapped: &WrappedRoot, root: Fingerprint) -> Result<RootSecret, Unsealable> {
        // Opening draws nothing.
        let wrapper = self.wrapper(Arc::new(OsEntropy));
        let opened = wrapper.open(&wrapped.sealed, &context(wrapped.master_key, root))?;
        let bytes = <[u8; 32]>::try_from(opened.expose().as_slice()).map_err(|_| Unsealable)?;
        let opened = RootSecret::new(Secret::new(bytes));
        // Security: AES-GCM does not commit to its key; that the root is this deployment's is seen by its own name.
        if opened.fingerprint() == root { Ok(opened) } else { Err(Unsealable) }
    }

    fn wrapper(&self, entropy: Arc<dyn Entropy>) -> AeadSealer {
        AeadSealer::new(&derive(&self.0, WRAPPING), entropy)
    }
}

/// What a wrapped root is bound to: what it is, the key that opens it, and whose it is. All have fixed lengths.
fn context(master_key: Fingerprint, root: Fingerprint) -> Vec<u8> {
    [b"root secret 1".as_slice(), master_key.as_bytes(), root.as_bytes()].concat()
}
