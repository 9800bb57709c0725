//! Migrations: compiled in, applied in order, never half.

use diesel::connection::Connection;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use keyward_domain::store::StoreError;

use crate::connection::AnyConnection;
use crate::error::{one_line, store_error};
use crate::native;
use crate::schema::__diesel_schema_migrations as applied_migrations;

const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// A migration of this program.
struct Known {
    version: String,
    name: String,
}

/// The names of the migrations that this program has and the database does not, in order. Makes nothing.
pub(crate) fn pending(connection: &mut AnyConnection) -> QueryResult<Vec<String>> {
    let applied = applied(connection)?;
    let pending = known(connection).into_iter().filter(|known| !applied.contains(&known.version));
    Ok(pending.map(|known| known.name).collect())
}

/// A migration that the database has and this program does not, if there is one: a later release made it.
pub(crate) fn unknown(connection: &mut AnyConnection) -> QueryResult<Option<String>> {
    let known = known(connection);
    let is_unknown = |version: &String| !known.iter().any(|known| known.version == *version);
    Ok(applied(connection)?.into_iter().rev().find(is_unknown))
}

/// Applies what is pending: all of it, or nothing. Of several nodes at the same time one does and the others wait.
pub(crate) fn run(connection: &mut AnyConnection) -> Result<Vec<String>, StoreError> {
    let run = match connection {
        AnyConnection::Postgres(connection) => connection.transaction(|connection| {
            native::postgres::migrate_alone(connection)?;
            names(connection.run_pending_migrations(POSTGRES))
        }),
        AnyConnection::Sqlite(connection) => {
            connection.exclusive_transaction(|connection| names(connection.run_pending_migrations(SQLITE)))
        }
    };
    run.map_err(|MigrationFailed(error)| error)
}

struct MigrationFailed(StoreError);

impl From<diesel::result::Error> for MigrationFailed {
    fn from(error: diesel::result::Error) -> Self {
        Self(store_error(&error))
    }
}

fn names(
    run: diesel::migration::Result<Vec<diesel::migration::MigrationVersion<'_>>>,
) -> Result<Vec<String>, MigrationFailed> {
    match run {
        Ok(versions) => Ok(versions.iter().map(ToString::to_string).collect()),
        Err(error) => Err(MigrationFailed(StoreError::Unavailable(format!(
            "a migration failed: {}",
            one_line(&error.to_string())
        )))),
    }
}

/// The versions that the database has, oldest first; none where no migration ever ran.
fn applied(connection: &mut AnyConnection) -> QueryResult<Vec<String>> {
    if !native::table_exists(connection, "__diesel_schema_migrations")? {
        return Ok(Vec::new());
    }
    applied_migrations::table
        .select(applied_migrations::version)
        .order(applied_migrations::version.asc())
        .load(connection)
}

fn known(connection: &AnyConnection) -> Vec<Known> {
    match connection {
        AnyConnection::Postgres(_) => embedded::<Pg>(&POSTGRES),
        AnyConnection::Sqlite(_) => embedded::<Sqlite>(&SQLITE),
    }
}

fn embedded<DB: diesel::backend::Backend>(source: &EmbeddedMigrations) -> Vec<Known> {
    let migrations = MigrationSource::<DB>::migrations(source).unwrap_or_default(); // Compiled in: it cannot fail.
    let mut known: Vec<Known> = migrations
        .iter()
        .map(|migration| Known {
            version: migration.name().version().to_string(),
            name: migration.name().to_string(),
        })
        .collect();
    known.sort_by(|a, b| a.version.cmp(&b.version));
    known
}
