//! Single-use tokens on either database.
//!
//! Whoever issues or uses a token locks its account first, so that nothing that the token is bound to changes between
//! the look and the deed, and so that no two of them wait for each other.

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::accounts::Account;
use keyward_domain::audit::AuditEvent;
use keyward_domain::ids::{AccountId, KeyId};
use keyward_domain::keys::RevocationReason;
use keyward_domain::mail::MailKind;
use keyward_domain::revocations::Subject;
use keyward_domain::secret::Digest;
use keyward_domain::single_use::{
    Holdings, Issuance, IssueLimit, PasswordReset, Redemption, SingleUsePurpose, SingleUseToken,
    SingleUseTokenRefused, SingleUseTokenStore,
};
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;

use crate::Store;
use crate::audit::append;
use crate::connection::AnyConnection;
use crate::error::{Abort, Corrupt};
use crate::key_counts;
use crate::native::lock_account;
use crate::revocations::Ended;
use crate::rows::{AccountRow, SingleUseTokenRow};
use crate::schema::{accounts, api_keys, audit_events, outbox, sessions, single_use_tokens};
use crate::types::{StoredId, StoredInstant};

type Job<T> = Result<T, Abort<StoreError>>;

#[async_trait]
impl SingleUseTokenStore for Store {
    async fn issue(
        &self,
        token: SingleUseToken,
        limit: Option<IssueLimit>,
        event: AuditEvent,
    ) -> Result<Issuance, StoreError> {
        self.db.write(move |connection| issue(connection, &token, limit, &event)).await
    }

    async fn find(&self, digest: Digest) -> Result<Option<(SingleUseToken, Account)>, StoreError> {
        self.db.read(move |connection| find(connection, digest)).await
    }

    async fn is_verification_pending(&self, account: AccountId, now: Instant) -> Result<bool, StoreError> {
        self.db.read(move |connection| is_verification_pending(connection, account.into(), now)).await
    }

    async fn holdings(
        &self,
        account: AccountId,
        now: Instant,
        idle_since: Instant,
    ) -> Result<Holdings, StoreError> {
        self.db
            .read(move |connection| holdings(connection, account.into(), now.into(), idle_since.into()))
            .await
    }

    async fn verify_address(
        &self,
        token: Digest,
        now: Instant,
        event: AuditEvent,
    ) -> Result<Redemption, StoreError> {
        self.db
            .write(move |connection| {
                let account = match use_up(connection, token, SingleUsePurpose::VerifyAddress, now)? {
                    Ok(account) => account,
                    Err(why) => return Ok(Redemption::Refused(why)),
                };
                verify(connection, &account, now)?;
                append(connection, &event)?;
                Ok(Redemption::Redeemed)
            })
            .await
    }

    async fn reset_password(
        &self,
        reset: PasswordReset,
        now: Instant,
        event: AuditEvent,
    ) -> Result<Redemption, StoreError> {
        let done = self.db.end(move |connection| reset_password(connection, &reset, now, &event));
        match done.await {
            Ok(redemption) => Ok(redemption),
            Err(NotReset::Overtaken) => Ok(Redemption::Overtaken),
            Err(NotReset::Store(error)) => Err(error),
        }
    }

    async fn forget(&self, expired_by: Instant) -> Result<(), StoreError> {
        self.db
            .write(move |connection| {
                let is_over = single_use_tokens::expires_at.le(StoredInstant::from(expired_by));
                diesel::delete(single_use_tokens::table.filter(is_over)).execute(connection)?;
                Ok(())
            })
            .await
    }
}

/// Why a reset is rolled back that has used up its token already.
enum NotReset {
    Overtaken,
    Store(StoreError),
}

impl From<StoreError> for NotReset {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn issue(
    connection: &mut AnyConnection,
    token: &SingleUseToken,
    limit: Option<IssueLimit>,
    event: &AuditEvent,
) -> Job<Issuance> {
    let id = StoredId::from(token.account);
    if !lock_account(connection, id)? || !token.is_bound_to(&account(connection, id)?) {
        return Ok(Issuance::Overtaken);
    }
    if let Some(IssueLimit { most, since }) = limit {
        let is_alike = audit_events::account_id
            .eq(id)
            .and(audit_events::action.eq(event.action.as_str()))
            .and(audit_events::at.gt(StoredInstant::from(since)));
        let issued: i64 = audit_events::table.filter(is_alike).count().get_result(connection)?;
        if issued >= i64::from(most.get()) {
            return Ok(Issuance::Enough);
        }
    }
    let is_good = single_use_tokens::used_at
        .is_null()
        .and(single_use_tokens::expires_at.gt(StoredInstant::from(token.created_at)));
    let is_older = single_use_tokens::account_id
        .eq(id)
        .and(single_use_tokens::purpose.eq(token.binding.purpose().as_str()));
    diesel::delete(single_use_tokens::table.filter(is_older.and(is_good))).execute(connection)?;
    diesel::insert_into(single_use_tokens::table)
        .values(SingleUseTokenRow::from(token))
        .execute(connection)?;
    append(connection, event)?;
    Ok(Issuance::Issued)
}

/// The outbox is asked first: a mail leaves it after its token was written, so none slips through between the two.
fn is_verification_pending(connection: &mut AnyConnection, account: StoredId, now: Instant) -> Job<bool> {
    let is_mail = outbox::account_id.eq(account).and(outbox::kind.eq(MailKind::VerifyAddress.as_str()));
    let mails: i64 = outbox::table.filter(is_mail).count().get_result(connection)?;
    if mails > 0 {
        return Ok(true);
    }
    let is_its = single_use_tokens::account_id
        .eq(account)
        .and(single_use_tokens::purpose.eq(SingleUsePurpose::VerifyAddress.as_str()));
    let is_good =
        single_use_tokens::used_at.is_null().and(single_use_tokens::expires_at.gt(StoredInstant::from(now)));
    let tokens: i64 = single_use_tokens::table.filter(is_its.and(is_good)).count().get_result(connection)?;
    Ok(tokens > 0)
}

fn holdings(
    connection: &mut AnyConnection,
    account: StoredId,
    now: StoredInstant,
    idle_since: StoredInstant,
) -> Job<Holdings> {
    let is_current = api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now));
    let is_good = api_keys::account_id.eq(account).and(api_keys::revoked_at.is_null()).and(is_current);
    let keys: i64 = api_keys::table.filter(is_good).count().get_result(connection)?;
    let epoch: Option<i64> =
        accounts::table.find(account).select(accounts::epoch).first(connection).optional()?;
    let is_its = sessions::account_id.eq(account).and(sessions::epoch.eq(epoch.unwrap_or_default()));
    let stands = sessions::expires_at.gt(now).and(sessions::last_seen_at.gt(idle_since));
    let sessions: i64 = sessions::table.filter(is_its.and(stands)).count().get_result(connection)?;
    Ok(Holdings { keys: keys.unsigned_abs(), sessions: sessions.unsigned_abs() })
}

fn reset_password(
    connection: &mut AnyConnection,
    reset: &PasswordReset,
    now: Instant,
    event: &AuditEvent,
) -> Result<Ended<Redemption>, Abort<NotReset>> {
    let used = use_up(connection, reset.token, reset.purpose, now)?;
    let account = match used {
        Ok(account) => account,
        Err(why) => return Ok(Ended::nothing(Redemption::Refused(why))),
    };
    let was_verified = account.email.as_ref().is_some_and(|email| email.verified_at.is_some());
    if was_verified != reset.was_verified {
        return Err(Abort::Refused(NotReset::Overtaken));
    }
    let id = StoredId::from(account.id);
    let is_current = accounts::epoch.eq(i64::from(account.epoch.number()));
    let changed = diesel::update(accounts::table.filter(accounts::id.eq(id).and(is_current)))
        .set((
            accounts::epoch.eq(i64::from(account.epoch.next().number())),
            accounts::password_hash.eq(reset.password.expose()),
        ))
        .execute(connection)?;
    if changed != 1 {
        return Err(Corrupt("accounts: a locked row has changed".to_owned()).into());
    }
    let mut subjects = vec![Subject::Account(account.id)];
    if !was_verified {
        verify(connection, &account, now)?;
        subjects.extend(revoke_keys(connection, id, now)?.into_iter().map(Subject::Key));
    }
    append(connection, event)?;
    Ok(Ended { answer: Redemption::Redeemed, subjects })
}

/// Uses up a token that is good for this, and answers its account, which is locked.
fn use_up<E: From<StoreError>>(
    connection: &mut AnyConnection,
    token: Digest,
    purpose: SingleUsePurpose,
    now: Instant,
) -> Result<Result<Account, SingleUseTokenRefused>, Abort<E>> {
    let unknown = Ok(Err(SingleUseTokenRefused::Unknown));
    let Some(row) = row(connection, token)? else {
        return unknown;
    };
    if !lock_account(connection, row.account_id)? {
        return unknown;
    }
    // Read anew: whoever had the lock may have used the token, issued another or changed the account.
    let Some((found, account)) = find(connection, token)? else {
        return unknown;
    };
    if let Err(why) = found.check(purpose, &account, now) {
        return Ok(Err(why));
    }
    let is_unused = single_use_tokens::used_at.is_null();
    let digest = single_use_tokens::digest.eq(token.as_bytes().as_slice());
    let used = diesel::update(single_use_tokens::table.filter(digest.and(is_unused)))
        .set(single_use_tokens::used_at.eq(StoredInstant::from(now)))
        .execute(connection)?;
    Ok(if used == 1 { Ok(account) } else { Err(SingleUseTokenRefused::Used) })
}

fn find<E: From<StoreError>>(
    connection: &mut AnyConnection,
    digest: Digest,
) -> Result<Option<(SingleUseToken, Account)>, Abort<E>> {
    let Some(row) = row(connection, digest)? else {
        return Ok(None);
    };
    let owner =
        accounts::table.find(row.account_id).select(AccountRow::as_select()).first(connection).optional()?;
    // An account that goes takes its tokens with it: between the two statements both may have gone.
    let Some(owner) = owner else {
        return Ok(None);
    };
    Ok(Some((row.try_into()?, owner.try_into()?)))
}

fn row(connection: &mut AnyConnection, digest: Digest) -> QueryResult<Option<SingleUseTokenRow>> {
    single_use_tokens::table
        .filter(single_use_tokens::digest.eq(digest.as_bytes().as_slice()))
        .select(SingleUseTokenRow::as_select())
        .first(connection)
        .optional()
}

fn account(connection: &mut AnyConnection, id: StoredId) -> Job<Account> {
    let row: AccountRow = accounts::table.find(id).select(AccountRow::as_select()).first(connection)?;
    Ok(row.try_into()?)
}

/// An address that was verified before keeps its moment.
fn verify(connection: &mut AnyConnection, account: &Account, now: Instant) -> QueryResult<usize> {
    let is_unverified = accounts::email_verified_at.is_null();
    diesel::update(accounts::table.filter(accounts::id.eq(StoredId::from(account.id)).and(is_unverified)))
        .set(accounts::email_verified_at.eq(StoredInstant::from(now)))
        .execute(connection)
}

/// Revokes every active key of the account and of its agents, and says which. The account is locked: none is added.
fn revoke_keys(connection: &mut AnyConnection, account: StoredId, now: Instant) -> QueryResult<Vec<KeyId>> {
    let is_active = api_keys::account_id.eq(account).and(api_keys::revoked_at.is_null());
    let keys = api_keys::table.filter(is_active).select(api_keys::id).order(api_keys::id);
    let keys: Vec<StoredId> = keys.load(connection)?;
    diesel::update(api_keys::table.filter(is_active))
        .set((
            api_keys::revoked_at.eq(StoredInstant::from(now)),
            api_keys::revoked_reason.eq(RevocationReason::Requested.as_str()),
        ))
        .execute(connection)?;
    key_counts::none_left(connection, account)?;
    Ok(keys.into_iter().map(KeyId::from).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use diesel::connection::InstrumentationEvent;
    use keyward_domain::accounts::PasswordHash;
    use keyward_domain::audit::Action;
    use keyward_domain::keys::{ApiKey, KeyBinding};
    use keyward_testkit::builders::Samples;

    use super::*;
    use crate::manager::{Role, connect};
    use crate::rows::KeyRow;
    use crate::{DatabaseUrl, migrate, revocations};

    /// How many statements a reset makes that ends so many keys.
    fn statements(keys: usize) -> usize {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite(folder.path().join("keyward.db"));
        let mut connection = connect(&url, Role::Writing).unwrap();
        migrate::run(&mut connection).unwrap();
        let samples = Samples::new();
        let owner = samples.registration().account;
        let token = samples.single_use_token(&owner, SingleUsePurpose::ResetPassword, samples.at(0));
        let event = samples.event(Action::AccountReclaimed, owner.id, samples.at(1));
        let arranged = connection.transaction(|connection| {
            diesel::insert_into(accounts::table).values(AccountRow::from(&owner)).execute(connection)?;
            diesel::insert_into(single_use_tokens::table)
                .values(SingleUseTokenRow::from(&token))
                .execute(connection)?;
            for _ in 0..keys {
                let key: ApiKey = samples.key(owner.id, KeyBinding::Account { login_verifier: None });
                diesel::insert_into(api_keys::table).values(KeyRow::from(&key)).execute(connection)?;
            }
            QueryResult::Ok(())
        });
        arranged.unwrap();
        let made = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&made);
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { .. } = event {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        let password = PasswordHash::new("chosen".to_owned());
        let purpose = SingleUsePurpose::ResetPassword;
        let reset = PasswordReset { token: token.digest, purpose, password, was_verified: false };
        let done = reset_password(&mut connection, &reset, samples.at(1), &event);
        let Ok(Ended { answer: Redemption::Redeemed, subjects }) = done else {
            panic!("a good token was refused");
        };
        let Ok(notice) = revocations::number::<StoreError>(&mut connection, &subjects) else {
            panic!("what was ended was not numbered");
        };
        let numbers: Vec<_> = notice.revocations.iter().map(|one| one.number.get()).collect();
        assert_eq!(numbers, (1..=i64::try_from(keys).unwrap() + 1).collect::<Vec<_>>());
        made.load(Ordering::Relaxed)
    }

    #[test]
    fn threat_c10_a_reset_takes_no_statement_for_each_key() {
        let (few, many) = (statements(10), statements(10_000));
        assert_eq!(many, few + 2, "two more pages of the log");
    }
}
