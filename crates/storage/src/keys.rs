//! Keys on either database.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::{AccountId, KeyId};
use keyward_domain::keys::{
    CreateKeyRefused, KeyCursor, KeyRotation, KeyState, KeyStore, KeySummary, KeysThat, NewKey,
    RevocationReason, RotateKeyRefused,
};
use keyward_domain::principal::Owner;
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::agents;
use crate::audit::append;
use crate::connection::{AnyConnection, MultiBackend};
use crate::error::{Abort, HANDLE};
use crate::idempotency::{self, Refusals};
use crate::key_counts;
use crate::native::{is_let_in, lock_account};
use crate::revocations::Ended;
use crate::rows::{KeyRow, KeySummaryRow, StateColumns};
use crate::schema::api_keys;
use crate::types::{StoredId, StoredInstant};

/// A list of keys that is still being asked for.
type Page = diesel::helper_types::IntoBoxed<
    'static,
    diesel::helper_types::Select<
        api_keys::table,
        diesel::helper_types::AsSelect<KeySummaryRow, MultiBackend>,
    >,
    MultiBackend,
>;

/// Whose keys: the account's and its agents', in one of the two worlds.
macro_rules! owned {
    ($owner:expr) => {{
        let keyward_domain::principal::Owner { account, environment } = $owner;
        api_keys::account_id.eq(StoredId::from(account)).and(api_keys::environment.eq(environment.as_str()))
    }};
}

#[async_trait]
impl KeyStore for Store {
    async fn record_use(&self, mut used: Vec<(KeyId, Instant)>) -> Result<(), StoreError> {
        // All servers lock the rows in one order, so that no two of them wait for each other.
        used.sort_unstable_by_key(|(key, _)| *key);
        self.db
            .write(move |connection| {
                for &(id, at) in &used {
                    let at = StoredInstant::from(at);
                    let is_earlier = api_keys::last_used_at.is_null().or(api_keys::last_used_at.lt(at));
                    let key = api_keys::table.filter(api_keys::id.eq(StoredId::from(id)).and(is_earlier));
                    diesel::update(key).set(api_keys::last_used_at.eq(at)).execute(connection)?;
                }
                Ok(())
            })
            .await
    }

    async fn find(&self, id: KeyId) -> Result<Option<KeySummary>, StoreError> {
        self.db
            .read(move |connection| {
                let row = api_keys::table
                    .find(StoredId::from(id))
                    .select(KeySummaryRow::as_select())
                    .first(connection)
                    .optional()?;
                Ok(row.map(KeySummary::try_from).transpose()?)
            })
            .await
    }

    async fn page(
        &self,
        account: Option<AccountId>,
        after: Option<KeyCursor>,
        limit: u16,
    ) -> Result<Vec<KeySummary>, StoreError> {
        self.db
            .read(move |connection| {
                let mut page = newest_first(after, limit);
                if let Some(account) = account {
                    page = page.filter(api_keys::account_id.eq(StoredId::from(account)));
                }
                let rows = page.load::<KeySummaryRow>(connection)?.into_iter();
                Ok(rows.map(KeySummary::try_from).collect::<Result<_, _>>()?)
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
                let owner = api_keys::table.find(StoredId::from(id));
                let owner = owner.select((api_keys::account_id, api_keys::environment));
                let Some((account, environment)) = owner.first(connection).optional()? else {
                    return Ok(Ended::nothing(false));
                };
                // Neither of the two changes: what was read before the lock holds behind it.
                revoke(connection, (account, environment), id, at, reason, &event)
            })
            .await
    }

    async fn find_of(&self, owner: Owner, id: KeyId) -> Result<Option<KeySummary>, StoreError> {
        self.db
            .read(move |connection| {
                let row = api_keys::table
                    .filter(api_keys::id.eq(StoredId::from(id)).and(owned!(owner)))
                    .select(KeySummaryRow::as_select())
                    .first(connection)
                    .optional()?;
                Ok(row.map(KeySummary::try_from).transpose()?)
            })
            .await
    }

    async fn page_of(
        &self,
        owner: Owner,
        which: KeysThat,
        after: Option<KeyCursor>,
        limit: u16,
    ) -> Result<Vec<KeySummary>, StoreError> {
        self.db
            .read(move |connection| {
                let page = newest_first(after, limit).filter(owned!(owner));
                let page = match which {
                    KeysThat::Exist => page,
                    KeysThat::AreGood(at) => {
                        let is_current = api_keys::expires_at.gt(StoredInstant::from(at));
                        let is_current = api_keys::expires_at.is_null().or(is_current);
                        page.filter(api_keys::revoked_at.is_null().and(is_current))
                    }
                    KeysThat::HaveEnded(at) => {
                        let is_over = api_keys::expires_at.le(StoredInstant::from(at));
                        let is_over = api_keys::expires_at.is_not_null().and(is_over);
                        page.filter(api_keys::revoked_at.is_not_null().or(is_over))
                    }
                };
                let rows = page.load::<KeySummaryRow>(connection)?.into_iter();
                Ok(rows.map(KeySummary::try_from).collect::<Result<_, _>>()?)
            })
            .await
    }

    async fn count(&self, account: AccountId, at: Instant) -> Result<u32, StoreError> {
        self.db
            .read(move |connection| {
                let good = key_counts::counted(connection, account.into(), at.into())?;
                Ok(u32::try_from(good).unwrap_or(u32::MAX))
            })
            .await
    }

    async fn create(&self, new: NewKey, event: AuditEvent) -> Result<(), CreateKeyRefused> {
        self.db.write(move |connection| create(connection, &new, &event)).await
    }

    async fn rotate(&self, rotation: KeyRotation, event: AuditEvent) -> Result<(), RotateKeyRefused> {
        self.db.end(move |connection| rotate(connection, &rotation, &event)).await
    }

    async fn revoke_of(
        &self,
        owner: Owner,
        id: KeyId,
        at: Instant,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.db
            .end(move |connection| {
                let owner = (owner.account.into(), owner.environment.as_str().to_owned());
                revoke(connection, owner, id, at, RevocationReason::Requested, &event)
            })
            .await
    }
}

/// The list of keys, newest first, beginning behind `after`.
fn newest_first(after: Option<KeyCursor>, limit: u16) -> Page {
    let page = api_keys::table
        .select(KeySummaryRow::as_select())
        .order((api_keys::created_at.desc(), api_keys::id.desc()))
        .limit(limit.into())
        .into_boxed::<MultiBackend>();
    let Some(KeyCursor { created_at, id }) = after else {
        return page;
    };
    let (at, id) = (StoredInstant::from(created_at), StoredId::from(id));
    // The first half alone is what the index is entered by.
    let is_behind = api_keys::created_at.lt(at).or(api_keys::id.lt(id));
    page.filter(api_keys::created_at.le(at).and(is_behind))
}

/// The account's row first, as for everything that changes which keys it has: no two of them wait for each other. The
/// record behind it refers to the account, and would share a lock on that row which somebody else waits for.
fn create(
    connection: &mut AnyConnection,
    new: &NewKey,
    event: &AuditEvent,
) -> Result<(), Abort<CreateKeyRefused>> {
    let NewKey { key, most, asker, idempotency } = new;
    let account = key.account.into();
    if !lock_account(connection, account)? {
        return Err(Abort::Refused(CreateKeyRefused::OwnerGone));
    }
    let refusals = Refusals { repeated: CreateKeyRefused::Repeated, orphan: CreateKeyRefused::OwnerGone };
    idempotency::record(connection, idempotency.as_ref(), refusals)?;
    if !is_let_in(connection, account, *asker, key.created_at)? {
        return Err(Abort::Refused(CreateKeyRefused::Outdated));
    }
    if !key_counts::take(connection, account, *most, key.created_at.into())? {
        return Err(Abort::Refused(CreateKeyRefused::LimitReached));
    }
    diesel::insert_into(api_keys::table)
        .values(KeyRow::from(key))
        .execute(connection)
        .map_err(HANDLE.means(CreateKeyRefused::HandleTaken))?;
    append(connection, event)
}

/// One key takes the place of one: the account has as many as before.
fn rotate(
    connection: &mut AnyConnection,
    rotation: &KeyRotation,
    event: &AuditEvent,
) -> Result<Ended<()>, Abort<RotateKeyRefused>> {
    if !lock_account(connection, rotation.key.account.into())? {
        return Err(Abort::Refused(RotateKeyRefused::NotActive));
    }
    let refusals = Refusals { repeated: RotateKeyRefused::Repeated, orphan: RotateKeyRefused::NotActive };
    idempotency::record(connection, rotation.idempotency.as_ref(), refusals)?;
    // Asked before the old key ends: it may be the one that asks.
    let is_let_in = is_let_in(connection, rotation.key.account.into(), rotation.asker, rotation.at)?;
    let agent_is_active = match rotation.key.binding.agent() {
        Some(agent) => agents::touch(connection, rotation.owner(), agent, rotation.at)?,
        None => true,
    };
    if !agent_is_active || !supersede(connection, rotation)? {
        return Err(Abort::Refused(RotateKeyRefused::NotActive));
    }
    if !is_let_in {
        return Err(Abort::Refused(RotateKeyRefused::Outdated));
    }
    diesel::insert_into(api_keys::table)
        .values(KeyRow::from(&rotation.key))
        .execute(connection)
        .map_err(HANDLE.means(RotateKeyRefused::HandleTaken))?;
    append(connection, event)?;
    Ok(Ended::of((), Subject::Key(rotation.from)))
}

/// Ends the old key of a rotation, or lets it end later. `false` if it is not active.
fn supersede(connection: &mut AnyConnection, rotation: &KeyRotation) -> QueryResult<bool> {
    let at = StoredInstant::from(rotation.at);
    let is_it = api_keys::id.eq(StoredId::from(rotation.from)).and(owned!(rotation.owner()));
    let is_active = api_keys::revoked_at.is_null().and(api_keys::superseded_at.is_null());
    let is_current = api_keys::expires_at.is_null().or(api_keys::expires_at.gt(at));
    #[cfg(not(feature = "sabotage-any-key-rotates"))]
    let old = api_keys::table.filter(is_it.and(is_active).and(is_current));
    #[cfg(feature = "sabotage-any-key-rotates")]
    let (old, _, _) = (api_keys::table.filter(is_it), is_active, is_current);
    let Some(end) = rotation.good_until.map(StoredInstant::from) else {
        let rotated = KeyState::Revoked { at: rotation.at, reason: RevocationReason::Rotated };
        let StateColumns { revoked_at, revoked_reason, superseded_at } = rotated.into();
        let columns = (
            api_keys::revoked_at.eq(revoked_at),
            api_keys::revoked_reason.eq(revoked_reason),
            api_keys::superseded_at.eq(superseded_at),
        );
        return Ok(diesel::update(old).set(columns).execute(connection)? == 1);
    };
    let ends_later = api_keys::expires_at.is_null().or(api_keys::expires_at.gt(end));
    let shortened = diesel::update(old.filter(ends_later))
        .set((api_keys::superseded_at.eq(at), api_keys::expires_at.eq(end)))
        .execute(connection)?;
    if shortened == 1 {
        return Ok(true);
    }
    // Its own end comes first, and stays.
    Ok(diesel::update(old).set(api_keys::superseded_at.eq(at)).execute(connection)? == 1)
}

/// Revokes a key of this account and environment.
fn revoke(
    connection: &mut AnyConnection,
    (account, environment): (StoredId, String),
    id: KeyId,
    at: Instant,
    reason: RevocationReason,
    event: &AuditEvent,
) -> Result<Ended<bool>, Abort<StoreError>> {
    if !lock_account(connection, account)? {
        return Ok(Ended::nothing(false));
    }
    let is_it = api_keys::id.eq(StoredId::from(id)).and(api_keys::revoked_at.is_null());
    let is_owned = api_keys::account_id.eq(account).and(api_keys::environment.eq(environment));
    let revoked = diesel::update(api_keys::table.filter(is_it.and(is_owned)))
        .set((api_keys::revoked_at.eq(StoredInstant::from(at)), api_keys::revoked_reason.eq(reason.as_str())))
        .execute(connection)?;
    if revoked != 1 {
        return Ok(Ended::nothing(false));
    }
    key_counts::ended(connection, account, id.into())?;
    append(connection, event)?;
    Ok(Ended::of(true, Subject::Key(id)))
}
