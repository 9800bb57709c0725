//! What servers tell one another of general traffic, by Redis: what each has taken, added up, in the background.
//!
//! A request asks nobody. Ten times a second each server sends what it took of each bucket since the last time, and
//! hears the full time that all of them together have brought about. So a limit is overrun by what arrives at the other
//! servers in a tenth of a second, and what was overrun is owed: the bucket is refused until it has come back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use keyward_domain::limits::{LimitMac, NotShared, TrafficExchange};
use keyward_domain::secret::Secret;
use keyward_domain::time::Instant;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Pipeline, RedisError};

use crate::traffic::{Taken, TrafficMemory};

/// How many buckets are exchanged at most at one time. The rest waits for the next.
const MOST: usize = 20_000;
/// How many go in one message: some milliseconds of Redis, in which nobody else has a turn.
const MESSAGE: usize = 500;
/// How long Redis may take to accept and to answer.
const PATIENCE: Duration = Duration::from_millis(500);
/// What stands before each name, since others may use the same Redis.
const PREFIX: &[u8] = b"keyward:limit:";

/// The quota's arithmetic in Redis: from the full time that is kept, the moment, what was taken and the window to the
/// new full time. A full time that is further ahead than it can be is from before a clock was stepped back. What is
/// kept lives until the bucket is full, and a second longer, since clocks differ.
const ADD: &str = "\
local now, taken, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local most = now + 2 * window
local full = tonumber(redis.call('GET', KEYS[1]) or now)
if full > most then full = now + window end
full = math.min(math.max(full, now) + taken, most)
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1000)
return full";

/// The text is no URL of a Redis. Never repeats it: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be redis://HOST:PORT or redis://USER:PASSWORD@HOST:PORT/DATABASE")]
pub struct InvalidRedisUrl;

/// Tells other servers what was taken here, and hears what they took.
///
/// Security: buckets go by their MACs, so that Redis learns no address. Whoever can write to it can hold anybody up, and
/// let nobody have more than this server gives by itself.
pub struct RedisExchange {
    traffic: Arc<TrafficMemory>,
    mac: Arc<dyn LimitMac>,
    client: Client,
    connection: Mutex<Option<MultiplexedConnection>>,
}

/// Whether the text is the URL of a Redis.
pub fn check_redis_url(url: &str) -> Result<(), InvalidRedisUrl> {
    client(url).map(drop)
}

fn client(url: &str) -> Result<Client, InvalidRedisUrl> {
    if !url.starts_with("redis://") {
        return Err(InvalidRedisUrl);
    }
    Client::open(url).map_err(|_| InvalidRedisUrl)
}

impl RedisExchange {
    /// Between these counters and those of the other servers. Connects when it is first used.
    pub fn new(
        traffic: Arc<TrafficMemory>,
        mac: Arc<dyn LimitMac>,
        url: &Secret<String>,
    ) -> Result<Self, InvalidRedisUrl> {
        let client = client(url.expose())?;
        traffic.note();
        Ok(Self { traffic, mac, client, connection: Mutex::new(None) })
    }

    async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        self.client.get_multiplexed_async_connection_with_config(&config).await
    }

    /// Takes the connection out, or makes one. It is put back when it has proved good.
    async fn connection(&self) -> Result<MultiplexedConnection, RedisError> {
        let kept = self.connection.lock().unwrap_or_else(PoisonError::into_inner).take();
        match kept {
            Some(connection) => Ok(connection),
            None => self.connect().await,
        }
    }

    async fn send(&self, all: &[Taken], now: Instant) -> Result<(), RedisError> {
        let mut connection = self.connection().await?;
        for part in all.chunks(MESSAGE) {
            let full: Vec<i64> = self.message(part, now).query_async(&mut connection).await?;
            for (taken, full_at) in part.iter().zip(full) {
                if let Ok(full_at) = Instant::from_unix_micros(full_at) {
                    self.traffic.merge(taken.bucket, taken.quota, full_at);
                }
            }
        }
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
        Ok(())
    }

    /// The script goes with each message, so that a Redis that was restarted knows it.
    fn message(&self, part: &[Taken], now: Instant) -> Pipeline {
        let script = redis::Script::new(ADD);
        let mut message = redis::pipe();
        message.cmd("SCRIPT").arg("LOAD").arg(ADD).ignore();
        for taken in part {
            let name = [PREFIX, self.mac.mac(&taken.bucket.bytes()).as_bytes().as_slice()].concat();
            let micros = taken.quota.interval_micros().saturating_mul(taken.number.into());
            let window = taken.quota.window_micros();
            message.cmd("EVALSHA").arg(script.get_hash()).arg(1).arg(name);
            message.arg(now.unix_micros()).arg(micros.min(2 * window)).arg(window);
        }
        message
    }
}

#[async_trait]
impl TrafficExchange for RedisExchange {
    /// What could not be told is not told later: it would count once more what has come back since.
    async fn exchange(&self, now: Instant) -> Result<(), NotShared> {
        let taken = self.traffic.collect(MOST);
        self.send(&taken, now).await.map_err(|error| not_shared(&error))
    }
}

/// Security: by the kind and Redis's own code alone, since the rest may repeat what was sent.
fn not_shared(error: &RedisError) -> NotShared {
    NotShared(match error.code() {
        Some(code) => format!("Redis: {} ({code})", error.category()),
        None => format!("Redis: {}", error.category()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_k1_a_url_that_is_refused_is_not_repeated() {
        for url in ["rediss://:hunter2@cache.example", "redis://:hunter2@cache.example/x", "hunter2"] {
            let refused = check_redis_url(url).unwrap_err();
            assert!(!refused.to_string().contains("hunter2"));
        }
        for url in ["redis://cache.example", "redis://:hunter2@cache.example:6380/3"] {
            assert_eq!(check_redis_url(url), Ok(()));
        }
    }
}
