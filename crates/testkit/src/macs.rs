//! A keyed hash that tells inputs apart and keeps nothing secret.

use std::sync::atomic::{AtomicUsize, Ordering};

use keyward_domain::audit::AuditMac;
use keyward_domain::keys::KeyMac;
use keyward_domain::limits::LimitMac;
use keyward_domain::secret::Digest;

use crate::entropy::mix;

/// Four lanes of FNV-1a under a key. Serves every MAC port and counts what is asked of it. For tests only.
#[derive(Debug)]
pub struct FakeMac {
    key: u64,
    calls: AtomicUsize,
}

impl FakeMac {
    /// A MAC under this key: another key gives other MACs.
    pub const fn new(key: u64) -> Self {
        Self { key, calls: AtomicUsize::new(0) }
    }

    /// How many MACs were computed.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn digest(&self, message: &[u8]) -> Digest {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let mut digest = [0; 32];
        for (lane, chunk) in (1_u64..).zip(digest.chunks_exact_mut(8)) {
            let start = mix(self.key.wrapping_add(lane));
            let folded = message
                .iter()
                .fold(start, |state, &byte| (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
            chunk.copy_from_slice(&mix(folded ^ message.len() as u64).to_be_bytes());
        }
        Digest::new(digest)
    }
}

impl KeyMac for FakeMac {
    fn mac(&self, message: &[u8]) -> Digest {
        self.digest(message)
    }
}

impl LimitMac for FakeMac {
    fn mac(&self, bytes: &[u8]) -> Digest {
        self.digest(bytes)
    }
}

impl AuditMac for FakeMac {
    fn mac(&self, signed_bytes: &[u8]) -> Digest {
        self.digest(signed_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_input_or_another_key_gives_another_mac() {
        let mac = FakeMac::new(1);
        assert_eq!(mac.digest(b"message"), mac.digest(b"message"));
        for other in [&b""[..], b"messagf", b"Message", b"message\0", b"emssage"] {
            assert_ne!(mac.digest(b"message"), mac.digest(other));
        }
        assert_ne!(mac.digest(b"message"), FakeMac::new(2).digest(b"message"));
    }
}
