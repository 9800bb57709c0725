//! Accounts on either database.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::accounts::{
    Account, AccountCursor, AccountLogin, AccountStatus, AccountStore, DisplayName, EmailAddress, Epoch,
    NewPasswordHash, PasswordHash, PasswordLogin, Plan, Registration, RegistrationRefused, Rehash,
};
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::{AccountId, KeyId};
use keyward_domain::keys::ApiKey;
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::audit::append;
use crate::connection::{AnyConnection, MultiBackend};
use crate::error::{Abort, Corrupt, EMAIL, HANDLE, TENANT};
use crate::idempotency::{self, Refusals};
use crate::native::{is_not_archived, lock_account, one_password, password_beginning};
use crate::outbox;
use crate::revocations::Ended;
use crate::rows::{AccountRow, AgentRow, KeyRow, plan_column, status_columns};
use crate::schema::{accounts, agents, api_keys};
use crate::types::{StoredId, StoredInstant};

/// `$2a$`, `$2b$`, `$2y$`: without SHA-256 before it.
const PLAIN_BCRYPT: &str = "$2_$%";

#[async_trait]
impl AccountStore for Store {
    async fn register(
        &self,
        registration: Registration,
        event: AuditEvent,
    ) -> Result<(), RegistrationRefused> {
        self.db.write(move |connection| register(connection, &registration, &event)).await
    }

    async fn find(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.db
            .read(move |connection| {
                let row = accounts::table
                    .find(StoredId::from(id))
                    .select(AccountRow::as_select())
                    .first(connection)
                    .optional()?;
                Ok(row.map(Account::try_from).transpose()?)
            })
            .await
    }

    async fn find_login(&self, email: &EmailAddress) -> Result<Option<AccountLogin>, StoreError> {
        let canonical = email.canonical().to_owned();
        self.db
            .read(move |connection| {
                let row = accounts::table
                    .filter(accounts::email_canonical.eq(&canonical).and(is_not_archived()))
                    .select((AccountRow::as_select(), accounts::password_hash))
                    .first(connection)
                    .optional()?;
                Ok(row.map(login).transpose()?)
            })
            .await
    }

    async fn find_named(&self, name: &DisplayName) -> Result<Option<Account>, StoreError> {
        let name = name.as_str().to_owned();
        self.db
            .read(move |connection| {
                let is_reachable = accounts::status.eq("active").and(accounts::email.is_not_null());
                let row = accounts::table
                    .filter(accounts::display_name.eq(&name).and(is_reachable))
                    .order((accounts::created_at.asc(), accounts::id.asc()))
                    .select(AccountRow::as_select())
                    .first(connection)
                    .optional()?;
                Ok(row.map(Account::try_from).transpose()?)
            })
            .await
    }

    async fn find_with_password(&self, id: AccountId) -> Result<Option<AccountLogin>, StoreError> {
        self.db
            .read(move |connection| {
                let row = accounts::table
                    .find(StoredId::from(id))
                    .select((AccountRow::as_select(), accounts::password_hash))
                    .first(connection)
                    .optional()?;
                Ok(row.map(login).transpose()?)
            })
            .await
    }

    async fn password_examples(&self) -> Result<Vec<PasswordHash>, StoreError> {
        self.db.read(|connection| Ok(password_examples(connection)?)).await
    }

    async fn find_with_key(
        &self,
        id: AccountId,
        key: Option<KeyId>,
        now: Instant,
    ) -> Result<Option<(Account, Option<ApiKey>)>, StoreError> {
        self.db
            .read(move |connection| {
                let is_named = api_keys::id.nullable().eq(key.map(StoredId::from));
                let is_active = api_keys::revoked_at.is_null().and(api_keys::superseded_at.is_null());
                let is_current = api_keys::expires_at.gt(StoredInstant::from(now));
                let is_current = api_keys::expires_at.is_null().or(is_current);
                let is_good = api_keys::agent_id.is_null().and(is_active).and(is_current);
                // The named key first, if there is one, then the others from the oldest.
                let row: Option<(AccountRow, Option<KeyRow>)> = accounts::table
                    .left_join(
                        api_keys::table.on(api_keys::account_id.eq(accounts::id).and(is_named.or(is_good))),
                    )
                    .filter(accounts::id.eq(StoredId::from(id)))
                    .order((is_named.desc(), api_keys::created_at.asc(), api_keys::id.asc()))
                    .select((AccountRow::as_select(), Option::<KeyRow>::as_select()))
                    .first(connection)
                    .optional()?;
                let Some((account, key)) = row else {
                    return Ok(None);
                };
                Ok(Some((account.try_into()?, key.map(ApiKey::try_from).transpose()?)))
            })
            .await
    }

    async fn record_login(&self, login: PasswordLogin, event: AuditEvent) -> Result<(), StoreError> {
        self.db
            .write(move |connection| {
                if let Some(rehash) = &login.rehash {
                    replace_outdated(connection, login.account.into(), rehash)?;
                }
                append(connection, &event)
            })
            .await
    }

    async fn begin_epoch(
        &self,
        id: AccountId,
        from: Epoch,
        password: Option<NewPasswordHash>,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.db
            .end(move |connection| {
                let is_current = accounts::epoch.eq(i64::from(from.number()));
                let account = accounts::table.filter(accounts::id.eq(StoredId::from(id)).and(is_current));
                let next = accounts::epoch.eq(i64::from(from.next().number()));
                let changed = match &password {
                    None => diesel::update(account).set(next).execute(connection)?,
                    Some(NewPasswordHash { from, to }) => {
                        diesel::update(account.filter(accounts::password_hash.eq(from.expose())))
                            .set((next, accounts::password_hash.eq(to.expose())))
                            .execute(connection)?
                    }
                };
                if changed != 1 {
                    return Ok(Ended::nothing(false));
                }
                append(connection, &event)?;
                Ok(Ended::of(true, Subject::Account(id)))
            })
            .await
    }

    async fn change_status(
        &self,
        id: AccountId,
        epoch: Epoch,
        from: AccountStatus,
        to: AccountStatus,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.db
            .end(move |connection| {
                let (from, _) = status_columns(from);
                let (to, since) = status_columns(to);
                let is_unchanged =
                    accounts::status.eq(from).and(accounts::epoch.eq(i64::from(epoch.number())));
                let changed = diesel::update(
                    accounts::table.filter(accounts::id.eq(StoredId::from(id)).and(is_unchanged)),
                )
                .set((accounts::status.eq(to), accounts::status_since.eq(since)))
                .execute(connection)?;
                if changed != 1 {
                    return Ok(Ended::nothing(false));
                }
                append(connection, &event)?;
                Ok(Ended::of(true, Subject::Account(id)))
            })
            .await
    }

    async fn page(
        &self,
        email: Option<EmailAddress>,
        after: Option<AccountCursor>,
        limit: u16,
    ) -> Result<Vec<Account>, StoreError> {
        self.db
            .read(move |connection| {
                let mut page = accounts::table
                    .select(AccountRow::as_select())
                    .order((accounts::created_at.desc(), accounts::id.desc()))
                    .limit(limit.into())
                    .into_boxed::<MultiBackend>();
                if let Some(email) = &email {
                    page = page.filter(accounts::email_canonical.eq(email.canonical().to_owned()));
                }
                if let Some(AccountCursor { created_at, id }) = after {
                    let (at, id) = (StoredInstant::from(created_at), StoredId::from(id));
                    // The first half alone is what the index is entered by.
                    let is_behind = accounts::created_at.lt(at).or(accounts::id.lt(id));
                    page = page.filter(accounts::created_at.le(at).and(is_behind));
                }
                let rows = page.load(connection)?.into_iter();
                Ok(rows.map(Account::try_from).collect::<Result<_, _>>()?)
            })
            .await
    }

    async fn set_plan(
        &self,
        id: AccountId,
        from: Plan,
        to: Plan,
        event: AuditEvent,
    ) -> Result<bool, StoreError> {
        self.db
            .end(move |connection| {
                let account = accounts::table.find(StoredId::from(id));
                let plan = accounts::plan.eq(plan_column(to));
                let changed = match plan_column(from) {
                    None => diesel::update(account.filter(accounts::plan.is_null()))
                        .set(plan)
                        .execute(connection)?,
                    Some(from) => diesel::update(account.filter(accounts::plan.eq(from)))
                        .set(plan)
                        .execute(connection)?,
                };
                if changed != 1 {
                    return Ok(Ended::nothing(false));
                }
                append(connection, &event)?;
                Ok(Ended::of(true, Subject::Account(id)))
            })
            .await
    }

    async fn erase(&self, id: AccountId, event: AuditEvent) -> Result<bool, StoreError> {
        self.db.end(move |connection| erase(connection, id, &event)).await
    }
}

/// One for each beginning. Where the scheme and cost of some are shorter than what is looked at, there are more examples
/// than are needed.
fn password_examples(connection: &mut AnyConnection) -> QueryResult<Vec<PasswordHash>> {
    let of_plain_bcrypt = accounts::table
        .filter(accounts::password_hash.like(PLAIN_BCRYPT))
        .group_by(password_beginning(true))
        .select(one_password());
    let of_others = accounts::table
        .filter(accounts::password_hash.not_like(PLAIN_BCRYPT))
        .group_by(password_beginning(false))
        .select(one_password());
    let mut examples: Vec<String> = of_plain_bcrypt.load(connection)?;
    examples.extend(of_others.load::<String>(connection)?);
    Ok(examples.into_iter().map(PasswordHash::new).collect())
}

fn login((account, password): (AccountRow, Option<String>)) -> Result<AccountLogin, Corrupt> {
    Ok(AccountLogin { account: account.try_into()?, password: password.map(PasswordHash::new) })
}

fn register(
    connection: &mut AnyConnection,
    registration: &Registration,
    event: &AuditEvent,
) -> Result<(), Abort<RegistrationRefused>> {
    let password = registration.password.as_ref().map(PasswordHash::expose);
    let account = AccountRow::from(&registration.account);
    diesel::insert_into(accounts::table)
        .values((account, accounts::password_hash.eq(password), accounts::active_keys.eq(1)))
        .execute(connection)
        .map_err(|error| match TENANT.is_violated(&error) {
            true => Abort::Refused(RegistrationRefused::HandleTaken),
            false => EMAIL.means(RegistrationRefused::EmailTaken)(error),
        })?;
    // The account was made a line above.
    let gone = StoreError::Corrupt("accounts: a row that was just written is gone".to_owned());
    let refusals = Refusals { repeated: RegistrationRefused::Repeated, orphan: gone.into() };
    idempotency::record(connection, registration.idempotency.as_ref(), refusals)?;
    insert_key(connection, &registration.key)?;
    if let Some((agent, key)) = &registration.agent {
        diesel::insert_into(agents::table).values(AgentRow::from(agent)).execute(connection)?;
        insert_key(connection, key)?;
    }
    if let Some(mail) = &registration.mail {
        outbox::insert(connection, mail)?;
    }
    append(connection, event)
}

fn insert_key(connection: &mut AnyConnection, key: &ApiKey) -> Result<(), Abort<RegistrationRefused>> {
    diesel::insert_into(api_keys::table)
        .values(KeyRow::from(key))
        .execute(connection)
        .map_err(HANDLE.means(RegistrationRefused::HandleTaken))?;
    Ok(())
}

/// Puts a fresh hash in the place of the outdated one, if that is still stored.
pub(crate) fn replace_outdated(
    connection: &mut AnyConnection,
    account: StoredId,
    rehash: &Rehash,
) -> QueryResult<usize> {
    let is_outdated = accounts::password_hash.eq(rehash.from.expose());
    diesel::update(accounts::table.filter(accounts::id.eq(account).and(is_outdated)))
        .set(accounts::password_hash.eq(rehash.to.expose()))
        .execute(connection)
}

/// Children first: they refer to the account. Mails, single-use tokens, sessions and what was answered go with it by
/// themselves (`ON DELETE CASCADE`). Whoever would add one waits for the account's lock, and then finds none.
fn erase(
    connection: &mut AnyConnection,
    account: AccountId,
    event: &AuditEvent,
) -> Result<Ended<bool>, Abort<StoreError>> {
    let id = StoredId::from(account);
    if !lock_account(connection, id)? {
        return Ok(Ended::nothing(false));
    }
    diesel::delete(api_keys::table.filter(api_keys::account_id.eq(id))).execute(connection)?;
    diesel::delete(agents::table.filter(agents::account_id.eq(id))).execute(connection)?;
    if diesel::delete(accounts::table.find(id)).execute(connection)? != 1 {
        return Ok(Ended::nothing(false));
    }
    append(connection, event)?;
    Ok(Ended::of(true, Subject::Account(account)))
}
