//! The health of the store in memory.

use async_trait::async_trait;
use keyward_domain::store::{StoreError, StoreHealth};

use super::MemoryStore;

#[async_trait]
impl StoreHealth for MemoryStore {
    async fn ready(&self) -> Result<(), StoreError> {
        self.step("StoreHealth::ready", |_| Ok(()))
    }
}
