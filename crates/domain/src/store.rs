//! What all persistence ports share: the errors of a store, and its health.
//!
//! Rules for every port method, in words:
//! * one call is one atomic step: all of it is durable when `Ok` comes back, nothing of it otherwise;
//! * a mutation takes its [`AuditEvent`](crate::audit::AuditEvent), which commits with the deed (only founding a
//!   deployment has none: it comes before everything that a trail could be about);
//! * absence is `Ok(None)`; an outage is [`StoreError`], never absence.

use async_trait::async_trait;

/// The store could not answer. Never says anything about what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database did not get round to it before the deadline. Worth trying again shortly.
    #[error("the database is busy")]
    Busy,
    /// The database cannot be reached, went away, or refused. Worth trying again later.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A row breaks a promise of the schema: a person must look. Trying again will not help.
    #[error("the database holds something unreadable: {0}")]
    Corrupt(String),
}

/// Port: whether the store can be used at all.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait StoreHealth: Send + Sync {
    /// `Ok` when the database answers and its schema is the one this program was built for.
    async fn ready(&self) -> Result<(), StoreError>;
}
