//! Randomness from the operating system, through the generator of aws-lc.

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
