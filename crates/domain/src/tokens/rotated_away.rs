//! What is left of a token whose key was rotated away.

use crate::ids::KeyId;
use crate::principal::Principal;

/// Who shows a token that was good until the key that it was minted from was rotated.
///
/// Security: it opens nothing. Whoever asked for that rotation, and shows its idempotency key as well, is told again what
/// it answered: see [`KeyManagement::rotated_before`](crate::keys::KeyManagement::rotated_before).
#[derive(Debug, Clone, Copy)]
pub struct RotatedAway {
    /// Who they were.
    pub(crate) principal: Principal,
    /// The key.
    pub(crate) key: KeyId,
}
