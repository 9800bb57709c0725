//! Values that must not be printed, compared carelessly or left in memory.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// A secret: prints as nothing, is wiped when dropped, and cannot be serialized.
///
/// There is no `PartialEq`: a secret is verified through its [`Digest`].
#[derive(Clone)]
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Takes hold of a secret.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The secret itself. Each call is a place where it could leak: keep them few.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A 32-byte digest or MAC of a secret: what is stored in its place.
///
/// Security: `==` takes the same time wherever two digests differ.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Takes the bytes of a SHA-256 hash or an HMAC-SHA-256.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a column.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The bytes in hexadecimal.
    pub(crate) fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Reads what [`to_hex`](Self::to_hex) wrote.
    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() {
            return None;
        }
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// The sealed bytes do not open: another master key sealed them, for another purpose, or they were altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed data that this master key does not open")]
pub struct Unsealable;

/// Port: authenticated encryption of what must rest in the database and be read again, such as signing keys.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Sealer: Send + Sync {
    /// Encrypts `plain`, bound to `context`: what it is and whose.
    fn seal(&self, plain: &[u8], context: &[u8]) -> Vec<u8>;

    /// Decrypts what [`seal`](Sealer::seal) made under the same context.
    fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Secret<Vec<u8>>, Unsealable>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_k1_secrets_and_digests_print_nothing() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".to_owned())), "Secret(…)");
        assert_eq!(format!("{:?}", Digest::new([7; 32])), "Digest(…)");
    }

    #[test]
    fn digests_are_equal_only_byte_for_byte() {
        let mut other = [7; 32];
        assert_eq!(Digest::new([7; 32]), Digest::new(other));
        if let Some(last) = other.last_mut() {
            *last = 8;
        }
        assert_ne!(Digest::new([7; 32]), Digest::new(other));
    }
}
