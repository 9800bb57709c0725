//! Adapter: counts what subjects have had, in memory and shared between servers.

mod memory;

pub use memory::MemoryLimits;
