//! What a use case knows about the request that asked for it.

use crate::ids::RequestId;

/// Where a command came from, for the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestContext {
    /// The id that the answer's headers carry.
    pub request_id: RequestId,
}
