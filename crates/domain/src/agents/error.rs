//! What can go wrong with agents.

use crate::idempotency::IdempotencyError;
use crate::principal::LimitedToAgent;
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

/// Why an agent was not looked at, made or changed. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManageAgentError {
    /// An agent does not manage agents, not even itself.
    #[error(transparent)]
    LimitedToAgent(#[from] LimitedToAgent),
    /// The agent is unknown, deleted, of another account or of another environment: one answer for all of them, so
    /// that nobody learns which ids exist.
    #[error("no such agent")]
    UnknownAgent,
    /// It has ended, and an ended agent does not change.
    #[error("the agent is archived")]
    Archived,
    /// Another request changed the agent's key first.
    #[error("another request was faster")]
    Overtaken,
    /// What let the request in has ended while it asked: its key, token or session, or the whole account.
    #[error("what let the request in has ended")]
    Ended,
    /// The drawn picture that was asked for is not this agent's.
    #[error("not the picture that is drawn for this agent")]
    ForeignAvatar,
    /// The request is a repetition that cannot be answered.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The store could not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
