//! What one hash at a time works with: memory that is kept from hash to hash, and a count of what was done.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Argon2, Block};
use aws_lc_rs::constant_time;

use super::argon2id::Argon2Hash;
use super::bcrypt::BcryptHash;

/// What a hash costs: two hashes that cost the same are equal here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HashCost {
    /// Argon2 of either kind.
    Argon2 {
        /// Memory in KiB (`m`).
        memory_kib: u32,
        /// Passes over it (`t`).
        passes: u32,
        /// Lanes (`p`), computed one after the other.
        lanes: u32,
    },
    /// Bcrypt, with or without SHA-256 before it.
    Bcrypt {
        /// 2 to this power rounds.
        cost: u32,
    },
}

/// One thread's means of hashing.
pub(crate) struct Workbench {
    /// Argon2's memory. Keeping it saves the page faults of 19 MiB each time: about a millisecond of eighteen.
    blocks: Vec<Block>,
    done: Arc<Mutex<BTreeMap<HashCost, u64>>>,
}

impl Workbench {
    /// The largest memory that is kept, in KiB: that of our own hashes. Imported ones may take more for once.
    const KEPT_KIB: usize = super::argon2id::MEMORY_KIB as usize;

    pub(crate) const fn new(done: Arc<Mutex<BTreeMap<HashCost, u64>>>) -> Self {
        Self { blocks: Vec::new(), done }
    }

    /// Computes argon2 with the algorithm, parameters and salt of `like`, into `output`.
    pub(super) fn argon2(
        &mut self,
        like: &Argon2Hash,
        password: &[u8],
        output: &mut [u8],
    ) -> argon2::Result<()> {
        self.count(like.cost());
        let argon2 = Argon2::new(like.algorithm, like.version, like.params.clone());
        let needed = like.params.block_count();
        if needed > Self::KEPT_KIB {
            return argon2.hash_password_into(password, &like.salt, output);
        }
        if self.blocks.len() < needed {
            self.blocks.resize(needed, Block::default());
        }
        argon2.hash_password_into_with_memory(password, &like.salt, output, self.blocks.as_mut_slice())
    }

    /// Whether `password`, with the algorithm, parameters and salt of `stored`, gives its output.
    pub(super) fn argon2_matches(&mut self, stored: &Argon2Hash, password: &[u8]) -> argon2::Result<bool> {
        let mut output = vec![0; stored.output.len()];
        self.argon2(stored, password, &mut output)?;
        Ok(constant_time::verify_slices_are_equal(&output, &stored.output).is_ok())
    }

    /// Computes bcrypt.
    pub(super) fn bcrypt(
        &mut self,
        key: &[u8],
        cost: u32,
        salt: [u8; 16],
    ) -> bcrypt::BcryptResult<bcrypt::HashParts> {
        self.count(HashCost::Bcrypt { cost });
        bcrypt::hash_with_salt(key, cost, salt)
    }

    /// Whether bcrypt of `key`, with the cost and salt of `stored`, gives its output.
    pub(super) fn bcrypt_matches(&mut self, stored: &BcryptHash, key: &[u8]) -> bcrypt::BcryptResult<bool> {
        self.count(stored.cost());
        bcrypt::verify(key, stored.crypt_text())
    }

    fn count(&self, cost: HashCost) {
        *self.done.lock().unwrap_or_else(PoisonError::into_inner).entry(cost).or_default() += 1;
    }
}

impl fmt::Debug for Workbench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Workbench(…)")
    }
}
