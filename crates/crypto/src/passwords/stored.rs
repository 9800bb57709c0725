//! A stored password hash, of whichever scheme.

use keyward_domain::accounts::{Password, PasswordError, UnusableHash};

use super::argon2id::{Argon2Hash, Argon2id};
use super::bcrypt::BcryptHash;
use super::hasher::Scheme;
use super::workbench::{HashCost, Workbench};

/// A stored hash that can be read and costs no more than we will pay.
pub(super) enum StoredHash {
    /// Argon2id or argon2i.
    Argon2(Argon2Hash),
    /// Bcrypt, plain or with SHA-256 before it.
    Bcrypt(BcryptHash),
}

impl StoredHash {
    /// Reads a stored text. The error says what is wrong with it, never what it is.
    pub(super) fn parse(text: &str) -> Result<Self, UnusableHash> {
        let parsed = if text.starts_with("$argon2") {
            Argon2Hash::parse(text).map(Self::Argon2)
        } else if text.starts_with("$2") || text.starts_with("$bcrypt-sha256$") {
            BcryptHash::parse(text).map(Self::Bcrypt)
        } else {
            Err("of a scheme that is not supported")
        };
        parsed.map_err(UnusableHash)
    }

    /// Whether this is the password. Costs one hash, whatever the answer.
    pub(super) fn matches(&self, bench: &mut Workbench, password: &[u8]) -> Result<bool, PasswordError> {
        match self {
            Self::Argon2(hash) => {
                bench.argon2_matches(hash, password).map_err(|_| unreadable("refused by argon2"))
            }
            Self::Bcrypt(hash) => {
                let key = hash.key_of(password);
                bench.bcrypt_matches(hash, &key).map_err(|_| unreadable("refused by bcrypt"))
            }
        }
    }

    /// Whether one of our own schemes makes such hashes, or made them before another was chosen.
    fn is_ours(&self) -> bool {
        match self {
            Self::Argon2(_) => Argon2id.is_current(self),
            Self::Bcrypt(hash) => hash.prehashes(),
        }
    }

    /// The text that is compared with it: ours are of what is normalised, another system's of what was typed.
    pub(super) fn text_of<'a>(&self, password: &'a Password) -> &'a [u8] {
        if self.is_ours() { password.expose().as_bytes() } else { password.expose_typed().as_bytes() }
    }

    /// What comparing with it costs.
    pub(super) const fn cost(&self) -> HashCost {
        match self {
            Self::Argon2(hash) => hash.cost(),
            Self::Bcrypt(hash) => hash.cost(),
        }
    }

    /// Whether the scheme reads only a part of this password, so that others match as well.
    pub(super) const fn truncates(&self, password: &[u8]) -> bool {
        match self {
            Self::Argon2(_) => false,
            Self::Bcrypt(hash) => hash.truncates(password),
        }
    }
}

/// The error for a stored text that cannot be used. Security: takes no text but our own.
pub(super) fn unreadable(why: &'static str) -> PasswordError {
    PasswordError::Unreadable(why.to_owned())
}
