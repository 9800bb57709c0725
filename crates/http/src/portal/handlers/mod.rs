//! The handlers: one use case and one page each.

pub(super) mod assets;
pub(super) mod dashboard;
pub(super) mod home;
pub(super) mod keys;
pub(super) mod login;
pub(super) mod passwords;
pub(super) mod signup;
pub(super) mod verify;

use keyward_domain::accounts::PasswordError;

use super::error::Refusal;

/// What a visitor is told when a password could not be hashed.
fn hashing(error: PasswordError) -> Refusal {
    match error {
        PasswordError::Busy => Refusal::Hashing,
        PasswordError::Unreadable(why) => Refusal::Broken(why),
    }
}
