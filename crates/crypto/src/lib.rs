//! Cryptography for the domain's ports: passwords, MACs, sealing, randomness, and the two keys they hang on.
//!
//! | file | port | what it does |
//! |---|---|---|
//! | [`master_key`](MasterKey) | – | 32 bytes outside the database, which open the root secret inside it |
//! | [`root_secret`](RootSecret) | – | every key below derives from it, one label each |
//! | [`macs`](HmacKeyMac) | `KeyMac`, `AuditMac` | HMAC-SHA-256 |
//! | [`sealer`](AeadSealer) | `Sealer` | AES-256-GCM |
//! | [`token_digest`](Sha256TokenDigest) | `TokenDigest` | SHA-256 |
//! | [`checksums`](Sha256Checksums) | `Checksums` | SHA-256 |
//! | [`admin_keys`](AdminKeys) | `AdminAuthenticator` | SHA-256, compared in constant time |
//! | [`entropy`](OsEntropy) | `Entropy` | the operating system's randomness |
//! | [`passwords`](Argon2idHasher) | `PasswordHasher` | argon2id and bcrypt, both whole adapters |
//! | [`pool`](HashingPool) | – | where passwords are hashed, and nothing else |
//!
//! The primitives are aws-lc-rs's, except for the two password hashes, which it does not have.
//!
//! # How to add a key that derives from the root secret
//!
//! 1. Add its `Purpose` in `root_secret.rs`, with a label that no other has. A label is never changed: what was
//!    made under it would be lost.
//! 2. Add a method to [`RootSecret`] that gives the finished tool, never the bare bytes.

mod admin_keys;
mod aside;
mod checksums;
mod derivation;
mod entropy;
mod idempotency;
mod macs;
mod master_key;
mod passwords;
mod pool;
mod root_secret;
mod sealer;
mod token_digest;

pub use admin_keys::{AdminKeys, SharedAdminKey};
pub use checksums::Sha256Checksums;
pub use entropy::{NameEntropy, OsEntropy};
pub use idempotency::DerivedSealer;
pub use macs::{HmacAuditMac, HmacKeyMac, HmacLimitMac};
pub use master_key::{DoesNotOpen, InvalidMasterKey, MasterKey};
pub use passwords::{Argon2idHasher, BcryptCost, BcryptHasher, HashCost, UnsupportedBcryptCost};
pub use pool::{HashingLimits, HashingPool};
pub use root_secret::RootSecret;
pub use sealer::AeadSealer;
pub use token_digest::Sha256TokenDigest;
