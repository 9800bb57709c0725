//! Agents on either database.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::agents::{Agent, AgentStore};
use keyward_domain::ids::{AccountId, AgentId};
use keyward_domain::store::StoreError;

use crate::Store;
use crate::rows::AgentRow;
use crate::schema::agents;
use crate::types::StoredId;

#[async_trait]
impl AgentStore for Store {
    async fn find(&self, account: AccountId, id: AgentId) -> Result<Option<Agent>, StoreError> {
        self.db
            .read(move |connection| {
                let row = agents::table
                    .filter(
                        agents::id.eq(StoredId::from(id)).and(agents::account_id.eq(StoredId::from(account))),
                    )
                    .select(AgentRow::as_select())
                    .first(connection)
                    .optional()?;
                Ok(row.map(Agent::try_from).transpose()?)
            })
            .await
    }
}
