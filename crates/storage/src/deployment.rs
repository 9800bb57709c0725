//! Which master key the database belongs to.

use async_trait::async_trait;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::select;
use keyward_domain::deployment::{DeploymentStore, FoundDeploymentError};
use keyward_domain::secret::Digest;
use keyward_domain::store::StoreError;

use crate::Store;
use crate::connection::AnyConnection;
use crate::error::{Abort, Corrupt, DEPLOYMENT};
use crate::native::table_exists;
use crate::rows::digest;
use crate::schema::{accounts, api_keys, audit_events, deployment, signing_keys};

/// The one row's id.
const ONLY: i64 = 1;

/// A database that was restored in part.
const ORPHANED: &str =
    "deployment.master_key_fingerprint is missing, and there is data that was made under it";

#[async_trait]
impl DeploymentStore for Store {
    async fn master_key_fingerprint(&self) -> Result<Option<Digest>, StoreError> {
        self.db.read(fingerprint).await
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

/// The fingerprint of the master key that a database was founded with.
pub(crate) fn fingerprint(connection: &mut AnyConnection) -> Result<Option<Digest>, Abort<StoreError>> {
    // In this order: another node that starts at the same time writes its fingerprint before anything else, so whatever is
    // there now was made under a fingerprint that can be read now.
    let is_in_use = is_in_use(connection)?;
    match (stored_fingerprint(connection)?, is_in_use) {
        (Some(bytes), _) => Ok(Some(digest("deployment.master_key_fingerprint", &bytes)?)),
        (None, false) => Ok(None),
        // Security: founded anew, it would get a master key that opens nothing of this.
        (None, true) => Err(Corrupt(ORPHANED.to_owned()).into()),
    }
}

fn stored_fingerprint(connection: &mut AnyConnection) -> QueryResult<Option<Vec<u8>>> {
    if !table_exists(connection, "deployment")? {
        return Ok(None);
    }
    deployment::table.find(ONLY).select(deployment::master_key_fingerprint).first(connection).optional()
}

/// Whether anything was ever made under a master key. Without a schema there is nothing.
fn is_in_use(connection: &mut AnyConnection) -> QueryResult<bool> {
    macro_rules! holds {
        ($table:ident) => {
            table_exists(connection, stringify!($table))?
                && select(exists($table::table.select($table::all_columns))).get_result::<bool>(connection)?
        };
    }

    Ok(holds!(accounts) || holds!(api_keys) || holds!(signing_keys) || holds!(audit_events))
}
