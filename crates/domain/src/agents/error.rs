//! What can go wrong with agents.

use crate::store::StoreError;

/// Why a request may not be limited to the agent that it names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectAgentError {
    /// The agent is unknown, unreadable, ended, of another account or of another environment: one answer for
    /// all of them, so that nobody learns which ids exist.
    #[error("not an agent of this account")]
    NotYours,
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
