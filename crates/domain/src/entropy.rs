//! Randomness as a port, and the two shapes in which the domain uses it.

/// Port: unpredictable bytes, fit for keys.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer. A machine that cannot give randomness ends the process: nothing safe can follow.
    fn fill(&self, buffer: &mut [u8]);
}

/// `N` random bytes.
pub fn random_bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

pub(crate) const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `N` random base62 characters, each equally likely: bytes of 248 and more would favour the first eight
/// characters and are drawn again.
pub(crate) fn random_base62<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut text = [b'0'; N];
    let mut pool = [0; 64];
    let mut unused: &[u8] = &[];
    for character in &mut text {
        *character = loop {
            let Some((&byte, rest)) = unused.split_first() else {
                entropy.fill(&mut pool);
                unused = &pool;
                continue;
            };
            unused = rest;
            if let Some(&drawn) = BASE62.get(usize::from(byte) % 62).filter(|_| byte < 248) {
                break drawn;
            }
        };
    }
    zeroize::Zeroize::zeroize(&mut pool);
    text
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// Bytes that count upwards: every value of a byte comes up equally often.
    #[derive(Default)]
    pub(crate) struct Counting(AtomicU8);

    impl Counting {
        pub(crate) fn starting_at(first: u8) -> Self {
            Self(AtomicU8::new(first))
        }
    }

    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for byte in buffer {
                *byte = self.0.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn every_base62_character_is_equally_likely() {
        let text: [u8; 248] = random_base62(&Counting::default());
        for expected in BASE62 {
            assert_eq!(text.iter().filter(|&found| found == expected).count(), 4);
        }
    }
}
