//! Port: who must hear of revocations, in the process that made them and in every other.

use super::{Revocation, RevocationNumber, RevokedToken};
use crate::tokens::SigningKey;

/// The keys that sign tokens cannot be opened: they are another master key's, or were altered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signing keys cannot be used: {0}")]
pub struct SigningKeysUnusable(pub String);

/// Port: hears what has ended. Neither waits nor fails: it is called between a commit and its answer.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait RevocationListener: Send + Sync {
    /// These are committed. Whoever remembers something of their subjects forgets it before this returns.
    fn ended(&self, revocations: &[Revocation]);

    /// Some revocations can no longer be told one by one: everything that is remembered is forgotten. These are all the
    /// tokens that were ended before their time.
    fn ended_unknown(&self, revoked: &[RevokedToken]);

    /// The keys that sign tokens, as of this number. They count unless those of a later number came first.
    ///
    /// Security: on an error the old ones go on verifying, a deleted one among them. So the server must not count as
    /// [caught up](Self::caught_up) until it has taken them.
    fn signing_keys(&self, as_of: RevocationNumber, keys: &[SigningKey]) -> Result<(), SigningKeysUnusable>;

    /// Everything that was committed before `asked` has been told. What is remembered may be trusted a little longer,
    /// counted from then.
    fn caught_up(&self, asked: std::time::Instant);
}
