//! The hasher that both schemes share: what is the same whichever of them is the current one.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use keyward_domain::accounts::{
    NewPassword, Password, PasswordError, PasswordHash, PasswordHasher, PasswordVerdict, UnusableHash,
};
use keyward_domain::entropy::{Entropy, random_bytes};
use tokio::time::sleep_until;

use super::live::LiveCosts;
use super::stored::{StoredHash, unreadable};
use super::workbench::{HashCost, Workbench};
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
    live: Arc<LiveCosts>,
}

impl<S> SchemeHasher<S> {
    /// A hasher on this pool, drawing its salts from `entropy`. Its own hashes cost `own`.
    pub(super) fn of(scheme: S, own: HashCost, pool: Arc<HashingPool>, entropy: Arc<dyn Entropy>) -> Self {
        let live = Arc::<LiveCosts>::default();
        live.add(own); // Also for whoever is unknown or has no password.
        Self { scheme, pool, entropy, live }
    }

    /// Compares, and answers when the time is over that every comparison takes.
    ///
    /// Security: the time begins with the turn, so that waiting for it adds to every comparison alike.
    async fn compare(&self, hash: StoredHash, password: Password) -> Result<bool, PasswordError> {
        let live = self.live.clone();
        let work = move |bench: &mut Workbench| live.matches(&hash, bench, hash.text_of(&password));
        let (turn, matches) = self.pool.run_in_turn(work).await?;
        if let Some(span) = self.live.span() {
            sleep_until(turn + span).await;
        }
        matches
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

    async fn expect(&self, stored: &[PasswordHash]) {
        let read = stored.iter().filter_map(|stored| StoredHash::parse(stored.expose()).ok());
        let kinds: BTreeMap<HashCost, StoredHash> = read.map(|hash| (hash.cost(), hash)).collect();
        kinds.keys().for_each(|cost| {
            self.live.add(*cost);
        });
        if !self.live.has_something_to_hide() {
            return; // Nor is the memory for a hash taken before somebody logs in.
        }
        for hash in kinds.into_values().chain([self.scheme.decoy()]) {
            // How long one takes is found out now, by a password that is nobody's, and not by somebody's login. A pool
            // that is busy is asked again when this is said again.
            if self.live.add(hash.cost()) {
                let live = self.live.clone();
                let _ = self.pool.run(move |bench| live.matches(&hash, bench, b"")).await;
            }
        }
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
        let stays = self.scheme.is_current(&hash) || hash.truncates(hash.text_of(password));
        let matches = self.compare(hash, password.clone()).await?;
        foregone.unwrap_or(Ok(match (matches, stays) {
            (false, _) => PasswordVerdict::Mismatch,
            (true, true) => PasswordVerdict::Match,
            (true, false) => PasswordVerdict::MatchOutdated,
        }))
    }
}
