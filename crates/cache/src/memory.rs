//! All that is remembered, and how it is forgotten.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use keyward_domain::accounts::AccountStanding;
use keyward_domain::credentials::{AgentRecord, Found, KeyCredential, TokenStanding, TokenSubject};
use keyward_domain::ids::{AccountId, AgentId, KeyId, TokenId};
use keyward_domain::keys::{ApiKey, KeyHandle};
use keyward_domain::revocations::{RevokedToken, Subject};
use keyward_domain::time::Instant;
use quick_cache::sync::Cache;

use crate::shelf::{Notes, Shelf};
use crate::sync::{AtomicU64, Ordering, RwLock};

/// A key that is remembered.
pub(crate) struct RememberedKey {
    pub(crate) key: Arc<ApiKey>,
    /// The minute of its last use that was written down, so that the next use in the same minute is no work.
    pub(crate) used_in: AtomicI64,
}

/// All that is remembered.
pub(crate) struct Memory {
    /// Which key a handle names. That never changes: what can change stands with the key.
    handles: Cache<KeyHandle, KeyId>,
    keys: Shelf<KeyId, Arc<RememberedKey>>,
    agents: Shelf<AgentId, AgentRecord>,
    accounts: Shelf<AccountId, AccountStanding>,
    /// Tokens that were ended before their time. All of them, not the latest: nothing else tells that they have ended.
    tokens: RwLock<HashMap<TokenId, Instant>>,
    /// How often anything was forgotten.
    forgotten: AtomicU64,
    /// What has ended and is forgotten only when the next thing ends.
    #[cfg(feature = "sabotage-async-invalidation")]
    late: crate::sync::Mutex<Option<Subject>>,
}

/// The counters of all shelves, noted before a look-up.
pub(crate) struct AllNotes {
    keys: Notes,
    agents: Notes,
    accounts: Notes,
}

impl Memory {
    /// Room for so many of each kind.
    pub(crate) fn new(capacity: u64) -> Self {
        Self {
            handles: Cache::with_weighter(1_024, capacity.max(1), quick_cache::UnitWeighter),
            keys: Shelf::new(capacity),
            agents: Shelf::new(capacity),
            accounts: Shelf::new(capacity),
            tokens: RwLock::new(HashMap::new()),
            forgotten: AtomicU64::new(0),
            #[cfg(feature = "sabotage-async-invalidation")]
            late: crate::sync::Mutex::new(None),
        }
    }

    /// The key of this handle, without its owners.
    pub(crate) fn key_of(&self, handle: KeyHandle) -> Option<Arc<RememberedKey>> {
        let id = self.handles.get(&handle)?;
        self.keys.get(id).filter(|remembered| remembered.key.handle == handle)
    }

    pub(crate) fn key(&self, id: KeyId) -> Option<Arc<RememberedKey>> {
        self.keys.get(id)
    }

    pub(crate) fn agent(&self, id: AgentId) -> Option<AgentRecord> {
        self.agents.get(id)
    }

    pub(crate) fn account(&self, id: AccountId) -> Option<AccountStanding> {
        self.accounts.get(id)
    }

    /// The key of this handle with its owners, if all of it is remembered.
    pub(crate) fn recall_key(&self, handle: KeyHandle) -> Option<KeyCredential> {
        let key = self.key_of(handle)?.key.clone();
        let account = self.accounts.get(key.account)?;
        let agent = match key.binding.agent() {
            None => None,
            Some(id) => Some(self.agents.get(id)?),
        };
        KeyCredential::of(key, Some(account), agent)
    }

    /// How a token's subject stands, if all of it is remembered.
    pub(crate) fn recall_standing(&self, subject: TokenSubject) -> Option<TokenStanding> {
        let key = match subject.key {
            None => None,
            Some(id) => Some(self.keys.get(id)?),
        };
        let agent = match subject.agent {
            None => None,
            Some(id) => Some(self.agents.get(id)?),
        };
        let account = self.accounts.get(subject.account)?;
        let key = key.as_ref().map(|remembered| &*remembered.key);
        Some(TokenStanding::of(subject, self.is_revoked(subject.token), Some(account), agent, key))
    }

    /// Whether this token was ended before its time.
    pub(crate) fn is_revoked(&self, token: TokenId) -> bool {
        self.tokens.read().unwrap_or_else(std::sync::PoisonError::into_inner).contains_key(&token)
    }

    /// What there is of each kind: its name, how many are remembered, how many had to make room.
    pub(crate) fn inventory(&self) -> [(&'static str, usize, u64); 3] {
        [
            ("key", self.keys.len(), self.keys.evicted()),
            ("agent", self.agents.len(), self.agents.evicted()),
            ("account", self.accounts.len(), self.accounts.evicted()),
        ]
    }

    /// How many tokens are known to have ended before their time.
    pub(crate) fn revoked(&self) -> usize {
        self.tokens.read().unwrap_or_else(std::sync::PoisonError::into_inner).len()
    }

    /// Notes all counters. To be called before a look-up begins.
    pub(crate) fn note(&self) -> AllNotes {
        AllNotes { keys: self.keys.note(), agents: self.agents.note(), accounts: self.accounts.note() }
    }

    /// How often anything was forgotten so far.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Acquire)
    }

    /// Remembers what a look-up found, less what was forgotten since the notes were taken.
    pub(crate) fn keep(&self, found: &Found, notes: &AllNotes) {
        for key in &found.keys {
            let remembered = RememberedKey { key: Arc::new(key.clone()), used_in: AtomicI64::new(i64::MIN) };
            self.keys.put(key.id, Arc::new(remembered), &notes.keys);
            self.handles.insert(key.handle, key.id);
        }
        for agent in &found.agents {
            self.agents.put(agent.id, *agent, &notes.agents);
        }
        for account in &found.accounts {
            self.accounts.put(account.id, account.standing, &notes.accounts);
        }
    }

    /// Forgets what has ended.
    pub(crate) fn end(&self, subject: Subject) {
        #[cfg(feature = "sabotage-async-invalidation")]
        let Some(subject) = crate::sync::lock(&self.late).replace(subject) else {
            return;
        };
        // First, so that nobody joins a look-up that began before.
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        match subject {
            Subject::Account(id) => self.accounts.forget(id),
            Subject::Agent(id) => self.agents.forget(id),
            Subject::Key(id) => self.keys.forget(id),
            Subject::Token(token) => self.revoke(&[token]),
            Subject::SigningKeys => {} // No entry of ours is about them.
        }
    }

    /// Forgets everything but that these tokens were ended.
    pub(crate) fn clear(&self, revoked: &[RevokedToken]) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.revoke(revoked);
        self.keys.clear();
        self.agents.clear();
        self.accounts.clear();
    }

    /// Remembers that these tokens were ended.
    pub(crate) fn revoke(&self, tokens: &[RevokedToken]) {
        let mut known = self.tokens.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.extend(tokens.iter().map(|token| (token.id, token.expires_at)));
    }

    /// Forgets those tokens that are over anyway.
    pub(crate) fn forget_expired_tokens(&self, now: Instant) {
        let mut known = self.tokens.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        known.retain(|_, expires_at| *expires_at > now);
    }
}
