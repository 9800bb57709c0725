//! What a key is called.

use std::fmt;

use crate::secret::Digest;

/// Names a master key or a root secret without giving anything away about it or about what derives from it.
///
/// People are shown its beginning, which is enough to tell keys apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(Digest);

impl Fingerprint {
    /// Of a key whose digest this is.
    pub const fn new(digest: Digest) -> Self {
        Self(digest)
    }

    /// All of it, for a column.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().take(8).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
