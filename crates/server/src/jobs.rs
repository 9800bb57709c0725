//! What the server does by itself, now and then. Each job can run on any number of servers at the same time.

use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use keyward_domain::Domain;
use keyward_domain::accounts::AccountService;
use keyward_domain::credentials::CredentialUpkeep;
use keyward_domain::idempotency::IdempotencyService;
use keyward_domain::keys::KeyStore;
use keyward_domain::limits::{CounterUpkeep, TrafficExchange};
use keyward_domain::revocations::{RevocationLog, RevocationNumber};
use keyward_domain::sessions::SessionService;
use keyward_domain::single_use::SingleUseTokenService;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::tokens::{RotateSigningKeysError, SigningKeyService};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, sleep};

use crate::reach::Reach;
use crate::supply_file::{SupplyFileError, SupplyWatch};

/// How often the last uses of keys are written down.
const FLUSH: Duration = Duration::from_secs(10);
/// How often the log of revocations is cut.
const CUT: Duration = Duration::from_secs(600);
/// How often expired single-use tokens and sessions are forgotten.
const FORGETTING: Duration = Duration::from_secs(3_600);
/// How often the schemes of stored passwords are looked at.
const LOOKING: Duration = Duration::from_secs(3_600);
/// How often the file is looked at whose figures are published.
const SUPPLY: Duration = Duration::from_secs(2);
/// How often signing keys are looked at.
const ROTATION: Duration = Duration::from_secs(60);
/// How often the counters that guard credentials are written down, and those deleted that are over.
const COUNT: Duration = Duration::from_secs(1);
/// How often servers tell one another of general requests.
const EXCHANGE: Duration = Duration::from_millis(100);
/// How often at least what does not answer is asked again.
const SELDOM: Duration = Duration::from_secs(5);
/// How many revocations stay in the log. A server that is further behind forgets everything instead of reading them.
const KEPT: i64 = 100_000;

/// The jobs of one server.
#[derive(Clone)]
pub struct Jobs {
    cache: Arc<dyn CredentialUpkeep>,
    keys: Arc<dyn KeyStore>,
    log: Arc<dyn RevocationLog>,
    signing_keys: SigningKeyService,
    accounts: AccountService,
    single_use_tokens: SingleUseTokenService,
    sessions: SessionService,
    idempotency: IdempotencyService,
    limits: LimitJobs,
    supply: Option<SupplyWatch>,
    clock: Arc<dyn Clock>,
}

/// What is done for limits.
#[derive(Clone)]
pub(crate) struct LimitJobs {
    /// Keeps what guards credentials in order.
    pub(crate) counters: Arc<dyn CounterUpkeep>,
    /// Between this server and others, if there is anything.
    pub(crate) exchange: Option<Arc<dyn TrafficExchange>>,
}

impl Jobs {
    pub(crate) fn new<S>(
        cache: Arc<dyn CredentialUpkeep>,
        store: Arc<S>,
        domain: &Domain,
        limits: LimitJobs,
        clock: Arc<dyn Clock>,
    ) -> Self
    where
        S: KeyStore + RevocationLog + 'static,
    {
        Self {
            cache,
            keys: store.clone(),
            log: store,
            signing_keys: domain.signing_keys.clone(),
            accounts: domain.accounts.clone(),
            single_use_tokens: domain.single_use_tokens.clone(),
            sessions: domain.sessions.clone(),
            idempotency: domain.idempotency.clone(),
            limits,
            supply: None,
            clock,
        }
    }

    /// The same, and it looks at this file.
    pub(crate) fn watching(self, supply: Option<SupplyWatch>) -> Self {
        Self { supply, ..self }
    }

    /// Does each job at its time, for ever. Those of limits wait for no other.
    pub(crate) async fn run(self) {
        tokio::join!(self.run_chores(), self.run_counters(), self.run_exchange());
    }

    /// Does the last of what must not be lost, when no request comes any more.
    pub(crate) async fn finish(&self) {
        attempt("flush uses", self.flush_use()).await;
        attempt("keep counters", self.keep_counters()).await;
    }

    async fn run_counters(&self) {
        let mut reach = Reach::new("the store of counters", COUNT, SELDOM);
        loop {
            sleep(reach.pause()).await;
            reach.heard(caught(self.keep_counters()).await);
        }
    }

    async fn run_exchange(&self) {
        let Some(exchange) = &self.limits.exchange else { return };
        let mut reach = Reach::new("what servers share of general limits", EXCHANGE, SELDOM);
        loop {
            sleep(reach.pause()).await;
            reach.heard(caught(exchange.exchange(self.clock.now())).await);
        }
    }

    async fn run_chores(&self) {
        let mut flush = interval(FLUSH);
        // Not at once: a clock that is wrong at the start is often put right soon.
        let mut cut = interval_at(Instant::now() + CUT, CUT);
        let mut rotation = interval(ROTATION);
        let mut forgetting = interval_at(Instant::now() + FORGETTING, FORGETTING);
        let mut passwords = interval(LOOKING);
        let mut supply = interval(SUPPLY);
        for timer in [&mut flush, &mut cut, &mut rotation, &mut forgetting, &mut passwords, &mut supply] {
            timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            tokio::select! {
                _ = flush.tick() => attempt("flush uses", self.flush_use()).await,
                _ = cut.tick() => attempt("cut the log", self.cut_log()).await,
                _ = supply.tick() => attempt("publish the supply", self.publish_supply()).await,
                _ = passwords.tick() => attempt("look at passwords", self.look_at_passwords()).await,
                _ = forgetting.tick() => self.forget_what_is_over().await,
                _ = rotation.tick() => attempt("rotate signing keys", self.rotate_signing_keys()).await,
            }
        }
    }

    /// Writes down when keys were last used.
    pub async fn flush_use(&self) -> Result<(), StoreError> {
        self.cache.write_down_use(&*self.keys).await
    }

    /// Writes down what guards credentials, and deletes what is over.
    pub async fn keep_counters(&self) -> Result<(), StoreError> {
        self.limits.counters.keep_up(self.clock.now()).await
    }

    /// Moves signing keys on that are due.
    pub async fn rotate_signing_keys(&self) -> Result<(), RotateSigningKeysError> {
        for step in self.signing_keys.advance().await? {
            tracing::info!(?step, "signing keys rotate");
        }
        Ok(())
    }

    /// Publishes what the file of the supply says, if that is something else than before.
    pub async fn publish_supply(&self) -> Result<(), SupplyFileError> {
        match &self.supply {
            Some(file) => file.look().await,
            None => Ok(()),
        }
    }

    /// Finds out which schemes of password hashes are stored.
    pub async fn look_at_passwords(&self) -> Result<(), StoreError> {
        self.accounts.look_at_passwords().await
    }

    /// Forgets what has expired and is asked for by nobody.
    async fn forget_what_is_over(&self) {
        attempt("forget tokens", self.forget_single_use_tokens()).await;
        attempt("forget answers", self.forget_answers()).await;
        attempt("forget sessions", self.forget_sessions()).await;
    }

    /// Forgets what was answered to requests that cannot be repeated any more.
    pub async fn forget_answers(&self) -> Result<(), StoreError> {
        self.idempotency.forget_expired().await
    }

    /// Forgets single-use tokens that expired long ago.
    pub async fn forget_single_use_tokens(&self) -> Result<(), StoreError> {
        self.single_use_tokens.forget_expired().await
    }

    /// Forgets sessions that are over.
    pub async fn forget_sessions(&self) -> Result<(), StoreError> {
        self.sessions.forget_ended().await
    }

    /// Forgets revocations that every server has heard of long ago.
    pub async fn cut_log(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.cache.forget_expired_tokens(now);
        let kept_from = self.log.head().await?.last.get().saturating_sub(KEPT);
        self.log.forget(RevocationNumber::new(kept_from), now).await
    }
}

/// Does a job once. One that fails or panics is tried again at its next time, and stops no other.
async fn attempt<E: Display>(job: &str, work: impl Future<Output = Result<(), E>>) {
    if let Err(error) = caught(work).await {
        tracing::warn!(job, %error, "a job was not done and is tried again later");
    }
}

/// Does something once. If it panics that is a failure too.
async fn caught<E: Display>(work: impl Future<Output = Result<(), E>>) -> Result<(), String> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_panic) => Err("it panicked".to_owned()),
    }
}
