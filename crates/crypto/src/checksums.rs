//! Checksums of files: SHA-256 (FIPS 180-4).

use aws_lc_rs::digest::{Context, SHA256};
use keyward_domain::backups::{Checksum, Checksums};
use keyward_domain::secret::Digest;

/// Makes checksums with SHA-256.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sha256Checksums;

struct Sum(Context);

impl Checksums for Sha256Checksums {
    fn begin(&self) -> Box<dyn Checksum> {
        Box::new(Sum(Context::new(&SHA256)))
    }
}

impl Checksum for Sum {
    fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    fn finish(self: Box<Self>) -> Digest {
        let mut bytes = [0; 32];
        // Equally long: a SHA-256 has 32 bytes.
        for (to, from) in bytes.iter_mut().zip(self.0.finish().as_ref()) {
            *to = *from;
        }
        Digest::new(bytes)
    }
}

#[cfg(test)]
mod tests {
    use keyward_domain::backups::BackupSeal;

    use super::*;

    #[test]
    fn it_is_sha_256_however_the_pieces_are_cut() {
        // FIPS 180-4, the example of one block.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for pieces in [vec!["abc"], vec!["a", "", "bc"]] {
            let mut sum = Sha256Checksums.begin();
            pieces.iter().for_each(|piece| sum.update(piece.as_bytes()));
            assert_eq!(BackupSeal::new(sum.finish()).to_string(), expected, "{pieces:?}");
        }
    }
}
