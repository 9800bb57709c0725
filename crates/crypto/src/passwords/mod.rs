//! Passwords: two schemes, each a whole [`PasswordHasher`](keyward_domain::accounts::PasswordHasher).
//!
//! A hasher makes hashes of its own scheme and verifies those of both, so that a deployment can change its
//! scheme, or import another system's users, and every right password still opens. What it verifies but would
//! no longer make, it calls outdated, and the next login replaces it.
//!
//! While hashes of several kinds are stored, every comparison takes as long as the dearest of them (`live.rs`).
//!
//! | stored text | made by | verified within |
//! |---|---|---|
//! | `$argon2id$v=19$m=19456,t=2,p=1$…` | [`Argon2idHasher`] | m ≤ 64 MiB, t ≤ 4, p ≤ 4; argon2i too |
//! | `$bcrypt-sha256$v=2,t=2b,r=12$…` | [`BcryptHasher`] | cost 4 to 13 |
//! | `$2a$`, `$2b$`, `$2y$` | other systems | cost 4 to 13 |

mod argon2id;
mod bcrypt;
mod hasher;
mod live;
mod stored;
mod workbench;

pub use argon2id::Argon2idHasher;
pub use bcrypt::{BcryptCost, BcryptHasher, UnsupportedBcryptCost};
pub use workbench::HashCost;
pub(crate) use workbench::Workbench;
