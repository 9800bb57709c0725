//! Single-use tokens: what a mailed link proves by. Whoever shows one has read what was sent to the account's address.
//!
//! A token is 256 random bits, of which only a digest is stored. It is made at the moment its mail is sent, is good for
//! one purpose, one account and the address that it was sent to, and is used up by one statement that asks whether it
//! is unused. A newer one of the same purpose ends it.

mod error;
mod service;
mod store;
mod token;

pub use error::{ResetPasswordError, VerifyAddressError};
pub use service::SingleUseTokenService;
#[cfg(feature = "mocks")]
pub use store::MockSingleUseTokenStore;
pub use store::{Holdings, Issuance, IssueLimit, PasswordReset, Redemption, SingleUseTokenStore};
pub use token::{SingleUseBinding, SingleUsePurpose, SingleUseToken, SingleUseTokenRefused};

pub use crate::opaque::{
    OpaqueToken as IssuedSingleUseToken, PresentedOpaqueToken as PresentedSingleUseToken, TokenDigest,
};
