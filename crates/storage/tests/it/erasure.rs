//! What is left of an erased account in the database itself, whatever the ports show.

use std::fmt::Write;

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use diesel::{PgConnection, QueryableByName, SqliteConnection, sql_query};
use keyward_domain::accounts::{AccountStore, DisplayName, EmailAddress, PasswordHash, Registration};
use keyward_domain::agents::AgentName;
use keyward_domain::audit::Action;
use keyward_domain::single_use::{Issuance, SingleUsePurpose, SingleUseTokenStore};
use keyward_storage::Store;
use keyward_testkit::builders::Samples;
use keyward_testkit::postgres::PostgresDatabase;

use crate::databases::{SqliteFolder, open, url_of};

/// A text that stands in everything which says something of the person.
const TRACE: &str = "traceofaperson";

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Nullable<Text>)]
    cell: Option<String>,
}

/// Every column of every table, as text.
#[allow(clippy::disallowed_methods, reason = "the test looks past the adapter")]
fn cells<C: diesel::connection::LoadConnection>(connection: &mut C, columns: &str, cast: &str) -> String
where
    Cell: QueryableByName<C::Backend>,
    diesel::query_builder::SqlQuery: for<'a> diesel::query_dsl::LoadQuery<'a, C, Cell>,
{
    let mut all = String::new();
    let listed: Vec<Cell> = sql_query(columns).load(connection).unwrap();
    assert!(listed.len() > 30, "the list of columns is not whole");
    for column in listed.into_iter().filter_map(|listed| listed.cell) {
        let (table, name) = column.split_once('.').unwrap();
        let query = format!("SELECT {} AS cell FROM \"{table}\"", cast.replace("{}", &format!("\"{name}\"")));
        for found in sql_query(query).load::<Cell>(connection).unwrap() {
            writeln!(all, "{column}: {}", found.cell.unwrap_or_default()).unwrap();
        }
    }
    all
}

pub(crate) fn sqlite_cells(folder: &SqliteFolder) -> String {
    let mut connection = SqliteConnection::establish(folder.path().to_str().unwrap()).unwrap();
    let columns = "SELECT m.name || '.' || c.name AS cell FROM sqlite_master m, pragma_table_info(m.name) c \
                   WHERE m.type = 'table'";
    cells(
        &mut connection,
        columns,
        "lower(CASE typeof({}) WHEN 'blob' THEN hex({}) ELSE CAST({} AS TEXT) END)",
    )
}

pub(crate) fn postgres_cells(database: &PostgresDatabase) -> String {
    let mut connection = PgConnection::establish(&database.url()).unwrap();
    let columns = "SELECT table_name || '.' || column_name AS cell FROM information_schema.columns \
                   WHERE table_schema = current_schema()";
    cells(&mut connection, columns, "lower({}::text)")
}

fn person(samples: &Samples) -> Registration {
    let mut registration = samples.registration_with_agent();
    registration.account.display_name = DisplayName::parse(TRACE).unwrap();
    let email = registration.account.email.as_mut().unwrap();
    email.address = EmailAddress::parse(&format!("{TRACE}@example.com")).unwrap();
    registration.password = Some(PasswordHash::new(format!("$argon2id${TRACE}")));
    let agent = &mut registration.agent.as_mut().unwrap().0;
    agent.name = AgentName::parse(&format!("{TRACE}'s Agent")).unwrap();
    registration.mail = Some(samples.mail_to(registration.account.id, samples.at(0)));
    registration
}

async fn erase(store: &Store, samples: &Samples, person: &Registration) {
    let id = person.account.id;
    let event = samples.event(Action::AccountErased, id, samples.at(1));
    assert_eq!(store.erase(id, event).await, Ok(true));
    assert_eq!(store.integrity().unwrap(), [""; 0]);
}

#[tokio::test]
async fn no_personal_data_is_left_of_an_erased_account_in_any_column() {
    let (folder, database, samples) = (SqliteFolder::new(), PostgresDatabase::create(), Samples::new());
    let (person, neighbour) = (person(&samples), samples.registration_with_agent());
    let stores = [folder.open(), open(&url_of(&database))];
    for store in &stores {
        for registration in [&person, &neighbour] {
            store.register(registration.clone(), samples.registered(registration)).await.unwrap();
        }
    }
    for store in &stores {
        let token = samples.single_use_token(&person.account, SingleUsePurpose::VerifyAddress, samples.at(0));
        let event = samples.event(Action::VerificationIssued, person.account.id, samples.at(0));
        assert_eq!(store.issue(token, None, event).await, Ok(Issuance::Issued));
    }
    let read = || [sqlite_cells(&folder), postgres_cells(&database)];
    let handles = [person.key.handle, person.agent.as_ref().unwrap().1.handle];
    let handles: Vec<_> = handles.iter().map(|handle| handle.as_str().to_lowercase()).collect();
    let traces = |text: &str| {
        text.matches(TRACE).count()
            + handles.iter().map(|handle| text.matches(handle.as_str()).count()).sum::<usize>()
    };
    for before in read() {
        assert!(traces(&before) >= 8, "{before}");
    }
    for store in &stores {
        erase(store, &samples, &person).await;
    }
    for after in read() {
        assert_eq!(traces(&after), 0, "{after}");
        let id = person.account.id.to_string();
        assert!(after.contains(&format!("account:{id}")), "the trail keeps the id");
    }
}

#[tokio::test]
async fn an_erased_account_that_is_there_is_found() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let (store, registration) = (folder.open(), samples.registration());
    store.register(registration.clone(), samples.registered(&registration)).await.unwrap();
    erase(&store, &samples, &registration).await;
    let event = samples.registered(&registration);
    store.register(registration, event).await.unwrap();
    assert_eq!(store.integrity().unwrap(), ["1 accounts that were erased and are there"]);
}

/// Whether the database's files hold the trace, whatever the tables show.
fn is_on_disk(folder: &SqliteFolder) -> bool {
    let files = folder.path().parent().unwrap().read_dir().unwrap();
    let mut bytes = files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect::<Vec<_>>();
    bytes.make_ascii_lowercase();
    bytes.windows(TRACE.len()).any(|window| window == TRACE.as_bytes())
}

#[tokio::test]
async fn nothing_of_an_erased_account_is_left_on_free_pages_of_the_file() {
    let (folder, samples) = (SqliteFolder::new(), Samples::new());
    let store = folder.open();
    // Neighbours before and after, so that the rows are in the midst of pages and not at their ends.
    let mut registrations: Vec<_> = (0..60).map(|_| samples.registration_with_agent()).collect();
    registrations.insert(30, person(&samples));
    for registration in &registrations {
        store.register(registration.clone(), samples.registered(registration)).await.unwrap();
    }
    store.close();
    drop(store);
    assert!(is_on_disk(&folder), "the test finds what is there");
    let store = folder.open();
    erase(&store, &samples, &registrations[30]).await;
    store.close();
    drop(store); // The last connection that closes writes the log back and deletes it.
    assert!(!is_on_disk(&folder));
}
