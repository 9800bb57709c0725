//! Who in this process hears what has ended.

use std::sync::Arc;
use std::time::Instant;

use keyward_domain::revocations::{
    Revocation, RevocationListener, RevocationNumber, RevokedToken, SigningKeysUnusable,
};
use keyward_domain::tokens::SigningKey;

/// Tells each of several listeners, in their order.
pub(crate) struct Listeners(pub(crate) Vec<Arc<dyn RevocationListener>>);

impl RevocationListener for Listeners {
    fn ended(&self, revocations: &[Revocation]) {
        self.0.iter().for_each(|listener| listener.ended(revocations));
    }

    fn ended_unknown(&self, revoked: &[RevokedToken]) {
        self.0.iter().for_each(|listener| listener.ended_unknown(revoked));
    }

    fn signing_keys(&self, as_of: RevocationNumber, keys: &[SigningKey]) -> Result<(), SigningKeysUnusable> {
        self.0.iter().try_for_each(|listener| listener.signing_keys(as_of, keys))
    }

    fn caught_up(&self, asked: Instant) {
        self.0.iter().for_each(|listener| listener.caught_up(asked));
    }
}
