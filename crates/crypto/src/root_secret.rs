//! The root secret: 32 bytes from which every other secret at rest derives. It never changes.

use std::sync::Arc;

use keyward_domain::deployment::Fingerprint;
use keyward_domain::entropy::{Entropy, random_bytes};
use keyward_domain::secret::{Digest, Secret};

use crate::derivation::{FINGERPRINT, derive};
use crate::macs::HmacIdempotencyMac;
use crate::{AeadSealer, DerivedSealer, HmacAuditMac, HmacKeyMac, HmacLimitMac};

/// What everything of a deployment derives from. A [`MasterKey`](crate::MasterKey) opens it.
#[derive(Debug, Clone)]
pub struct RootSecret(Secret<[u8; 32]>);

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
            Self::Fingerprint => FINGERPRINT,
        }
    }
}

impl RootSecret {
    /// A new one, for a deployment that is being founded.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::new(Secret::new(random_bytes(entropy)))
    }

    pub(crate) const fn new(bytes: Secret<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// For a master key to wrap it.
    pub(crate) const fn bytes(&self) -> &Secret<[u8; 32]> {
        &self.0
    }

    /// Names it without giving anything away about it or about what derives from it.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(Digest::new(*self.derive(Purpose::Fingerprint).expose()))
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

    fn derive(&self, purpose: Purpose) -> Secret<[u8; 32]> {
        derive(&self.0, purpose.label())
    }
}
