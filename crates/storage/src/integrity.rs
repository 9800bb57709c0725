//! Whether what belongs together is together: for `keyward doctor`, and for tests that kill the server.

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use keyward_domain::audit::Action;

use crate::connection::AnyConnection;
use crate::native;
use crate::schema::{accounts, agents, api_keys, audit_events};

/// What is wrong, one line each. Reads everything.
pub(crate) fn check(connection: &mut AnyConnection) -> QueryResult<Vec<String>> {
    let mut findings = match connection {
        AnyConnection::Sqlite(connection) => native::sqlite::check_file(connection)?,
        AnyConnection::Postgres(_) => Vec::new(), // PostgreSQL checks references as it goes, and pages on reading.
    };
    let counts = [
        (accounts_without_event(connection)?, "accounts without the audit event of their registration"),
        (events_without_account(connection)?, "audit events of registrations without the account"),
        (erased_accounts(connection)?, "accounts that were erased and are there"),
        (accounts_without_key(connection)?, "accounts that never had an account-level key"),
        (agents_without_account(connection)?, "agents without an account"),
        (agents_without_key(connection)?, "agents that never had a key"),
        (keys_of_foreign_agents(connection)?, "keys whose agent is not their account's"),
        (accounts_that_undercount(connection)?, "accounts that have more keys than they count"),
        (superseded_keys_without_end(connection)?, "keys that were rotated with grace and never end"),
    ];
    findings.extend(
        counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")),
    );
    Ok(findings)
}

/// How an account comes to be.
const BEGINNINGS: [&str; 2] = [Action::AccountRegistered.as_str(), Action::AccountImported.as_str()];

fn accounts_without_event(connection: &mut AnyConnection) -> QueryResult<i64> {
    let its_event = audit_events::table
        .filter(audit_events::account_id.eq(accounts::id.nullable()))
        .filter(audit_events::action.eq_any(BEGINNINGS));
    accounts::table.filter(not(exists(its_event))).count().get_result(connection)
}

fn events_without_account(connection: &mut AnyConnection) -> QueryResult<i64> {
    let its_account = accounts::table.filter(accounts::id.nullable().eq(audit_events::account_id));
    let erasures = diesel::alias!(audit_events as erasures);
    let its_erasure = erasures
        .filter(erasures.field(audit_events::account_id).eq(audit_events::account_id))
        .filter(erasures.field(audit_events::action).eq(Action::AccountErased.as_str()));
    audit_events::table
        .filter(audit_events::action.eq_any(BEGINNINGS))
        .filter(not(exists(its_account)))
        .filter(not(exists(its_erasure)))
        .count()
        .get_result(connection)
}

fn erased_accounts(connection: &mut AnyConnection) -> QueryResult<i64> {
    let its_erasure = audit_events::table
        .filter(audit_events::account_id.eq(accounts::id.nullable()))
        .filter(audit_events::action.eq(Action::AccountErased.as_str()));
    accounts::table.filter(exists(its_erasure)).count().get_result(connection)
}

fn accounts_without_key(connection: &mut AnyConnection) -> QueryResult<i64> {
    let its_key =
        api_keys::table.filter(api_keys::account_id.eq(accounts::id)).filter(api_keys::agent_id.is_null());
    // Those that are imported come without any.
    let its_import = audit_events::table
        .filter(audit_events::account_id.eq(accounts::id.nullable()))
        .filter(audit_events::action.eq(Action::AccountImported.as_str()));
    accounts::table.filter(not(exists(its_key)).and(not(exists(its_import)))).count().get_result(connection)
}

fn agents_without_account(connection: &mut AnyConnection) -> QueryResult<i64> {
    let its_account = accounts::table.filter(accounts::id.eq(agents::account_id));
    agents::table.filter(not(exists(its_account))).count().get_result(connection)
}

fn agents_without_key(connection: &mut AnyConnection) -> QueryResult<i64> {
    let its_key = api_keys::table.filter(api_keys::agent_id.eq(agents::id.nullable()));
    agents::table.filter(not(exists(its_key))).count().get_result(connection)
}

fn keys_of_foreign_agents(connection: &mut AnyConnection) -> QueryResult<i64> {
    let its_agent = agents::table
        .filter(agents::id.nullable().eq(api_keys::agent_id))
        .filter(agents::account_id.eq(api_keys::account_id));
    api_keys::table
        .filter(api_keys::agent_id.is_not_null())
        .filter(not(exists(its_agent)))
        .count()
        .get_result(connection)
}

/// Too high is healed where it matters. Keys that end by themselves are left out: nobody here knows what time it is.
fn accounts_that_undercount(connection: &mut AnyConnection) -> QueryResult<i64> {
    let its_own = api_keys::account_id.eq(accounts::id).and(api_keys::agent_id.is_null());
    let is_active = api_keys::revoked_at.is_null().and(api_keys::superseded_at.is_null());
    let good = api_keys::table
        .filter(its_own.and(is_active).and(api_keys::expires_at.is_null()))
        .select(count_star().nullable())
        .single_value();
    accounts::table.filter(accounts::active_keys.lt(good)).count().get_result(connection)
}

fn superseded_keys_without_end(connection: &mut AnyConnection) -> QueryResult<i64> {
    let is_standing = api_keys::revoked_at.is_null().and(api_keys::superseded_at.is_not_null());
    api_keys::table.filter(is_standing.and(api_keys::expires_at.is_null())).count().get_result(connection)
}
