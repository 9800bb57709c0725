//! The deployment in memory.

use async_trait::async_trait;
use keyward_domain::deployment::{DeploymentStore, FoundDeploymentError};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;

use super::MemoryStore;

#[async_trait]
impl DeploymentStore for MemoryStore {
    async fn master_key_fingerprint(&self) -> Result<Option<Digest>, StoreError> {
        self.step("DeploymentStore::master_key_fingerprint", |state| match state.master_key_fingerprint {
            None if state.is_in_use() => Err(StoreError::Corrupt(
                "there is data, and no fingerprint of the master key that it was made under".to_owned(),
            )),
            fingerprint => Ok(fingerprint),
        })
    }

    async fn found(&self, master_key_fingerprint: Digest) -> Result<(), FoundDeploymentError> {
        self.step("DeploymentStore::found", |state| match state.master_key_fingerprint {
            Some(_) => Err(FoundDeploymentError::AlreadyFounded),
            None => {
                state.master_key_fingerprint = Some(master_key_fingerprint);
                Ok(())
            }
        })
    }
}
