//! The two SQL types that the databases spell differently: ids and moments.
//!
//! Each is native on either side: `Id` is a `uuid` on PostgreSQL and 16 bytes on SQLite, `Instant` a
//! `timestamptz` and a number of microseconds.

use std::io::Write;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, HasSqlType, SqlType};
use diesel::sqlite::{Sqlite, SqliteValue};
use keyward_domain::ids::{AccountId, AgentId, AuditEventId, KeyId, MailId, RequestId, SessionId, TokenId};
use keyward_domain::time::Instant as Moment;
use uuid::Uuid;

use crate::connection::{MultiBackend, MultiRawValue};

/// SQL: an id.
#[derive(Debug, Clone, Copy, QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct Id;

/// SQL: a moment in UTC, in whole microseconds.
#[derive(Debug, Clone, Copy, QueryId, SqlType)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct Instant;

/// An id of any kind, on its way to or from a column: the column knows the kind.
#[derive(Debug, Clone, Copy, AsExpression, FromSqlRow)]
#[diesel(sql_type = Id)]
pub struct StoredId(Uuid);

/// A moment on its way to or from a column.
#[derive(Debug, Clone, Copy, AsExpression, FromSqlRow)]
#[diesel(sql_type = Instant)]
pub struct StoredInstant(Moment);

macro_rules! stored_ids {
    ($($id:ty),+) => {$(
        impl From<$id> for StoredId {
            fn from(id: $id) -> Self {
                Self(id.as_uuid())
            }
        }

        impl From<StoredId> for $id {
            fn from(StoredId(uuid): StoredId) -> Self {
                Self::from_uuid(uuid)
            }
        }
    )+};
}

stored_ids!(AccountId, AgentId, AuditEventId, KeyId, MailId, RequestId, SessionId, TokenId);

impl From<Moment> for StoredInstant {
    fn from(moment: Moment) -> Self {
        Self(moment)
    }
}

impl From<StoredInstant> for Moment {
    fn from(StoredInstant(moment): StoredInstant) -> Self {
        moment
    }
}

impl ToSql<Id, Pg> for StoredId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Pg> for StoredId {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<Id, Sqlite> for StoredId {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Sqlite> for StoredId {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

/// PostgreSQL counts from 2000-01-01: this many microseconds after 1970-01-01.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

impl ToSql<Instant, Pg> for StoredInstant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = self.0.unix_micros() - POSTGRES_EPOCH; // The years 0001 to 9999 leave room on both sides.
        out.write_all(&micros.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Instant, Pg> for StoredInstant {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(value.as_bytes().try_into()?);
        // `infinity` is the largest number, and no moment.
        Ok(Self(Moment::from_unix_micros(micros.saturating_add(POSTGRES_EPOCH))?))
    }
}

impl ToSql<Instant, Sqlite> for StoredInstant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.unix_micros());
        Ok(IsNull::No)
    }
}

impl FromSql<Instant, Sqlite> for StoredInstant {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(Moment::from_unix_micros(<i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?)?))
    }
}

/// What makes a value of the derived backend out of one of both native ones.
macro_rules! on_either {
    ($sql:ident, $rust:ident) => {
        impl HasSqlType<$sql> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$sql>(lookup)
            }
        }

        impl ToSql<$sql, MultiBackend> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql, self));
                Ok(IsNull::No)
            }
        }

        impl FromSql<$sql, MultiBackend> for $rust {
            fn from_sql(value: MultiRawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<Self, $sql>()
            }
        }
    };
}

on_either!(Id, StoredId);
on_either!(Instant, StoredInstant);
