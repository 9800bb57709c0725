//! Idempotency: a request that is sent again because its answer was lost has one effect and one answer.
//!
//! A client that sets `Idempotency-Key` may repeat a request that makes or rotates something. What came of it is
//! written in the same transaction as the deed, sealed under a key that only whoever knows the client's key can derive.
//! A repetition finds it, and its surface renders the same outcome again.

mod error;
mod outcome;
mod record;
mod request;
mod service;
mod store;

pub use error::{IdempotencyError, InvalidIdempotencyKey};
pub(crate) use outcome::{OutcomeReader, OutcomeWriter, Repeatable};
pub use record::{Answered, IdempotencyRecord};
pub use request::{IdempotencyKey, IdempotentRequest};
pub use service::IdempotencyService;
pub use store::{IdempotencySealer, IdempotencyStore};
#[cfg(feature = "mocks")]
pub use store::{MockIdempotencySealer, MockIdempotencyStore};
