//! How a job on the database ends badly, and what its caller is told.

use diesel::result::{DatabaseErrorKind, Error};
use keyward_domain::store::StoreError;

/// Why a job is abandoned. Whatever it wrote is rolled back.
///
/// `E` is what the port answers; it can carry a [`StoreError`].
#[derive(Debug)]
pub(crate) enum Abort<E> {
    /// For a reason that the port has a name for.
    Refused(E),
    /// A statement failed.
    Failed(Error),
}

impl<E> From<Error> for Abort<E> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl<E: From<StoreError>> From<Corrupt> for Abort<E> {
    fn from(Corrupt(what): Corrupt) -> Self {
        Self::Refused(StoreError::Corrupt(what).into())
    }
}

impl<E: From<StoreError>> Abort<E> {
    /// What the caller is told.
    pub(crate) fn into_answer(self) -> E {
        match self {
            Self::Refused(reason) => reason,
            Self::Failed(error) => store_error(&error).into(),
        }
    }
}

/// A row breaks a promise of the schema. Names the column and never what stands in it.
#[derive(Debug)]
pub(crate) struct Corrupt(pub(crate) String);

/// A unique constraint that a port has a name for.
pub(crate) struct Unique {
    /// Its name, which PostgreSQL reports.
    name: &'static str,
    /// Its columns, which SQLite reports.
    columns: &'static str,
}

/// One account that is not archived has an e-mail address.
pub(crate) const EMAIL: Unique =
    Unique { name: "accounts_email_unique", columns: "accounts.email_canonical" };
/// One key has a handle.
pub(crate) const HANDLE: Unique = Unique { name: "api_keys_handle_unique", columns: "api_keys.handle" };
/// One account has an end of an id. SQLite names an index on an expression instead of its columns.
pub(crate) const TENANT: Unique =
    Unique { name: "accounts_tenant_unique", columns: "index 'accounts_tenant_unique'" };
/// A request is answered once.
pub(crate) const ANSWERED: Unique =
    Unique { name: "idempotency_records_pkey", columns: "idempotency_records.lookup" };
/// One signing key of an algorithm is active.
pub(crate) const ACTIVE_KEY: Unique =
    Unique { name: "signing_keys_active_unique", columns: "signing_keys.algorithm" };
/// A token is revoked once.
pub(crate) const REVOKED_TOKEN: Unique = Unique { name: "revoked_tokens_pkey", columns: "revoked_tokens.id" };
/// One signing key of an algorithm is published. SQLite reports columns, which are the active key's: what was inserted
/// tells the two apart.
pub(crate) const PUBLISHED_KEY: Unique =
    Unique { name: "signing_keys_published_unique", columns: "signing_keys.algorithm" };
/// A database belongs to one deployment.
pub(crate) const DEPLOYMENT: Unique = Unique { name: "deployment_pkey", columns: "deployment.id" };
/// One master key is current, and at most one superseded.
pub(crate) const SLOT: Unique = Unique { name: "master_key_slots_pkey", columns: "master_key_slots.state" };
/// A master key has one slot.
pub(crate) const SLOT_KEY: Unique = Unique {
    name: "master_key_slots_fingerprint_unique",
    columns: "master_key_slots.master_key_fingerprint",
};

impl Unique {
    /// For `map_err` after an insert: the violation of this constraint is `reason`, every other error is itself.
    pub(crate) fn means<E>(self, reason: E) -> impl FnOnce(Error) -> Abort<E> {
        move |error| {
            if self.is_violated(&error) { Abort::Refused(reason) } else { Abort::Failed(error) }
        }
    }

    /// Whether this is the violation of the constraint.
    pub(crate) fn is_violated(&self, error: &Error) -> bool {
        let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, details) = error else {
            return false;
        };
        match details.constraint_name() {
            Some(name) => name == self.name,
            // "UNIQUE constraint failed: accounts.email_canonical"
            None => details.message().rsplit(": ").next() == Some(self.columns),
        }
    }
}

/// For `map_err` after an insert whose row refers to its owner alone: an owner that does not exist is `reason`.
pub(crate) fn orphan_means<E>(reason: E) -> impl FnOnce(Error) -> Abort<E> {
    move |error| {
        let is_orphan = matches!(error, Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _));
        if is_orphan { Abort::Refused(reason) } else { Abort::Failed(error) }
    }
}

/// Whether the connection is gone, so that another one may do better.
pub(crate) fn is_disconnected(error: &Error) -> bool {
    matches!(
        error,
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _)
            | Error::BrokenTransactionManager
    )
}

/// Whether only the statement failed, as it would on any healthy database: the transaction around it goes on.
pub(crate) fn is_harmless(error: &Error) -> bool {
    matches!(
        error,
        Error::NotFound
            | Error::DeserializationError(_)
            | Error::SerializationError(_)
            | Error::DatabaseError(
                DatabaseErrorKind::UniqueViolation
                    | DatabaseErrorKind::ForeignKeyViolation
                    | DatabaseErrorKind::NotNullViolation
                    | DatabaseErrorKind::CheckViolation,
                _
            )
    )
}

/// What a failed statement means to a caller.
#[allow(clippy::wildcard_enum_match_arm, reason = "diesel's enums are open: what it adds is an outage to us")]
pub(crate) fn store_error(error: &Error) -> StoreError {
    match error {
        Error::DatabaseError(kind, details) => {
            database_error(kind, details.message(), details.constraint_name())
        }
        Error::NotFound | Error::DeserializationError(_) | Error::SerializationError(_) => {
            StoreError::Corrupt(one_line(&error.to_string()))
        }
        other => StoreError::Unavailable(one_line(&other.to_string())),
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "diesel's enums are open: what it adds is an outage to us")]
fn database_error(kind: &DatabaseErrorKind, message: &str, constraint: Option<&str>) -> StoreError {
    let message = one_line(message);
    match kind {
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::NotNullViolation
        | DatabaseErrorKind::CheckViolation
        | DatabaseErrorKind::RestrictViolation
        | DatabaseErrorKind::ExclusionViolation => {
            StoreError::Corrupt(format!("a write breaks a constraint: {}", constraint.unwrap_or(&message)))
        }
        DatabaseErrorKind::SerializationFailure => StoreError::Busy,
        // SQLite and PostgreSQL have no kind for these, only words.
        _ if BUSY.iter().any(|words| message.contains(words)) => StoreError::Busy,
        _ if MALFORMED.iter().any(|words| message.contains(words)) => StoreError::Corrupt(message),
        _ => StoreError::Unavailable(message),
    }
}

const BUSY: &[&str] =
    &["database is locked", "database table is locked", "due to lock timeout", "deadlock detected"];
const MALFORMED: &[&str] = &["database disk image is malformed", "file is not a database"];

/// The first line: libpq likes to write several.
pub(crate) fn one_line(text: &str) -> String {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason was given").to_owned()
}
