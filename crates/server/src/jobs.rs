//! What the server does by itself, now and then. Each job can run on any number of servers at the same time.

use std::sync::Arc;
use std::time::Duration;

use keyward_domain::credentials::CredentialUpkeep;
use keyward_domain::keys::KeyStore;
use keyward_domain::revocations::{RevocationLog, RevocationNumber};
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::tokens::SigningKeyService;
use tokio::time::{MissedTickBehavior, interval};

/// How often the last uses of keys are written down.
const FLUSH: Duration = Duration::from_secs(10);
/// How often the log of revocations is cut.
const CUT: Duration = Duration::from_secs(600);
/// How often signing keys are looked at.
const ROTATION: Duration = Duration::from_secs(60);
/// How many revocations stay in the log. A server that is further behind forgets everything instead of reading them.
const KEPT: i64 = 100_000;

/// The jobs of one server.
#[derive(Clone)]
pub struct Jobs {
    cache: Arc<dyn CredentialUpkeep>,
    keys: Arc<dyn KeyStore>,
    log: Arc<dyn RevocationLog>,
    signing_keys: SigningKeyService,
    clock: Arc<dyn Clock>,
}

impl Jobs {
    pub(crate) fn new<S>(
        cache: Arc<dyn CredentialUpkeep>,
        store: Arc<S>,
        signing_keys: SigningKeyService,
        clock: Arc<dyn Clock>,
    ) -> Self
    where
        S: KeyStore + RevocationLog + 'static,
    {
        Self { cache, keys: store.clone(), log: store, signing_keys, clock }
    }

    /// Does each job at its time, for ever.
    pub(crate) async fn run(self) {
        let (mut flush, mut cut, mut rotation) = (interval(FLUSH), interval(CUT), interval(ROTATION));
        for timer in [&mut flush, &mut cut, &mut rotation] {
            timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            let (job, done) = tokio::select! {
                _ = flush.tick() => ("flush uses", self.flush_use().await.map_err(|error| error.to_string())),
                _ = cut.tick() => ("cut the log", self.cut_log().await.map_err(|error| error.to_string())),
                _ = rotation.tick() => ("rotate signing keys", self.rotate_signing_keys().await),
            };
            if let Err(error) = done {
                tracing::warn!(job, %error, "a job was not done and is tried again later");
            }
        }
    }

    /// Writes down when keys were last used.
    pub async fn flush_use(&self) -> Result<(), StoreError> {
        self.cache.write_down_use(&*self.keys).await
    }

    /// Moves signing keys on that are due.
    pub async fn rotate_signing_keys(&self) -> Result<(), String> {
        for step in self.signing_keys.advance().await.map_err(|error| error.to_string())? {
            tracing::info!(?step, "signing keys rotate");
        }
        Ok(())
    }

    /// Forgets revocations that every server has heard of long ago.
    pub async fn cut_log(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        self.cache.forget_expired_tokens(now);
        let kept_from = self.log.head().await?.last.get().saturating_sub(KEPT);
        self.log.forget(RevocationNumber::new(kept_from), now).await
    }
}
