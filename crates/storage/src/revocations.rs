//! What has ended: numbered in the transaction of the deed, told to this process behind its commit, kept as a log for
//! every other.
//!
//! Security: a number is taken from the one row of `revocation_head` as the last statement before the commit. Whoever
//! comes next waits for that row until the commit, so that numbers become visible in their order and a reader that has
//! seen one will not find a smaller one later. Numbers from a sequence would be taken at once and become visible
//! whenever, and a reader could pass over one for ever.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use diesel::prelude::*;
use keyward_domain::audit::AuditEvent;
use keyward_domain::revocations::{
    LogHead, Revocation, RevocationListener, RevocationLog, RevocationNumber, RevokedToken, Subject,
};
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;
use keyward_domain::tokens::SigningKey;

use crate::Store;
use crate::audit::append;
use crate::connection::{AnyConnection, MultiBackend};
use crate::error::{Abort, Corrupt, REVOKED_TOKEN};
use crate::native;
use crate::rows::RevocationRow;
use crate::schema::{revocation_head, revocations, revoked_tokens};
use crate::signing_keys;
use crate::types::{StoredId, StoredInstant};

/// How many rows of the log go in one transaction.
const DELETED_AT_ONCE: i64 = 5_000;

/// How many rows of the log one statement writes: both databases take 32,766 values in one at least.
const WRITTEN_AT_ONCE: usize = 5_000;

/// What came of a deed, and what it ended.
pub(crate) struct Ended<T> {
    /// What its caller is told.
    pub(crate) answer: T,
    /// What nobody may trust any longer.
    pub(crate) subjects: Vec<Subject>,
}

impl<T> Ended<T> {
    /// The deed came to nothing.
    pub(crate) const fn nothing(answer: T) -> Self {
        Self { answer, subjects: Vec::new() }
    }

    /// The deed ended one thing.
    pub(crate) fn of(answer: T, subject: Subject) -> Self {
        Self { answer, subjects: vec![subject] }
    }
}

/// Who in this process hears of revocations.
#[derive(Clone, Default)]
pub(crate) struct Audience(Arc<OnceLock<Arc<dyn RevocationListener>>>);

impl Audience {
    /// From now on this one hears. The first one stays.
    pub(crate) fn join(&self, listener: Arc<dyn RevocationListener>) {
        let _ = self.0.set(listener);
    }

    /// Tells what a committed deed ended.
    pub(crate) fn tell(&self, notice: &Notice) {
        let Some(listener) = self.0.get() else {
            return;
        };
        listener.ended(&notice.revocations);
        if let Some((as_of, keys)) = &notice.signing_keys
            && let Err(error) = listener.signing_keys(*as_of, keys)
        {
            tracing::error!(%error, "signing keys that were just written");
        }
    }
}

/// What is told behind a commit.
#[derive(Debug, Default)]
pub(crate) struct Notice {
    pub(crate) revocations: Vec<Revocation>,
    pub(crate) signing_keys: Option<(RevocationNumber, Vec<SigningKey>)>,
}

/// Numbers the subjects. The last statements of their transaction.
pub(crate) fn number<E: From<StoreError>>(
    connection: &mut AnyConnection,
    subjects: &[Subject],
) -> Result<Notice, Abort<E>> {
    let revocations = match *subjects {
        [] => Vec::new(),
        [subject] => {
            let number = RevocationNumber::new(native::number(connection, subject.into())?);
            vec![Revocation { number, subject }]
        }
        _ => number_all(connection, subjects)?,
    };
    let mut notice = Notice { revocations, signing_keys: None };
    // Read under the head's lock: whoever has the later number has read the later keys.
    if subjects.contains(&Subject::SigningKeys)
        && let Some(last) = notice.revocations.last()
    {
        notice.signing_keys = Some((last.number, signing_keys::load(connection)?));
    }
    Ok(notice)
}

/// Numbers many subjects, in so few statements that whoever waits for the next number hardly waits longer for them.
fn number_all<E: From<StoreError>>(
    connection: &mut AnyConnection,
    subjects: &[Subject],
) -> Result<Vec<Revocation>, Abort<E>> {
    let many = i64::try_from(subjects.len()).unwrap_or(i64::MAX);
    diesel::update(revocation_head::table.find(1))
        .set(revocation_head::last.eq(revocation_head::last + many))
        .execute(connection)?;
    let first = head(connection)?.last.get() - many + 1;
    let number = |(number, &subject)| Revocation { number: RevocationNumber::new(number), subject };
    let revocations: Vec<_> = (first..).zip(subjects).map(number).collect();
    for some in revocations.chunks(WRITTEN_AT_ONCE) {
        let rows: Vec<_> = some.iter().map(RevocationRow::from).collect();
        let insert = diesel::insert_into(revocations::table).values(&rows);
        match connection {
            AnyConnection::Postgres(connection) => insert.execute(connection)?,
            AnyConnection::Sqlite(connection) => insert.execute(connection)?,
        };
    }
    Ok(revocations)
}

/// How far the log reaches.
pub(crate) fn head<E: From<StoreError>>(connection: &mut AnyConnection) -> Result<LogHead, Abort<E>> {
    let row: Option<(i64, i64)> = revocation_head::table
        .find(1)
        .select((revocation_head::last, revocation_head::forgotten))
        .first(connection)
        .optional()?;
    let Some((last, forgotten)) = row else {
        return Err(Corrupt("revocation_head has no row".to_owned()).into());
    };
    Ok(LogHead { last: RevocationNumber::new(last), forgotten: RevocationNumber::new(forgotten) })
}

/// A page of the log.
pub(crate) fn after<E: From<StoreError>>(
    connection: &mut AnyConnection,
    after: RevocationNumber,
    limit: u16,
) -> Result<Vec<Revocation>, Abort<E>> {
    let rows = revocations::table
        .filter(revocations::number.gt(after.get()))
        .order(revocations::number.asc())
        .limit(limit.into())
        .select(RevocationRow::as_select())
        .load(connection)?;
    let mut page = Vec::with_capacity(rows.len());
    for row in rows {
        page.push(Revocation::try_from(row)?);
    }
    Ok(page)
}

/// The tokens that were ended and have not expired by `now`, or all that are still known.
pub(crate) fn revoked<E: From<StoreError>>(
    connection: &mut AnyConnection,
    now: Option<Instant>,
) -> Result<Vec<RevokedToken>, Abort<E>> {
    let mut tokens = revoked_tokens::table
        .select((revoked_tokens::id, revoked_tokens::expires_at))
        .into_boxed::<MultiBackend>();
    if let Some(now) = now {
        tokens = tokens.filter(revoked_tokens::expires_at.gt(StoredInstant::from(now)));
    }
    let rows: Vec<(StoredId, StoredInstant)> = tokens.load(connection)?;
    let token = |(id, end): (StoredId, StoredInstant)| RevokedToken { id: id.into(), expires_at: end.into() };
    Ok(rows.into_iter().map(token).collect())
}

/// Why a token was not revoked.
enum NotRevoked {
    Already,
    Store(StoreError),
}

impl From<StoreError> for NotRevoked {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[async_trait]
impl RevocationLog for Store {
    async fn head(&self) -> Result<LogHead, StoreError> {
        self.db.read(head).await
    }

    async fn after(&self, number: RevocationNumber, limit: u16) -> Result<Vec<Revocation>, StoreError> {
        self.db.read(move |connection| after(connection, number, limit)).await
    }

    async fn revoked_tokens(&self, now: Instant) -> Result<Vec<RevokedToken>, StoreError> {
        self.db.read(move |connection| revoked(connection, Some(now))).await
    }

    async fn revoke_token(&self, token: RevokedToken, event: AuditEvent) -> Result<bool, StoreError> {
        let revoked = self.db.end(move |connection| {
            append(connection, &event)?;
            let (id, end) = (StoredId::from(token.id), StoredInstant::from(token.expires_at));
            diesel::insert_into(revoked_tokens::table)
                .values((revoked_tokens::id.eq(id), revoked_tokens::expires_at.eq(end)))
                .execute(connection)
                .map_err(REVOKED_TOKEN.means(NotRevoked::Already))?;
            Ok(Ended::of((), Subject::Token(token)))
        });
        match revoked.await {
            Ok(()) => Ok(true),
            Err(NotRevoked::Already) => Ok(false),
            Err(NotRevoked::Store(error)) => Err(error),
        }
    }

    /// In several transactions: first nobody relies on the rows any longer, then they go, some at a time, while
    /// nobody's number waits.
    async fn forget(&self, up_to: RevocationNumber, now: Instant) -> Result<(), StoreError> {
        self.db
            .write(move |connection| {
                // A number that was not given yet cannot be forgotten: it would be passed over when it is.
                let is_behind = revocation_head::forgotten.lt(up_to.get());
                let is_given = revocation_head::last.ge(up_to.get());
                diesel::update(revocation_head::table.filter(is_behind.and(is_given)))
                    .set(revocation_head::forgotten.eq(up_to.get()))
                    .execute(connection)?;
                Ok::<_, Abort<StoreError>>(())
            })
            .await?;
        while self.db.write(delete_some_forgotten).await? > 0 {}
        self.db
            .write(move |connection| {
                let is_over = revoked_tokens::expires_at.le(StoredInstant::from(now));
                diesel::delete(revoked_tokens::table.filter(is_over)).execute(connection)?;
                Ok(())
            })
            .await
    }
}

/// Deletes rows that are forgotten, and says how many.
fn delete_some_forgotten(connection: &mut AnyConnection) -> Result<usize, Abort<StoreError>> {
    let forgotten = head(connection)?.forgotten.get();
    let oldest: Option<i64> =
        revocations::table.select(diesel::dsl::min(revocations::number)).first(connection)?;
    let end = oldest.map_or(forgotten, |oldest| forgotten.min(oldest.saturating_add(DELETED_AT_ONCE)));
    Ok(diesel::delete(revocations::table.filter(revocations::number.le(end))).execute(connection)?)
}
