//! Keys on either database.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::accounts::AccountStanding;
use keyward_domain::agents::AgentStanding;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{KeyCredential, KeyHandle, KeyStore, RevocationReason};
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::audit::append;
use crate::revocations::Ended;
use crate::rows::{AccountStandingRow, AgentStandingRow, KeyRow};
use crate::schema::{accounts, agents, api_keys};
use crate::types::{StoredId, StoredInstant};

#[async_trait]
impl KeyStore for Store {
    async fn find_credential(&self, handle: KeyHandle) -> Result<Option<KeyCredential>, StoreError> {
        self.db
            .read(move |connection| {
                let row: Option<(KeyRow, AccountStandingRow, Option<AgentStandingRow>)> = api_keys::table
                    .inner_join(accounts::table.on(accounts::id.eq(api_keys::account_id)))
                    .left_join(agents::table.on(agents::id.nullable().eq(api_keys::agent_id)))
                    .filter(api_keys::handle.eq(handle.as_str()))
                    .select((
                        KeyRow::as_select(),
                        AccountStandingRow::as_select(),
                        Option::<AgentStandingRow>::as_select(),
                    ))
                    .first(connection)
                    .optional()?;
                let Some((key, account, agent)) = row else {
                    return Ok(None);
                };
                Ok(Some(KeyCredential {
                    key: key.try_into()?,
                    account: AccountStanding::try_from(account)?,
                    agent: agent.map(AgentStanding::try_from).transpose()?,
                }))
            })
            .await
    }

    async fn revoke(
        &self,
        id: KeyId,
        at: Instant,
        reason: RevocationReason,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.db
            .end(move |connection| {
                let is_active = api_keys::revoked_at.is_null();
                let revoked = diesel::update(
                    api_keys::table.filter(api_keys::id.eq(StoredId::from(id)).and(is_active)),
                )
                .set((
                    api_keys::revoked_at.eq(StoredInstant::from(at)),
                    api_keys::revoked_reason.eq(reason.as_str()),
                ))
                .execute(connection)?;
                if revoked != 1 {
                    return Ok(Ended::nothing(false));
                }
                append(connection, &event)?;
                Ok(Ended::of(true, Subject::Key(id)))
            })
            .await
    }
}
