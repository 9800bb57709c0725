//! What was answered, sealed under two keys: the deployment's and the client's.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hkdf;
use keyward_domain::entropy::Entropy;
use keyward_domain::idempotency::{IdempotencyKey, IdempotencySealer};
use keyward_domain::secret::{Digest, Sealer, Secret, Unsealable};
use zeroize::Zeroizing;

use crate::AeadSealer;
use crate::macs::HmacIdempotencyMac;

/// The `info` of the derivation (RFC 5869, section 2.3).
const LABEL: &[u8] = b"keyward idempotency record aes-256-gcm 1";

/// Seals each outcome with AES-256-GCM under a key of its own: HKDF-SHA-256 (RFC 5869) of the client's idempotency key,
/// with one of ours as the salt. Made by [`RootSecret::idempotency_sealer`](crate::RootSecret::idempotency_sealer).
///
/// Security: whoever has the database and the master key, and not the client's key, opens nothing.
pub struct DerivedSealer {
    mac: HmacIdempotencyMac,
    salt: hkdf::Salt,
    entropy: Arc<dyn Entropy>,
}

impl DerivedSealer {
    pub(crate) fn new(mac: HmacIdempotencyMac, salt: &Secret<[u8; 32]>, entropy: Arc<dyn Entropy>) -> Self {
        Self { mac, salt: hkdf::Salt::new(hkdf::HKDF_SHA256, salt.expose()), entropy }
    }

    #[allow(
        clippy::expect_used,
        reason = "HKDF-SHA-256 gives up to 255 times 32 bytes (RFC 5869, section 2.3), and 32 are asked for"
    )]
    fn sealer(&self, key: &IdempotencyKey) -> AeadSealer {
        let mut derived = Zeroizing::new([0; 32]);
        self.salt
            .extract(key.expose().as_bytes())
            .expand(&[LABEL], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(derived.as_mut_slice()))
            .expect("HKDF-SHA-256 gives 32 bytes");
        AeadSealer::new(&Secret::new(*derived), Arc::clone(&self.entropy))
    }
}

impl fmt::Debug for DerivedSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DerivedSealer(…)")
    }
}

impl IdempotencySealer for DerivedSealer {
    fn mac(&self, bytes: &[u8]) -> Digest {
        self.mac.of(bytes)
    }

    fn seal(&self, key: &IdempotencyKey, plain: &[u8], context: &[u8]) -> Vec<u8> {
        self.sealer(key).seal(plain, context)
    }

    fn open(
        &self,
        key: &IdempotencyKey,
        sealed: &[u8],
        context: &[u8],
    ) -> Result<Secret<Vec<u8>>, Unsealable> {
        self.sealer(key).open(sealed, context)
    }
}
