//! Randomness that is the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use keyward_domain::entropy::Entropy;

/// Bytes that look random and follow from a seed (splitmix64). For tests only: anybody can predict them.
#[derive(Debug)]
pub struct SeededEntropy(AtomicU64);

impl SeededEntropy {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

    /// The bytes that follow from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// Begins again, with the bytes that follow from `seed`: what was drawn before comes up once more.
    pub fn reseed(&self, seed: u64) {
        self.0.store(seed, Ordering::SeqCst);
    }

    /// The next eight bytes as a number.
    pub fn next(&self) -> u64 {
        mix(self.0.fetch_add(Self::STEP, Ordering::SeqCst).wrapping_add(Self::STEP))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let bytes = self.next().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

/// Spreads every bit of the input over the whole output, one to one.
pub(crate) const fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use keyward_domain::entropy::random_bytes;

    use super::*;

    #[test]
    fn a_seed_gives_the_same_bytes_again_and_another_seed_others() {
        let entropy = SeededEntropy::new(1);
        let first: [u8; 19] = random_bytes(&entropy);
        assert_ne!(random_bytes::<19>(&entropy), first);
        entropy.reseed(1);
        assert_eq!(random_bytes::<19>(&entropy), first);
        assert_ne!(random_bytes::<19>(&SeededEntropy::new(2)), first);
    }
}
