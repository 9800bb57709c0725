//! The hasher that both schemes share: what is the same whichever of them is the current one.

use std::sync::Arc;

use async_trait::async_trait;
use keyward_domain::accounts::{
    NewPassword, Password, PasswordError, PasswordHash, PasswordHasher, PasswordVerdict, UnusableHash,
};
use keyward_domain::entropy::{Entropy, random_bytes};

use super::stored::{StoredHash, unreadable};
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

/// Hashes passwords by one scheme, on the pool; verifies all that this crate can read.
pub struct SchemeHasher<S> {
    scheme: S,
    pool: Arc<HashingPool>,
    entropy: Arc<dyn Entropy>,
}

impl<S> SchemeHasher<S> {
    /// A hasher on this pool, drawing its salts from `entropy`.
    pub(super) const fn of(scheme: S, pool: Arc<HashingPool>, entropy: Arc<dyn Entropy>) -> Self {
        Self { scheme, pool, entropy }
    }
}

#[async_trait]
impl<S: Scheme> PasswordHasher for SchemeHasher<S> {
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, PasswordError> {
        self.rehash(password.as_password()).await
    }

    async fn rehash(&self, password: &Password) -> Result<PasswordHash, PasswordError> {
        let (scheme, password, salt) = (self.scheme, password.clone(), random_bytes(&*self.entropy));
        self.pool.run(move |bench| scheme.hash(bench, password.expose().as_bytes(), salt)).await?
    }

    fn check(&self, foreign: &PasswordHash) -> Result<(), UnusableHash> {
        StoredHash::parse(foreign.expose()).map(|_| ())
    }

    /// Security: without a stored hash, or with one that cannot be used, a decoy is compared in the same way, and
    /// whatever comes out is no match: how long the answer takes says nothing of the account.
    async fn verify<'a>(
        &self,
        password: &Password,
        stored: Option<&'a PasswordHash>,
    ) -> Result<PasswordVerdict, PasswordError> {
        // The answer, where it is certain before anything is compared.
        let (hash, foregone) = match stored.map(|stored| StoredHash::parse(stored.expose())) {
            Some(Ok(hash)) => (hash, None),
            Some(Err(UnusableHash(why))) => (self.scheme.decoy(), Some(Err(unreadable(why)))),
            None => (self.scheme.decoy(), Some(Ok(PasswordVerdict::Mismatch))),
        };
        // What was typed beyond the part that the scheme reads may be wrong: to hash all of it anew could lock
        // out whoever types it right.
        let stays = self.scheme.is_current(&hash) || hash.truncates(password.expose().as_bytes());
        let password = password.clone();
        let matches = self.pool.run(move |bench| hash.matches(bench, password.expose().as_bytes())).await??;
        foregone.unwrap_or(Ok(match (matches, stays) {
            (false, _) => PasswordVerdict::Mismatch,
            (true, true) => PasswordVerdict::Match,
            (true, false) => PasswordVerdict::MatchOutdated,
        }))
    }
}
