//! What the checks of credentials read: many at a time, in one hop.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::credentials::{AccountRecord, AgentRecord, CredentialSource, Found, Wanted};
use keyward_domain::keys::KeyHandle;
use keyward_domain::store::StoreError;

use crate::Store;
use crate::connection::AnyConnection;
use crate::error::Abort;
use crate::rows::{AccountStandingRow, AgentStandingRow, KeyRow};
use crate::schema::{accounts, agents, api_keys, revoked_tokens};
use crate::types::StoredId;

/// A query's outcome in a job that asks for credentials.
type Read<T = ()> = Result<T, Abort<StoreError>>;

#[async_trait]
impl CredentialSource for Store {
    /// One query for all handles, which is what most look-ups are, and one for each other kind that is wanted at all.
    async fn read(&self, wanted: Wanted) -> Result<Found, StoreError> {
        self.db
            .read(move |connection| {
                let mut found = Found::default();
                by_handle(connection, &wanted.handles, &mut found)?;
                keys(connection, &ids(&wanted.keys), &mut found)?;
                agents(connection, &ids(&wanted.agents), &mut found)?;
                accounts(connection, &ids(&wanted.accounts), &mut found)?;
                revoked(connection, &ids(&wanted.tokens), &mut found)?;
                Ok(found)
            })
            .await
    }
}

fn ids<T: Copy + Into<StoredId>>(ids: &[T]) -> Vec<StoredId> {
    ids.iter().map(|&id| id.into()).collect()
}

fn by_handle(connection: &mut AnyConnection, handles: &[KeyHandle], found: &mut Found) -> Read {
    if handles.is_empty() {
        return Ok(());
    }
    let handles: Vec<&str> = handles.iter().map(KeyHandle::as_str).collect();
    let rows: Vec<(KeyRow, AccountStandingRow, Option<AgentStandingRow>)> = api_keys::table
        .inner_join(accounts::table.on(accounts::id.eq(api_keys::account_id)))
        .left_join(agents::table.on(agents::id.nullable().eq(api_keys::agent_id)))
        .filter(api_keys::handle.eq_any(handles))
        .select((
            KeyRow::as_select(),
            AccountStandingRow::as_select(),
            Option::<AgentStandingRow>::as_select(),
        ))
        .load(connection)?;
    for (key, account, agent) in rows {
        found.keys.push(key.try_into()?);
        found.accounts.push(AccountRecord::try_from(account)?);
        if let Some(agent) = agent {
            found.agents.push(AgentRecord::try_from(agent)?);
        }
    }
    Ok(())
}

fn keys(connection: &mut AnyConnection, ids: &[StoredId], found: &mut Found) -> Read {
    if !ids.is_empty() {
        let wanted = api_keys::table.filter(api_keys::id.eq_any(ids)).select(KeyRow::as_select());
        for row in wanted.load(connection)? {
            found.keys.push(row.try_into()?);
        }
    }
    Ok(())
}

fn agents(connection: &mut AnyConnection, ids: &[StoredId], found: &mut Found) -> Read {
    if !ids.is_empty() {
        let wanted = agents::table.filter(agents::id.eq_any(ids)).select(AgentStandingRow::as_select());
        for row in wanted.load(connection)? {
            found.agents.push(row.try_into()?);
        }
    }
    Ok(())
}

fn accounts(connection: &mut AnyConnection, ids: &[StoredId], found: &mut Found) -> Read {
    if !ids.is_empty() {
        let wanted = accounts::table.filter(accounts::id.eq_any(ids)).select(AccountStandingRow::as_select());
        for row in wanted.load(connection)? {
            found.accounts.push(row.try_into()?);
        }
    }
    Ok(())
}

fn revoked(connection: &mut AnyConnection, ids: &[StoredId], found: &mut Found) -> Read {
    if !ids.is_empty() {
        let wanted = revoked_tokens::table.filter(revoked_tokens::id.eq_any(ids)).select(revoked_tokens::id);
        let revoked: Vec<StoredId> = wanted.load(connection)?;
        found.revoked_tokens.extend(revoked.into_iter().map(Into::<keyward_domain::ids::TokenId>::into));
    }
    Ok(())
}
