//! What limits are counted by: in the database where servers share one, else in memory; and the Redis between them.

use std::sync::Arc;

use keyward_domain::limits::{CounterUpkeep, ExactLimiter, LimitMac, TrafficExchange};
use keyward_domain::metrics::Measured;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;
use keyward_limits::{ExactMemory, InvalidRedisUrl, RedisExchange, TrafficMemory};
use keyward_storage::Store;

use crate::config::{Config, ConfigError, Sourced};
use crate::founding::StartError;

/// The most counters that guard credentials in the memory of a server that is alone: some 15 MiB.
const COUNTERS: usize = 100_000;

/// What counts that which guards credentials: the database where servers share one, else memory that is written down.
pub(super) struct Counters {
    pub(super) limiter: Arc<dyn ExactLimiter>,
    pub(super) upkeep: Arc<dyn CounterUpkeep>,
    /// What tells of them, where they are in memory.
    pub(super) measured: Option<Arc<dyn Measured>>,
}

impl Counters {
    /// Reads what an earlier run has kept.
    pub(super) async fn open(
        store: &Store,
        mac: &Arc<dyn LimitMac>,
        now: Instant,
    ) -> Result<Self, StoreError> {
        if let Some(shared) = store.shared_counters(mac.clone()) {
            let shared = Arc::new(shared);
            return Ok(Self { limiter: shared.clone(), upkeep: shared, measured: None });
        }
        let memory = ExactMemory::load(Arc::new(store.clone()), mac.clone(), COUNTERS, now).await?;
        let memory = Arc::new(memory);
        Ok(Self { limiter: memory.clone(), upkeep: memory.clone(), measured: Some(memory) })
    }
}

/// Between this server's traffic and that of others, where there is a Redis for it. It need not be there yet.
pub(super) fn exchange(
    config: &Config,
    traffic: &Arc<TrafficMemory>,
    mac: &Arc<dyn LimitMac>,
) -> Result<Option<Arc<dyn TrafficExchange>>, StartError> {
    let Some(Sourced { value, origin }) = &config.redis_url else {
        return Ok(None);
    };
    let refuse = |error: InvalidRedisUrl| ConfigError { origin: origin.clone(), why: error.to_string() };
    let exchange = RedisExchange::new(traffic.clone(), mac.clone(), value).map_err(refuse)?;
    Ok(Some(Arc::new(exchange)))
}

/// Whether the text is the URL of a Redis.
pub(crate) fn check_redis_url(text: &str) -> Result<(), String> {
    keyward_limits::check_redis_url(text).map_err(|error| error.to_string())
}
