//! What a use case knows about the request that asked for it.

use crate::ids::RequestId;
use crate::limits::Network;

/// Where a command came from, for the audit trail and for limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestContext {
    /// The id that the answer's headers carry.
    pub request_id: RequestId,
    /// Where the client is.
    pub from: Network,
}

impl RequestContext {
    /// Of what no client asked for.
    pub const fn of_ours(request_id: RequestId) -> Self {
        Self { request_id, from: Network::NOWHERE }
    }
}
