//! Randomness from the operating system, through the generator of aws-lc.

use std::fmt;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand;
use keyward_domain::entropy::Entropy;

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    /// Security: never returns with a buffer that is not random. Without randomness the process ends at once,
    /// since a panic could be caught and the request served with a key of zeros.
    fn fill(&self, buffer: &mut [u8]) {
        if rand::fill(buffer).is_err() {
            tracing::error!("the operating system gives no randomness: ending the process");
            std::process::abort();
        }
    }
}

/// How much is drawn at a time: two hundred request ids' worth.
const DRAWN: usize = 2_048;

/// Randomness in large draws, given out in small ones: for names that each request needs, such as its id. A draw costs
/// the generator about as much for 10 bytes as for 2,048.
///
/// Security: for names and never for secrets, since what is drawn lies in memory for a while before it is given out.
/// No byte is given out twice.
pub struct NameEntropy {
    source: Arc<dyn Entropy>,
    drawn: Mutex<Drawn>,
}

struct Drawn {
    bytes: [u8; DRAWN],
    /// How many of them were given out.
    used: usize,
}

impl NameEntropy {
    /// Draws from this source when it needs to.
    pub fn new(source: Arc<dyn Entropy>) -> Self {
        Self { source, drawn: Mutex::new(Drawn { bytes: [0; DRAWN], used: DRAWN }) }
    }
}

impl Entropy for NameEntropy {
    /// Whoever finds another thread at it, or wants much, asks the source instead of waiting.
    fn fill(&self, buffer: &mut [u8]) {
        let Some(mut drawn) = self.drawn.try_lock().ok().filter(|_| buffer.len() <= DRAWN / 16) else {
            return self.source.fill(buffer);
        };
        let Drawn { bytes, used } = &mut *drawn;
        if bytes.len() - *used < buffer.len() {
            self.source.fill(bytes);
            *used = 0;
        }
        for (to, from) in buffer.iter_mut().zip(bytes.iter().skip(*used)) {
            *to = *from;
        }
        *used += buffer.len();
    }
}

impl fmt::Debug for NameEntropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameEntropy(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Counts, eight bytes a time, and how often it was asked.
    #[derive(Default)]
    struct Counter {
        next: AtomicU64,
        asked: AtomicU64,
    }

    impl Entropy for Counter {
        fn fill(&self, buffer: &mut [u8]) {
            self.asked.fetch_add(1, Ordering::Relaxed);
            for chunk in buffer.chunks_mut(8) {
                let number = self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
                chunk.copy_from_slice(number.get(..chunk.len()).unwrap());
            }
        }
    }

    #[test]
    fn nothing_is_given_out_twice_and_the_source_is_seldom_asked() {
        let source = Arc::new(Counter::default());
        let names = NameEntropy::new(source.clone());
        let mut seen = HashSet::new();
        for _ in 0..10_000 {
            let mut name = [0; 8];
            names.fill(&mut name);
            assert!(seen.insert(name));
        }
        assert_eq!(source.asked.load(Ordering::Relaxed), 40);
    }

    #[test]
    fn a_large_draw_goes_to_the_source() {
        let source = Arc::new(Counter::default());
        let names = NameEntropy::new(source.clone());
        names.fill(&mut [0; DRAWN]);
        assert_eq!(source.asked.load(Ordering::Relaxed), 1);
        assert_eq!(names.drawn.lock().unwrap().used, DRAWN);
    }
}
