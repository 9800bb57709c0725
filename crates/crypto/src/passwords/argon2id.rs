//! Argon2id (RFC 9106): the scheme of new deployments.

use std::sync::Arc;

use argon2::{Algorithm, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use keyward_domain::accounts::{PasswordError, PasswordHash};
use keyward_domain::entropy::Entropy;

use super::hasher::{Scheme, SchemeHasher};
use super::stored::{StoredHash, unreadable};
use super::workbench::{HashCost, Workbench};
use crate::pool::HashingPool;

/// The memory of our own hashes: 19 MiB, with two passes and one lane OWASP's floor.
pub(super) const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = 32;
/// All of it; what argon2 does not take, does not compile.
const PARAMS: Params = match Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES)) {
    Ok(params) => params,
    Err(_) => panic!("argon2 does not take our parameters"),
};

/// The most that a stored hash may cost. Security: an imported one must not be able to stop the server.
const MAX_MEMORY_KIB: u32 = 65_536;
const MAX_PASSES: u32 = 4;
const MAX_LANES: u32 = 4;

/// Hashes passwords with argon2id, m=19456, t=2, p=1; verifies all that this crate can read.
pub type Argon2idHasher = SchemeHasher<Argon2id>;

impl SchemeHasher<Argon2id> {
    /// A hasher on this pool, drawing its salts from `entropy`.
    pub fn new(pool: Arc<HashingPool>, entropy: Arc<dyn Entropy>) -> Self {
        Self::of(Argon2id, Argon2id.decoy().cost(), pool, entropy)
    }
}

/// The scheme.
#[derive(Debug, Clone, Copy)]
pub struct Argon2id;

impl Scheme for Argon2id {
    fn hash(
        self,
        bench: &mut Workbench,
        password: &[u8],
        salt: [u8; 16],
    ) -> Result<PasswordHash, PasswordError> {
        let fresh = Argon2Hash::current(salt.to_vec());
        let mut output = [0; OUTPUT_BYTES];
        bench.argon2(&fresh, password, &mut output).map_err(|_| unreadable("refused by argon2"))?;
        let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
        // A PHC string: https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
        Ok(PasswordHash::new(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${output}")))
    }

    fn is_current(self, stored: &StoredHash) -> bool {
        match stored {
            StoredHash::Argon2(hash) => hash.is_like(&Argon2Hash::current(Vec::new())),
            StoredHash::Bcrypt(_) => false,
        }
    }

    fn decoy(self) -> StoredHash {
        StoredHash::Argon2(Argon2Hash::current(vec![0; 16]))
    }
}

/// An argon2 hash, taken apart.
pub(super) struct Argon2Hash {
    pub(super) algorithm: Algorithm,
    pub(super) version: Version,
    pub(super) params: Params,
    pub(super) salt: Vec<u8>,
    pub(super) output: Vec<u8>,
}

impl Argon2Hash {
    fn current(salt: Vec<u8>) -> Self {
        let output = vec![0; OUTPUT_BYTES];
        Self { algorithm: Algorithm::Argon2id, version: Version::V0x13, params: PARAMS, salt, output }
    }

    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let hash = argon2::PasswordHash::new(text).map_err(|_| "not a PHC string")?;
        let algorithm = match hash.algorithm.as_str() {
            "argon2id" => Algorithm::Argon2id,
            "argon2i" => Algorithm::Argon2i,
            _ => return Err("of a scheme that is not supported"),
        };
        // Texts from before version 1.3 do not name theirs.
        let version = match hash.version {
            None => Version::V0x10,
            Some(number) => Version::try_from(number).map_err(|_| "of an unknown version of argon2")?,
        };
        let params = Params::try_from(&hash).map_err(|_| "argon2 with bad parameters")?;
        if params.m_cost() > MAX_MEMORY_KIB || params.t_cost() > MAX_PASSES || params.p_cost() > MAX_LANES {
            return Err("argon2 that costs too much");
        }
        let (Some(salt), Some(output)) = (hash.salt, hash.hash) else {
            return Err("argon2 without salt or hash");
        };
        if salt.len() < argon2::MIN_SALT_LEN {
            return Err("argon2 with too short a salt");
        }
        Ok(Self { algorithm, version, params, salt: salt.to_vec(), output: output.as_bytes().to_vec() })
    }

    pub(super) const fn cost(&self) -> HashCost {
        HashCost::Argon2 {
            memory_kib: self.params.m_cost(),
            passes: self.params.t_cost(),
            lanes: self.params.p_cost(),
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.version == other.version && self.params == other.params
    }
}
