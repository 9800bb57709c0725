//! Whether the database can be used at all.

use async_trait::async_trait;
use keyward_domain::store::{StoreError, StoreHealth};

use crate::Store;
use crate::error::Abort;
use crate::migrate;

#[async_trait]
impl StoreHealth for Store {
    /// A schema that another node has expanded in the meantime is still the one this program was built for:
    /// expanding takes nothing away.
    async fn ready(&self) -> Result<(), StoreError> {
        self.db
            .read(move |connection| match migrate::pending(connection)?.first() {
                None => Ok(()),
                Some(name) => {
                    Err(Abort::Refused(StoreError::Unavailable(format!("migration {name} is pending"))))
                }
            })
            .await
    }
}
