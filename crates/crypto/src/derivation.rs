//! HKDF-SHA-256 (RFC 5869): how one key of 32 bytes gives many.

use aws_lc_rs::hkdf;
use keyward_domain::secret::Secret;
use zeroize::Zeroizing;

/// The salt of the derivation (RFC 5869, section 3.1): constant, so that one key always gives the same keys.
const SALT: &[u8; 32] = b"keyward master key, derivation 1";

/// What names a key: of a master key and of a root secret alike, since of a deployment that was founded before there
/// were slots the one is the other.
pub(crate) const FINGERPRINT: &[u8] = b"keyward master-key fingerprint 1";

/// The key that this label (RFC 5869, section 2.3: `info`) gives.
#[allow(
    clippy::expect_used,
    reason = "HKDF-SHA-256 gives up to 255 times 32 bytes (RFC 5869, section 2.3), and 32 are asked for"
)]
pub(crate) fn derive(key: &Secret<[u8; 32]>, label: &[u8]) -> Secret<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, SALT)
        .extract(key.expose())
        .expand(&[label], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(derived.as_mut_slice()))
        .expect("HKDF-SHA-256 gives 32 bytes");
    Secret::new(*derived)
}
