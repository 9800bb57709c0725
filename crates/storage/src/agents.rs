//! Agents on either database.

use async_trait::async_trait;
use diesel::alias;
use diesel::prelude::*;
use keyward_domain::agents::{
    Agent, AgentChanges, AgentCursor, AgentPage, AgentProfile, AgentStore, CreateAgentRefused,
    KeyReplacement, NewAgent, ReplaceKeyRefused,
};
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::{AgentId, KeyId};
use keyward_domain::keys::{ApiKey, RevocationReason};
use keyward_domain::principal::Owner;
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::audit::append;
use crate::connection::{AnyConnection, MultiBackend};
use crate::error::{Abort, Corrupt, HANDLE, orphan_means};
use crate::idempotency::{self, Refusals};
use crate::native::{is_let_in, lock_account};
use crate::revocations::Ended;
use crate::rows::{AgentChangesRow, AgentRow, KeyRow};
use crate::schema::{agents, api_keys};
use crate::types::{StoredId, StoredInstant};

/// Those of the owner's agents that meet a condition: every statement of this file goes through here or says the
/// same three conditions itself.
macro_rules! owned {
    ($owner:expr) => {
        agents::account_id
            .eq(StoredId::from($owner.account))
            .and(agents::environment.eq($owner.environment.as_str()))
    };
}

alias!(const OWN_KEYS: Alias<OwnKeys> = api_keys as own_keys);

/// Agents, each beside its newest key, an active one before any that is revoked: one look into the index for each
/// agent, in one statement.
macro_rules! profiles {
    () => {{
        let own = OWN_KEYS;
        let newest = own
            .filter(own.field(api_keys::agent_id).eq(agents::id.nullable()))
            .order((
                own.field(api_keys::revoked_at).is_null().desc(),
                own.field(api_keys::created_at).desc(),
                own.field(api_keys::id).desc(),
            ))
            .select(own.field(api_keys::id))
            .single_value();
        agents::table
            .left_join(api_keys::table.on(api_keys::id.nullable().eq(newest)))
            .select((AgentRow::as_select(), Option::<KeyRow>::as_select()))
    }};
}

#[async_trait]
impl AgentStore for Store {
    async fn find(&self, owner: Owner, id: AgentId) -> Result<Option<Agent>, StoreError> {
        self.db
            .read(move |connection| {
                let row = agents::table
                    .filter(agents::id.eq(StoredId::from(id)).and(owned!(owner)))
                    .select(AgentRow::as_select())
                    .first(connection)
                    .optional()?;
                Ok(row.map(Agent::try_from).transpose()?)
            })
            .await
    }

    async fn find_profile(&self, owner: Owner, id: AgentId) -> Result<Option<AgentProfile>, StoreError> {
        self.db
            .read(move |connection| {
                let found: Option<(AgentRow, Option<KeyRow>)> = profiles!()
                    .filter(agents::id.eq(StoredId::from(id)).and(owned!(owner)))
                    .first(connection)
                    .optional()?;
                Ok(found.map(profile).transpose()?)
            })
            .await
    }

    async fn list(&self, owner: Owner, page: AgentPage) -> Result<Vec<AgentProfile>, StoreError> {
        self.db
            .read(move |connection| {
                // Pages go by key everywhere else. Here the vendor's clients send an offset, and it counts one
                // account's own agents only.
                let mut query = profiles!()
                    .filter(owned!(owner))
                    .order((agents::created_at.asc(), agents::id.asc()))
                    .limit(page.limit().into())
                    .offset(page.offset().into())
                    .into_boxed::<MultiBackend>();
                if !page.include_archived() {
                    query = query.filter(agents::status.eq("active"));
                }
                let mut listed = Vec::new();
                for row in query.load::<(AgentRow, Option<KeyRow>)>(connection)? {
                    listed.push(profile(row)?);
                }
                Ok(listed)
            })
            .await
    }

    async fn newest(
        &self,
        owner: Owner,
        after: Option<AgentCursor>,
        limit: u16,
    ) -> Result<Vec<Agent>, StoreError> {
        self.db
            .read(move |connection| {
                let mut page = agents::table
                    .filter(owned!(owner).and(agents::status.eq("active")))
                    .select(AgentRow::as_select())
                    .order((agents::created_at.desc(), agents::id.desc()))
                    .limit(limit.into())
                    .into_boxed::<MultiBackend>();
                if let Some(AgentCursor { created_at, id }) = after {
                    let (at, id) = (StoredInstant::from(created_at), StoredId::from(id));
                    // The first half alone is what the index is entered by.
                    let is_behind = agents::created_at.lt(at).or(agents::id.lt(id));
                    page = page.filter(agents::created_at.le(at).and(is_behind));
                }
                let rows = page.load(connection)?.into_iter();
                Ok(rows.map(Agent::try_from).collect::<Result<_, _>>()?)
            })
            .await
    }

    async fn create(&self, new: NewAgent, event: AuditEvent) -> Result<(), CreateAgentRefused> {
        self.db
            .write(move |connection| {
                let NewAgent { agent, key, asker, idempotency } = &new;
                let account = agent.account.into();
                if !lock_account(connection, account)? {
                    return Err(Abort::Refused(CreateAgentRefused::OwnerGone));
                }
                let refusals = Refusals {
                    repeated: CreateAgentRefused::Repeated,
                    orphan: CreateAgentRefused::OwnerGone,
                };
                idempotency::record(connection, idempotency.as_ref(), refusals)?;
                if !is_let_in(connection, account, *asker, key.created_at)? {
                    return Err(Abort::Refused(CreateAgentRefused::Outdated));
                }
                diesel::insert_into(agents::table)
                    .values(AgentRow::from(agent))
                    .execute(connection)
                    .map_err(orphan_means(CreateAgentRefused::OwnerGone))?;
                diesel::insert_into(api_keys::table)
                    .values(KeyRow::from(key))
                    .execute(connection)
                    .map_err(HANDLE.means(CreateAgentRefused::HandleTaken))?;
                append(connection, &event)
            })
            .await
    }

    async fn update(
        &self,
        owner: Owner,
        id: AgentId,
        changes: AgentChanges,
        at: Instant,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.db
            .write(move |connection| {
                let is_it = agents::id.eq(StoredId::from(id)).and(agents::status.eq("active"));
                let changed = diesel::update(agents::table.filter(is_it.and(owned!(owner))))
                    .set(AgentChangesRow::new(&changes, at))
                    .execute(connection)?;
                if changed != 1 {
                    return Ok(false);
                }
                append(connection, &event)?;
                Ok(true)
            })
            .await
    }

    async fn archive(
        &self,
        owner: Owner,
        id: AgentId,
        at: Instant,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.db
            .end(move |connection| {
                let is_it = agents::id.eq(StoredId::from(id)).and(agents::status.eq("active"));
                let at = StoredInstant::from(at);
                let archived = diesel::update(agents::table.filter(is_it.and(owned!(owner))))
                    .set((
                        agents::status.eq("archived"),
                        agents::status_since.eq(at),
                        agents::updated_at.eq(at),
                    ))
                    .execute(connection)?;
                if archived != 1 {
                    return Ok(Ended::nothing(false));
                }
                append(connection, &event)?;
                Ok(Ended::of(true, Subject::Agent(id)))
            })
            .await
    }

    async fn delete(&self, owner: Owner, id: AgentId, event: AuditEvent) -> Result<bool, StoreError> {
        self.db.end(move |connection| delete(connection, owner, id, &event)).await
    }

    async fn replace_key(
        &self,
        replacement: KeyReplacement,
        event: AuditEvent,
    ) -> Result<(), ReplaceKeyRefused> {
        self.db.end(move |connection| replace_key(connection, &replacement, &event)).await
    }
}

fn profile((agent, key): (AgentRow, Option<KeyRow>)) -> Result<AgentProfile, Corrupt> {
    Ok(AgentProfile { agent: agent.try_into()?, key: key.map(ApiKey::try_from).transpose()? })
}

fn delete(
    connection: &mut AnyConnection,
    owner: Owner,
    agent: AgentId,
    event: &AuditEvent,
) -> Result<Ended<bool>, Abort<StoreError>> {
    let id = StoredId::from(agent);
    // Who makes a key for the agent waits, and finds no agent then.
    if !lock_account(connection, owner.account.into())? {
        return Ok(Ended::nothing(false));
    }
    let its_own = agents::table.filter(agents::id.eq(id).and(owned!(owner)));
    if its_own.count().get_result::<i64>(connection)? != 1 {
        return Ok(Ended::nothing(false));
    }
    let its_keys = api_keys::agent_id.eq(id);
    // Those that were revoked before have been told of.
    let its_good_keys = api_keys::table.filter(its_keys.and(api_keys::revoked_at.is_null()));
    let keys: Vec<StoredId> = its_good_keys.select(api_keys::id).load(connection)?;
    diesel::delete(api_keys::table.filter(its_keys)).execute(connection)?;
    diesel::delete(agents::table.filter(agents::id.eq(id))).execute(connection)?;
    append(connection, event)?;
    let mut ended = Ended::of(true, Subject::Agent(agent));
    ended.subjects.extend(keys.into_iter().map(|key| Subject::Key(key.into())));
    Ok(ended)
}

/// Says that an agent was changed then. `false`, and nothing is changed, if `owner` has no such active agent.
pub(crate) fn touch(
    connection: &mut AnyConnection,
    owner: Owner,
    agent: AgentId,
    at: Instant,
) -> QueryResult<bool> {
    let is_it = agents::id.eq(StoredId::from(agent)).and(agents::status.eq("active"));
    let touched = diesel::update(agents::table.filter(is_it.and(owned!(owner))))
        .set(agents::updated_at.eq(StoredInstant::from(at)))
        .execute(connection)?;
    Ok(touched == 1)
}

/// The account's row first, as for everything that changes which keys it has: its lock is what replacements, rotations
/// and revocations of one key queue for, whatever key they saw.
fn replace_key(
    connection: &mut AnyConnection,
    replacement: &KeyReplacement,
    event: &AuditEvent,
) -> Result<Ended<()>, Abort<ReplaceKeyRefused>> {
    if !lock_account(connection, replacement.key.account.into())? {
        return Err(Abort::Refused(ReplaceKeyRefused::Overtaken));
    }
    let refusals = Refusals { repeated: ReplaceKeyRefused::Repeated, orphan: ReplaceKeyRefused::Overtaken };
    idempotency::record(connection, replacement.idempotency.as_ref(), refusals)?;
    if !is_let_in(connection, replacement.key.account.into(), replacement.asker, replacement.at)? {
        return Err(Abort::Refused(ReplaceKeyRefused::Outdated));
    }
    let agent = StoredId::from(replacement.agent);
    let is_there = touch(connection, replacement.owner(), replacement.agent, replacement.at)?;
    let is_active = api_keys::agent_id.eq(agent).and(api_keys::revoked_at.is_null());
    let active: Vec<StoredId> = api_keys::table.filter(is_active).select(api_keys::id).load(connection)?;
    let active: Vec<KeyId> = active.into_iter().map(KeyId::from).collect();
    let is_as_seen = replacement.seen.map_or(active.is_empty(), |seen| active.contains(&seen));
    if !is_there || !is_as_seen {
        return Err(Abort::Refused(ReplaceKeyRefused::Overtaken));
    }
    let revoked = diesel::update(api_keys::table.filter(is_active))
        .set((
            api_keys::revoked_at.eq(StoredInstant::from(replacement.at)),
            api_keys::revoked_reason.eq(RevocationReason::Requested.as_str()),
        ))
        .execute(connection)?;
    // The release before revokes without that lock: one, it may be, between the two statements.
    if revoked != active.len() {
        return Err(Abort::Refused(ReplaceKeyRefused::Overtaken));
    }
    diesel::insert_into(api_keys::table)
        .values(KeyRow::from(&replacement.key))
        .execute(connection)
        .map_err(HANDLE.means(ReplaceKeyRefused::HandleTaken))?;
    append(connection, event)?;
    Ok(Ended { answer: (), subjects: active.into_iter().map(Subject::Key).collect() })
}
