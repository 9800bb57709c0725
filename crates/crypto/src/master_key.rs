//! The master key: 32 bytes that are not in the database, from which every other secret at rest derives.

use std::sync::Arc;

use aws_lc_rs::hkdf;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use keyward_domain::entropy::{Entropy, random_bytes};
use keyward_domain::secret::{Digest, Secret};
use zeroize::Zeroizing;

use crate::macs::HmacIdempotencyMac;
use crate::{AeadSealer, DerivedSealer, HmacAuditMac, HmacKeyMac, HmacLimitMac};

/// The salt of the derivation (RFC 5869, section 3.1): constant, so that one key always gives the same keys.
const SALT: &[u8; 32] = b"keyward master key, derivation 1";

/// The one secret of a deployment that is not in its database.
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

/// What a derived key is for.
#[derive(Clone, Copy)]
enum Purpose {
    KeyMac,
    AuditMac,
    LimitMac,
    Sealing,
    Cursors,
    Outbox,
    IdempotencyMac,
    IdempotencySealing,
    Fingerprint,
}

impl Purpose {
    /// The `info` of the derivation (RFC 5869, section 2.3).
    const fn label(self) -> &'static [u8] {
        match self {
            Self::KeyMac => b"keyward api-key mac 1",
            Self::AuditMac => b"keyward audit mac 1",
            Self::LimitMac => b"keyward limit mac 1",
            Self::Sealing => b"keyward sealing aes-256-gcm 1",
            Self::Cursors => b"keyward cursors aes-256-gcm 1",
            Self::Outbox => b"keyward outbox aes-256-gcm 1",
            Self::IdempotencyMac => b"keyward idempotency mac 1",
            Self::IdempotencySealing => b"keyward idempotency sealing 1",
            Self::Fingerprint => b"keyward master-key fingerprint 1",
        }
    }
}

impl MasterKey {
    /// A new key, for a deployment that has none.
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

    /// Names the key without giving anything away about it or about the other keys that derive from it: the
    /// database keeps it to know its master key again.
    pub fn fingerprint(&self) -> Digest {
        Digest::new(*self.derive(Purpose::Fingerprint).expose())
    }

    /// The MAC of API keys' secrets.
    pub fn key_mac(&self) -> HmacKeyMac {
        HmacKeyMac::new(&self.derive(Purpose::KeyMac))
    }

    /// The MAC of audit rows.
    pub fn audit_mac(&self) -> HmacAuditMac {
        HmacAuditMac::new(&self.derive(Purpose::AuditMac))
    }

    /// The MAC of what limits count.
    pub fn limit_mac(&self) -> HmacLimitMac {
        HmacLimitMac::new(&self.derive(Purpose::LimitMac))
    }

    /// Seals what rests in the database and must be read again.
    pub fn sealer(&self, entropy: Arc<dyn Entropy>) -> AeadSealer {
        AeadSealer::new(&self.derive(Purpose::Sealing), entropy)
    }

    /// Seals the places in lists that clients carry from page to page. Under a key of its own: there may be many.
    pub fn cursor_sealer(&self, entropy: Arc<dyn Entropy>) -> AeadSealer {
        AeadSealer::new(&self.derive(Purpose::Cursors), entropy)
    }

    /// Seals what somebody typed who asked for a mail, while it waits. Under a key of its own: there may be many.
    pub fn outbox_sealer(&self, entropy: Arc<dyn Entropy>) -> AeadSealer {
        AeadSealer::new(&self.derive(Purpose::Outbox), entropy)
    }

    /// Finds and seals what was answered to requests that may be repeated.
    pub fn idempotency_sealer(&self, entropy: Arc<dyn Entropy>) -> DerivedSealer {
        let mac = HmacIdempotencyMac::new(&self.derive(Purpose::IdempotencyMac));
        DerivedSealer::new(mac, &self.derive(Purpose::IdempotencySealing), entropy)
    }

    /// HKDF-SHA-256 (RFC 5869).
    #[allow(
        clippy::expect_used,
        reason = "HKDF-SHA-256 gives up to 255 times 32 bytes (RFC 5869, section 2.3), and 32 are asked for"
    )]
    fn derive(&self, purpose: Purpose) -> Secret<[u8; 32]> {
        let mut derived = Zeroizing::new([0; 32]);
        let label = [purpose.label()];
        hkdf::Salt::new(hkdf::HKDF_SHA256, SALT)
            .extract(self.0.expose())
            .expand(&label, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(derived.as_mut_slice()))
            .expect("HKDF-SHA-256 gives 32 bytes");
        Secret::new(*derived)
    }
}
