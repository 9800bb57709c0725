//! Rows of `revocations`.

use diesel::prelude::*;
use keyward_domain::revocations::{Revocation, RevocationNumber, RevokedToken, Subject};

use super::unreadable;
use crate::error::Corrupt;
use crate::schema::revocations;
use crate::types::{StoredId, StoredInstant};

/// What ended.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = revocations, treat_none_as_default_value = false)]
pub(crate) struct RevocationRow {
    number: i64,
    kind: String,
    subject_id: Option<StoredId>,
    expires_at: Option<StoredInstant>,
}

/// A subject as its columns.
pub(crate) struct SubjectColumns {
    pub(crate) kind: &'static str,
    pub(crate) subject_id: Option<StoredId>,
    pub(crate) expires_at: Option<StoredInstant>,
}

impl From<Subject> for SubjectColumns {
    fn from(subject: Subject) -> Self {
        let (kind, subject_id, expires_at) = match subject {
            Subject::Account(id) => ("account", Some(id.into()), None),
            Subject::Agent(id) => ("agent", Some(id.into()), None),
            Subject::Key(id) => ("key", Some(id.into()), None),
            Subject::Token(token) => ("token", Some(token.id.into()), Some(token.expires_at.into())),
            Subject::SigningKeys => ("signing_keys", None, None),
        };
        Self { kind, subject_id, expires_at }
    }
}

impl From<&Revocation> for RevocationRow {
    fn from(Revocation { number, subject }: &Revocation) -> Self {
        let SubjectColumns { kind, subject_id, expires_at } = (*subject).into();
        Self { number: number.get(), kind: kind.to_owned(), subject_id, expires_at }
    }
}

impl TryFrom<RevocationRow> for Revocation {
    type Error = Corrupt;

    /// Security: a kind that this release does not know is no revocation to pass over.
    fn try_from(row: RevocationRow) -> Result<Self, Corrupt> {
        let subject = match (row.kind.as_str(), row.subject_id, row.expires_at) {
            ("account", Some(id), None) => Subject::Account(id.into()),
            ("agent", Some(id), None) => Subject::Agent(id.into()),
            ("key", Some(id), None) => Subject::Key(id.into()),
            ("token", Some(id), Some(end)) => {
                Subject::Token(RevokedToken { id: id.into(), expires_at: end.into() })
            }
            ("signing_keys", None, None) => Subject::SigningKeys,
            _ => return Err(unreadable("revocations.kind")),
        };
        Ok(Self { number: RevocationNumber::new(row.number), subject })
    }
}
