//! The cache: recalls, looks up what it does not remember, and hears what has ended.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use keyward_domain::accounts::AccountStanding;
use keyward_domain::credentials::{
    AgentRecord, CredentialSource, CredentialUpkeep, Credentials, Found, KeyCredential, TokenStanding,
    TokenSubject, Wanted,
};
use keyward_domain::ids::{AccountId, AgentId, KeyId};
use keyward_domain::keys::{ApiKey, KeyHandle, KeyStore};
use keyward_domain::revocations::{
    Revocation, RevocationListener, RevocationNumber, RevokedToken, SigningKeysUnusable, Subject,
};
use keyward_domain::store::StoreError;
use keyward_domain::time::{Clock, Instant};
use keyward_domain::tokens::SigningKey;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant as Monotonic, timeout};

use crate::flights::{Flights, Runner, Want};
use crate::lease::{Lease, Running};
use crate::measured::Recalls;
use crate::memory::Memory;
use crate::usage::Usage;

/// How long a request waits for a lease that has lapsed.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a request waits for a look-up, also for one that gathers behind a stuck one.
const ANSWERED: Duration = Duration::from_millis(2_500);

/// How many uses are written at once: a few milliseconds, for which whoever revokes one of these keys may have to wait.
const USES_AT_ONCE: usize = 200;

/// How much is remembered, and for how long it may be trusted.
#[derive(Debug, Clone, Copy)]
pub struct CacheOptions {
    /// The most keys, the most agents and the most accounts.
    pub capacity: u64,
    /// For how long.
    pub lease: Lease,
}

/// Remembers how credentials stand. Cheap to clone: the clones share one memory.
#[derive(Clone)]
pub struct CredentialCache(Arc<Inner>);

struct Inner {
    source: Arc<dyn CredentialSource>,
    clock: Arc<dyn Clock>,
    /// Where look-ups run: not in a request, which may be cancelled while others wait for the same look-up.
    runtime: Handle,
    memory: Memory,
    lease: Running,
    renewed: Notify,
    flights: Flights<oneshot::Sender<Landed>>,
    usage: Usage,
    keys: Recalls,
    tokens: Recalls,
}

/// What a look-up came to.
type Landed = Result<Record, StoreError>;

/// What was found of one thing.
#[derive(Clone)]
enum Record {
    Key(Option<Arc<ApiKey>>, Option<AccountStanding>, Option<AgentRecord>),
    Agent(Option<AgentRecord>),
    Account(Option<AccountStanding>),
}

impl CredentialCache {
    /// An empty cache over this source. To be made within the runtime that will outlive every request.
    ///
    /// With a lease nothing is served before the first [`caught_up`](RevocationListener::caught_up).
    pub fn new(source: Arc<dyn CredentialSource>, clock: Arc<dyn Clock>, options: CacheOptions) -> Self {
        Self(Arc::new(Inner {
            source,
            clock,
            runtime: Handle::current(),
            memory: Memory::new(options.capacity),
            lease: Running::new(options.lease, Monotonic::now().into_std()),
            renewed: Notify::new(),
            flights: Flights::new(),
            usage: Usage::default(),
            keys: Recalls::default(),
            tokens: Recalls::default(),
        }))
    }

    /// Learns at the start which tokens were ended before their time.
    pub fn remember_revoked(&self, tokens: &[RevokedToken]) {
        self.0.memory.revoke(tokens);
    }

    pub(crate) fn keys_recalled(&self) -> &Recalls {
        &self.0.keys
    }

    pub(crate) fn tokens_recalled(&self) -> &Recalls {
        &self.0.tokens
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.0.memory
    }

    pub(crate) fn lease(&self) -> &Running {
        &self.0.lease
    }
}

#[async_trait]
impl CredentialUpkeep for CredentialCache {
    async fn write_down_use(&self, keys: &dyn KeyStore) -> Result<(), StoreError> {
        let mut used = self.0.usage.take();
        // In one order on every server, so that two that write the same keys wait for each other and never in a circle.
        used.sort();
        let mut left = used.chunks(USES_AT_ONCE);
        while let Some(some) = left.next() {
            if let Err(error) = keys.record_use(some.to_vec()).await {
                let unwritten = some.iter().chain(left.flatten());
                unwritten.for_each(|&(key, at)| self.0.usage.add(key, at));
                return Err(error);
            }
        }
        Ok(())
    }

    fn forget_expired_tokens(&self, now: Instant) {
        self.0.memory.forget_expired_tokens(now);
    }
}

#[async_trait]
impl Credentials for CredentialCache {
    fn recall_key(&self, handle: KeyHandle) -> Option<KeyCredential> {
        self.0.keys.count(self.0.lease.is_current(now).then(|| self.0.memory.recall_key(handle)).flatten())
    }

    async fn find_key(&self, handle: KeyHandle) -> Result<Option<KeyCredential>, StoreError> {
        self.0.current().await?;
        let Some(remembered) = self.0.memory.key_of(handle) else {
            let Record::Key(Some(key), account, agent) = self.0.look_up(Want::Handle(handle)).await? else {
                return Ok(None);
            };
            return Ok(KeyCredential::of(key, account, agent));
        };
        let key = remembered.key.clone();
        let (account, agent) = tokio::join!(self.0.account(key.account), self.0.agent(key.binding.agent()));
        Ok(KeyCredential::of(key, account?, agent?))
    }

    fn recall_standing(&self, subject: TokenSubject) -> Option<TokenStanding> {
        let is_current = self.0.lease.is_current(now);
        self.0.tokens.count(is_current.then(|| self.0.memory.recall_standing(subject)).flatten())
    }

    async fn find_standing(&self, subject: TokenSubject) -> Result<TokenStanding, StoreError> {
        self.0.current().await?;
        // All at once, so that what is missing is gathered into one query.
        let (key, agent, account) = tokio::join!(
            self.0.key(subject.key),
            self.0.agent(subject.agent),
            self.0.account(subject.account)
        );
        let (key, agent, account) = (key?, agent?, account?);
        // Last: it may have been ended while the others were looked up.
        let is_revoked = self.0.memory.is_revoked(subject.token);
        Ok(TokenStanding::of(subject, is_revoked, account, agent, key.as_deref()))
    }

    fn recall_agent(&self, id: AgentId) -> Option<AgentRecord> {
        self.0.lease.is_current(now).then(|| self.0.memory.agent(id))?
    }

    async fn find_agent(&self, id: AgentId) -> Result<Option<AgentRecord>, StoreError> {
        self.0.current().await?;
        self.0.agent(Some(id)).await
    }

    fn forget(&self, subject: Subject) {
        self.0.memory.end(subject);
    }

    fn key_used(&self, key: KeyId) {
        let at = self.0.clock.now();
        let minute = at.unix_seconds().div_euclid(60);
        let remembered = self.0.memory.key(key);
        if remembered.is_some_and(|remembered| remembered.used_in.swap(minute, Ordering::Relaxed) == minute) {
            return;
        }
        self.0.usage.add(key, at);
    }

    async fn up_to_date(&self) -> Result<(), StoreError> {
        let called = now();
        self.0.wait_until(|| self.0.lease.has_heard_since(called)).await
    }
}

impl Inner {
    /// Waits for a lease that has lapsed, a little.
    async fn current(&self) -> Result<(), StoreError> {
        self.wait_until(|| self.lease.is_current(now)).await
    }

    async fn wait_until(&self, is_so: impl Fn() -> bool) -> Result<(), StoreError> {
        let renewed = async {
            loop {
                let next = self.renewed.notified(); // Before looking, so that no renewal is missed in between.
                if is_so() {
                    return;
                }
                next.await;
            }
        };
        timeout(PATIENCE, renewed).await.map_err(|_elapsed| {
            StoreError::Unavailable("it is not known what other servers have ended".to_owned())
        })
    }

    async fn key(self: &Arc<Self>, id: Option<KeyId>) -> Result<Option<Arc<ApiKey>>, StoreError> {
        let Some(id) = id else { return Ok(None) };
        if let Some(remembered) = self.memory.key(id) {
            return Ok(Some(remembered.key.clone()));
        }
        match self.look_up(Want::Key(id)).await? {
            Record::Key(key, _, _) => Ok(key),
            Record::Agent(_) | Record::Account(_) => Ok(None),
        }
    }

    async fn agent(self: &Arc<Self>, id: Option<AgentId>) -> Result<Option<AgentRecord>, StoreError> {
        let Some(id) = id else { return Ok(None) };
        if let Some(remembered) = self.memory.agent(id) {
            return Ok(Some(remembered));
        }
        match self.look_up(Want::Agent(id)).await? {
            Record::Agent(agent) => Ok(agent),
            Record::Key(..) | Record::Account(_) => Ok(None),
        }
    }

    async fn account(self: &Arc<Self>, id: AccountId) -> Result<Option<AccountStanding>, StoreError> {
        if let Some(remembered) = self.memory.account(id) {
            return Ok(Some(remembered));
        }
        match self.look_up(Want::Account(id)).await? {
            Record::Account(account) => Ok(account),
            Record::Key(..) | Record::Agent(_) => Ok(None),
        }
    }

    async fn look_up(self: &Arc<Self>, want: Want) -> Landed {
        let (waiter, landed) = oneshot::channel();
        match self.flights.join(want, waiter, || self.memory.forgotten()) {
            Runner::Runs => {}
            Runner::MustStart => drop(self.runtime.spawn(run(Arc::clone(self)))),
            Runner::Overrun => return Err(StoreError::Busy),
        }
        match timeout(ANSWERED, landed).await {
            Ok(Ok(record)) => record,
            Ok(Err(_stopped)) => Err(StoreError::Unavailable("the server is shutting down".to_owned())),
            Err(_elapsed) => Err(StoreError::Unavailable("no answer in time".to_owned())),
        }
    }
}

/// Reads what has gathered, again and again, until nothing has.
async fn run(inner: Arc<Inner>) {
    let stopped = Stopped(&inner);
    let is_gone = |waiter: &oneshot::Sender<Landed>| waiter.is_closed();
    while let Some(wanted) = inner.flights.take_off(|| inner.memory.forgotten(), is_gone) {
        let notes = inner.memory.note();
        let read = inner.source.read(wanted).await;
        if let Ok(found) = &read {
            inner.memory.keep(found, &notes);
        }
        let flying = inner.flights.land();
        let is_shared = flying.len() > 1;
        for (want, waiters) in flying {
            let landed = match &read {
                // One row that nobody can read is no reason to refuse those that were asked for beside it.
                Err(StoreError::Corrupt(_)) if is_shared => {
                    inner.source.read(Wanted::from(want)).await.map(|found| record(&found, want))
                }
                Ok(found) => Ok(record(found, want)),
                Err(error) => Err(error.clone()),
            };
            for waiter in waiters {
                let _ = waiter.send(landed.clone()); // Whoever has gone away is told nothing.
            }
        }
    }
    std::mem::forget(stopped);
}

/// A runner that is dropped in the middle leaves nobody waiting for it.
struct Stopped<'a>(&'a Inner);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.flights.abandon();
    }
}

fn record(found: &Found, want: Want) -> Record {
    let account = |id| found.accounts.iter().find(|account| account.id == id).map(|one| one.standing);
    let agent = |id| found.agents.iter().find(|agent| agent.id == id).copied();
    match want {
        Want::Handle(handle) => match found.keys.iter().find(|key| key.handle == handle) {
            Some(key) => Record::Key(
                Some(Arc::new(key.clone())),
                account(key.account),
                key.binding.agent().and_then(agent),
            ),
            None => Record::Key(None, None, None),
        },
        Want::Key(id) => {
            let key = found.keys.iter().find(|key| key.id == id);
            Record::Key(key.cloned().map(Arc::new), None, None)
        }
        Want::Agent(id) => Record::Agent(agent(id)),
        Want::Account(id) => Record::Account(account(id)),
    }
}

impl RevocationListener for CredentialCache {
    fn ended(&self, revocations: &[Revocation]) {
        revocations.iter().for_each(|revocation| self.0.memory.end(revocation.subject));
    }

    fn ended_unknown(&self, revoked: &[RevokedToken]) {
        self.0.memory.clear(revoked);
    }

    fn signing_keys(&self, _: RevocationNumber, _: &[SigningKey]) -> Result<(), SigningKeysUnusable> {
        Ok(())
    }

    fn caught_up(&self, asked: std::time::Instant) {
        self.0.lease.extend(asked);
        self.0.renewed.notify_waiters();
    }
}

pub(crate) fn now() -> std::time::Instant {
    Monotonic::now().into_std()
}
