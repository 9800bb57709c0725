//! What can go wrong with a repetition.

use crate::store::StoreError;

/// The text is no idempotency key: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not 1 to 255 visible ASCII characters")]
pub struct InvalidIdempotencyKey;

/// Why a request with an idempotency key was not answered. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdempotencyError {
    /// The key was used for a request with another body.
    #[error("the idempotency key was used for another request")]
    OtherBody,
    /// The key could be guessed: whoever shows nothing else would be given somebody's secret for it.
    #[error("the idempotency key has fewer than {} characters", super::IdempotencyKey::STRONG_CHARS)]
    Guessable,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
