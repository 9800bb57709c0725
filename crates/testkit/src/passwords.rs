//! A password hasher that hashes nothing, takes no time and counts.

use std::sync::Mutex;

use async_trait::async_trait;
use keyward_domain::accounts::{
    NewPassword, Password, PasswordError, PasswordHash, PasswordHasher, PasswordVerdict, UnusableHash,
};

const CURRENT: &str = "plain:";
const OUTDATED: &str = "plain-outdated:";

/// Keeps passwords as `plain:` and the text. Counts what is asked of it, and can be busy.
#[derive(Debug, Default)]
pub struct FakePasswordHasher(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    work: HashingWork,
    until_busy: Option<usize>,
    expected: Vec<String>,
}

/// How often each operation ran to its end. With a real hasher each costs the same: one slow hash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HashingWork {
    /// Chosen passwords that were hashed.
    pub hashes: usize,
    /// Passwords that were hashed once more.
    pub rehashes: usize,
    /// Passwords that were compared, with a stored hash or with none.
    pub verifies: usize,
}

impl FakePasswordHasher {
    /// A hasher that has done nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the store keeps for this password.
    pub fn current(password: &str) -> PasswordHash {
        PasswordHash::new(format!("{CURRENT}{password}"))
    }

    /// What an older release kept for this password: it matches, and wants to be hashed again.
    pub fn outdated(password: &str) -> PasswordHash {
        PasswordHash::new(format!("{OUTDATED}{password}"))
    }

    /// Does `operations` more, then is busy until [`recover`](Self::recover).
    pub fn be_busy_after(&self, operations: usize) {
        self.0.lock().unwrap().until_busy = Some(operations);
    }

    /// Is no longer busy.
    pub fn recover(&self) {
        self.0.lock().unwrap().until_busy = None;
    }

    /// What was done so far.
    pub fn work(&self) -> HashingWork {
        self.0.lock().unwrap().work
    }

    /// What was done since this was last asked.
    pub fn take_work(&self) -> HashingWork {
        std::mem::take(&mut self.0.lock().unwrap().work)
    }

    /// The hashes that it was told of, in order.
    pub fn expected(&self) -> Vec<String> {
        self.0.lock().unwrap().expected.clone()
    }

    fn count(&self, count: impl FnOnce(&mut HashingWork)) -> Result<(), PasswordError> {
        let mut state = self.0.lock().unwrap();
        if let Some(left) = &mut state.until_busy {
            *left = left.checked_sub(1).ok_or(PasswordError::Busy)?;
        }
        count(&mut state.work);
        Ok(())
    }
}

#[async_trait]
impl PasswordHasher for FakePasswordHasher {
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, PasswordError> {
        self.count(|work| work.hashes += 1)?;
        Ok(Self::current(password.as_password().expose()))
    }

    async fn rehash(&self, password: &Password) -> Result<PasswordHash, PasswordError> {
        self.count(|work| work.rehashes += 1)?;
        Ok(Self::current(password.expose()))
    }

    fn check(&self, foreign: &PasswordHash) -> Result<(), UnusableHash> {
        let is_known = [CURRENT, OUTDATED].iter().any(|scheme| foreign.expose().starts_with(scheme));
        if is_known { Ok(()) } else { Err(UnusableHash("not a fake hash")) }
    }

    async fn expect(&self, stored: &[PasswordHash]) {
        let texts = stored.iter().map(|hash| hash.expose().to_owned());
        self.0.lock().unwrap().expected.extend(texts);
    }

    async fn verify<'a>(
        &self,
        password: &Password,
        stored: Option<&'a PasswordHash>,
    ) -> Result<PasswordVerdict, PasswordError> {
        self.count(|work| work.verifies += 1)?;
        let Some(stored) = stored.map(PasswordHash::expose) else {
            return Ok(PasswordVerdict::Mismatch);
        };
        let (kept, matching) = match (stored.strip_prefix(CURRENT), stored.strip_prefix(OUTDATED)) {
            (Some(kept), _) => (kept, PasswordVerdict::Match),
            (None, Some(kept)) => (kept, PasswordVerdict::MatchOutdated),
            (None, None) => return Err(PasswordError::Unreadable("not a fake hash".to_owned())),
        };
        Ok(if kept == password.expose() { matching } else { PasswordVerdict::Mismatch })
    }
}
