//! The hasher that both schemes share: what is the same whichever of them is the current one.

use std::sync::Arc;

use keyward_domain::accounts::{Password, PasswordError, PasswordHash, PasswordVerdict};
use keyward_domain::entropy::{Entropy, random_bytes};

use super::stored::StoredHash;
use super::workbench::Workbench;
use crate::pool::HashingPool;

/// A way of making hashes.
pub(super) trait Scheme: Copy + Send + Sync + 'static {
    /// Hashes a password.
    fn hash(
        self,
        bench: &mut Workbench,
        password: &[u8],
        salt: [u8; 16],
    ) -> Result<PasswordHash, PasswordError>;

    /// Whether this is how the scheme makes its hashes today.
    fn is_current(self, stored: &StoredHash) -> bool;

    /// A hash that costs what the scheme's hashes cost, of no password that anybody knows.
    fn decoy(self) -> StoredHash;
}

/// Hashes passwords by one scheme, on the pool.
pub(super) struct SchemeHasher<S> {
    pub(super) scheme: S,
    pub(super) pool: Arc<HashingPool>,
    pub(super) entropy: Arc<dyn Entropy>,
}

impl<S: Scheme> SchemeHasher<S> {
    /// Hashes a password under a fresh salt.
    pub(super) async fn hash(&self, password: &Password) -> Result<PasswordHash, PasswordError> {
        let (scheme, password, salt) = (self.scheme, password.clone(), random_bytes(&*self.entropy));
        self.pool.run(move |bench| scheme.hash(bench, password.expose().as_bytes(), salt)).await?
    }

    /// Compares what was typed with what is stored.
    ///
    /// Security: without a stored hash, a decoy is compared in the same way, and whatever comes out is a
    /// mismatch.
    pub(super) async fn verify(
        &self,
        password: &Password,
        stored: Option<&PasswordHash>,
    ) -> Result<PasswordVerdict, PasswordError> {
        let hash = match stored {
            Some(stored) => StoredHash::parse(stored.expose())?,
            None => self.scheme.decoy(),
        };
        // What was typed beyond the part that the scheme reads may be wrong: to hash all of it anew could lock
        // out whoever types it right.
        let stays = self.scheme.is_current(&hash) || hash.truncates(password.expose().as_bytes());
        let password = password.clone();
        let matches = self.pool.run(move |bench| hash.matches(bench, password.expose().as_bytes())).await??;
        Ok(match (stored, matches) {
            (None, _) | (Some(_), false) => PasswordVerdict::Mismatch,
            (Some(_), true) if stays => PasswordVerdict::Match,
            (Some(_), true) => PasswordVerdict::MatchOutdated,
        })
    }
}
