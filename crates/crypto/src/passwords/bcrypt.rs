//! Bcrypt: the scheme of many systems that accounts come from, and ours for those who ask for it.
//!
//! Bcrypt reads at most 72 bytes. Hashes from elsewhere are compared as they were made: by the first 72. Our
//! own are bcrypt over base64 of HMAC-SHA-256 of the password, keyed by the salt's text, which is 44 bytes
//! whatever was typed; the text is the one of passlib's `bcrypt_sha256`, version 2, so that others can read it.

use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bcrypt::{BASE_64, HashParts, Version};
use keyward_domain::accounts::{PasswordError, PasswordHash};
use keyward_domain::entropy::Entropy;
use zeroize::Zeroizing;

use super::hasher::{Scheme, SchemeHasher};
use super::stored::{StoredHash, unreadable};
use super::workbench::{HashCost, Workbench};
use crate::pool::HashingPool;

/// Where the salt begins in `$2b$12$` + 22 characters of salt + 31 of hash, and where it ends.
const SALT_START: usize = 7;
const SALT_END: usize = 29;

/// Hashes passwords with bcrypt, behind HMAC-SHA-256; verifies all that this crate can read.
pub type BcryptHasher = SchemeHasher<BcryptSha256>;

impl SchemeHasher<BcryptSha256> {
    /// A hasher on this pool, drawing its salts from `entropy`.
    pub fn new(cost: BcryptCost, pool: Arc<HashingPool>, entropy: Arc<dyn Entropy>) -> Self {
        let scheme = BcryptSha256 { cost };
        Self::of(scheme, scheme.decoy().cost(), pool, entropy)
    }
}

/// The cost of bcrypt: 2 to this power rounds, 4 to 13.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BcryptCost(u32);

/// The cost is none that we pay: below bcrypt's least, or two seconds and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("bcrypt's cost is 4 to 13")]
pub struct UnsupportedBcryptCost;

impl BcryptCost {
    const MIN: u32 = 4;
    const MAX: u32 = 13;

    /// Takes a cost.
    pub const fn new(cost: u32) -> Result<Self, UnsupportedBcryptCost> {
        if cost < Self::MIN || cost > Self::MAX { Err(UnsupportedBcryptCost) } else { Ok(Self(cost)) }
    }
}

impl Default for BcryptCost {
    /// 12: about 0.3 s.
    fn default() -> Self {
        Self(12)
    }
}

/// The scheme of our own hashes.
#[derive(Debug, Clone, Copy)]
pub struct BcryptSha256 {
    cost: BcryptCost,
}

impl Scheme for BcryptSha256 {
    fn hash(
        self,
        bench: &mut Workbench,
        password: &[u8],
        salt: [u8; 16],
    ) -> Result<PasswordHash, PasswordError> {
        let key = prehashed(&BASE_64.encode(salt), password);
        let parts = bench.bcrypt(&key, self.cost.0, salt).map_err(|_| unreadable("refused by bcrypt"))?;
        let text = parts.format_for_version(Version::TwoB);
        let (salt, hash) = (text.get(SALT_START..SALT_END), text.get(SALT_END..));
        let (salt, hash) = salt.zip(hash).ok_or_else(|| unreadable("not as long as bcrypt's hashes are"))?;
        Ok(PasswordHash::new(format!("$bcrypt-sha256$v=2,t=2b,r={}${salt}${hash}", self.cost.0)))
    }

    fn is_current(self, stored: &StoredHash) -> bool {
        match stored {
            StoredHash::Argon2(_) => false,
            StoredHash::Bcrypt(hash) => hash.prehashes && hash.cost == self.cost,
        }
    }

    fn decoy(self) -> StoredHash {
        let crypt_text = format!("$2b${:02}${:.<53}", self.cost.0, ""); // "." is bcrypt's digit for zero.
        StoredHash::Bcrypt(BcryptHash { crypt_text, cost: self.cost, prehashes: true })
    }
}

/// A bcrypt hash, taken apart.
pub(super) struct BcryptHash {
    /// `$2b$12$…`, also where the stored text is another.
    crypt_text: String,
    cost: BcryptCost,
    prehashes: bool,
}

impl BcryptHash {
    /// The part of a password that plain bcrypt reads.
    const MAX_BYTES: usize = 72;

    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let (crypt_text, prehashes) = match text.strip_prefix("$bcrypt-sha256$v=2,t=2b,r=") {
            Some(rest) => (plain_form(rest).ok_or("bcrypt-sha256 with missing parts")?, true),
            None => (text.to_owned(), false),
        };
        let parts: HashParts = crypt_text.parse().map_err(|_| "not bcrypt's modular crypt format")?;
        if crypt_text.starts_with("$2x$") {
            return Err("bcrypt of the broken kind (2x)");
        }
        let cost =
            BcryptCost::new(parts.get_cost()).map_err(|_| "bcrypt that costs too much or too little")?;
        Ok(Self { crypt_text, cost, prehashes })
    }

    /// The hash in bcrypt's own format.
    pub(super) fn crypt_text(&self) -> &str {
        &self.crypt_text
    }

    pub(super) const fn cost(&self) -> HashCost {
        HashCost::Bcrypt { cost: self.cost.0 }
    }

    /// Whether it hashes with SHA-256 before, as ours do.
    pub(super) const fn prehashes(&self) -> bool {
        self.prehashes
    }

    pub(super) const fn truncates(&self, password: &[u8]) -> bool {
        !self.prehashes && password.len() > Self::MAX_BYTES
    }

    /// What bcrypt is given for this password.
    pub(super) fn key_of(&self, password: &[u8]) -> Zeroizing<Vec<u8>> {
        match self.crypt_text.get(SALT_START..SALT_END) {
            Some(salt) if self.prehashes => prehashed(salt, password),
            _ => Zeroizing::new(password.to_vec()),
        }
    }
}

/// `12$salt$hash` as `$2b$12$salthash`.
fn plain_form(rest: &str) -> Option<String> {
    let mut parts = rest.split('$');
    let (cost, salt, hash) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = parts.next().is_none() && salt.len() == SALT_END - SALT_START;
    whole.then(|| format!("$2b${cost:0>2}${salt}{hash}"))
}

fn prehashed(salt: &str, password: &[u8]) -> Zeroizing<Vec<u8>> {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, salt.as_bytes()), password);
    Zeroizing::new(STANDARD.encode(tag).into_bytes())
}
