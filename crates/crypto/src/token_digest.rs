//! What is stored in the place of a single-use token: SHA-256 (FIPS 180-4).

use aws_lc_rs::digest::{SHA256, digest};
use keyward_domain::secret::Digest;
use keyward_domain::single_use::TokenDigest;

/// Digests texts of 256 random bits, with SHA-256.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sha256TokenDigest;

impl TokenDigest for Sha256TokenDigest {
    fn digest(&self, token: &str) -> Digest {
        let mut bytes = [0; 32];
        // Equally long: a SHA-256 has 32 bytes.
        for (to, from) in bytes.iter_mut().zip(digest(&SHA256, token.as_bytes()).as_ref()) {
            *to = *from;
        }
        Digest::new(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_sha_256() {
        // FIPS 180-4, the example of one block.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let digest = Sha256TokenDigest.digest("abc");
        let hex: String = digest.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected);
    }
}
