//! Adapter: counts what subjects have had, in memory and shared between servers.
//!
//! | file | port | what it does |
//! |---|---|---|
//! | [`traffic`](TrafficMemory) | `TrafficLimiter` | general traffic: in this server's memory, bounded, forgotten with it |
//! | [`shared`](RedisExchange) | `TrafficExchange` | tells other servers by Redis what passed here, and hears what passed there |
//! | [`exact`](ExactMemory) | `ExactLimiter`, `CounterUpkeep` | what guards credentials, for the one server of a SQLite database |
//!
//! On PostgreSQL the exact counters are the database's own, in the storage adapter. The arithmetic is the domain's
//! everywhere.

mod exact;
mod measured;
mod shared;
mod traffic;

pub use exact::ExactMemory;
pub use shared::{InvalidRedisUrl, RedisExchange, check_redis_url};
pub use traffic::TrafficMemory;
