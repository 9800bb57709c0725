//! What a use case knows about the request that asked for it.

use std::sync::Arc;

use crate::idempotency::{Answered, IdempotentRequest};
use crate::ids::RequestId;
use crate::limits::Network;
use crate::time::Instant;

/// Where a command came from, for the audit trail and for limits, and whether it may come again.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The id that the answer's headers carry.
    pub request_id: RequestId,
    /// Where the client is.
    pub from: Network,
    /// What tells it from others, if its client may repeat it.
    pub repeatable: Option<Arc<IdempotentRequest>>,
}

impl RequestContext {
    /// Of a request that is not repeated.
    pub const fn once(request_id: RequestId, from: Network) -> Self {
        Self { request_id, from, repeatable: None }
    }

    /// Of what no client asked for.
    pub const fn of_ours(request_id: RequestId) -> Self {
        Self::once(request_id, Network::NOWHERE)
    }

    /// What this request came to.
    pub(crate) const fn answered<T>(&self, outcome: T, at: Instant) -> Answered<T> {
        Answered { outcome, at, request_id: self.request_id }
    }
}
