//! Which master key the database belongs to.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::deployment::{DeploymentStore, FoundDeploymentError};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;

use crate::Store;
use crate::error::{Corrupt, DEPLOYMENT};
use crate::native::table_exists;
use crate::schema::deployment;

/// The one row's id.
const ONLY: i64 = 1;

#[async_trait]
impl DeploymentStore for Store {
    async fn master_key_fingerprint(&self) -> Result<Option<Digest>, StoreError> {
        self.db
            .read(move |connection| {
                if !table_exists(connection, "deployment")? {
                    return Ok(None);
                }
                let row: Option<Vec<u8>> = deployment::table
                    .find(ONLY)
                    .select(deployment::master_key_fingerprint)
                    .first(connection)
                    .optional()?;
                let Some(bytes) = row else {
                    return Ok(None);
                };
                let digest = <[u8; 32]>::try_from(bytes)
                    .map_err(|_| Corrupt("deployment.master_key_fingerprint is unreadable".to_owned()))?;
                Ok(Some(Digest::new(digest)))
            })
            .await
    }

    async fn found(&self, master_key_fingerprint: Digest) -> Result<(), FoundDeploymentError> {
        self.db
            .write(move |connection| {
                let fingerprint = master_key_fingerprint.as_bytes().as_slice();
                diesel::insert_into(deployment::table)
                    .values((deployment::id.eq(ONLY), deployment::master_key_fingerprint.eq(fingerprint)))
                    .execute(connection)
                    .map_err(DEPLOYMENT.means(FoundDeploymentError::AlreadyFounded))?;
                Ok(())
            })
            .await
    }
}
