//! The database's URL: which of the two databases, and where. Never shows a password.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use keyward_domain::secret::Secret;

/// Where the database is: `sqlite:PATH` or `postgres://…` (also `postgresql://…`).
#[derive(Clone)]
pub struct DatabaseUrl(Place);

#[derive(Clone)]
enum Place {
    Sqlite(PathBuf),
    /// The whole URI, with the password that may be in it.
    Postgres(Secret<String>),
}

/// Which database a URL names, for those who connect.
pub(crate) enum Target<'a> {
    /// The file.
    Sqlite(&'a Path),
    /// libpq's connection URI.
    Postgres(&'a str),
}

/// The text is no database URL. Says why, and never repeats the text: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDatabaseUrl {
    /// Neither of the two schemes.
    #[error("a database URL begins with `sqlite:` or `postgres://`")]
    UnknownScheme,
    /// `sqlite:` and then no file.
    #[error("`sqlite:` is followed by the path of a file")]
    NoPath,
    /// `sqlite://` looks like a host.
    #[error("a path after `sqlite:` begins with at most one slash")]
    DoubleSlash,
    /// An `@` behind the host: most likely a `/`, `?` or `#` in the password.
    #[error(
        "the database URL holds a character that must be percent-encoded: in user and password / as %2F, ? as %3F \
         and # as %23, behind the host @ as %40"
    )]
    Unencoded,
    /// A control character, which neither a path nor a URL holds.
    #[error("the database URL holds a control character")]
    ControlCharacter,
}

/// What libpq is told unless the URL says otherwise. It connects in at most two seconds, and notices within ten that
/// the machine at the other end is gone, so that a stuck query gives its thread back.
const DEFAULTS: &[(&str, &str)] = &[
    ("connect_timeout", "2"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
    // Security: a standby lags behind. What it says of a credential may have ended, and its log is short.
    ("target_session_attrs", "read-write"),
    ("application_name", "keyward"),
];

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    /// Security: only the two schemes. A mistyped one must not become the name of a fresh SQLite file.
    fn from_str(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        let text = text.trim();
        if text.contains(char::is_control) {
            return Err(InvalidDatabaseUrl::ControlCharacter);
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            return match path {
                "" | ":memory:" => Err(InvalidDatabaseUrl::NoPath),
                _ if path.starts_with("//") => Err(InvalidDatabaseUrl::DoubleSlash),
                _ => Ok(Self::sqlite(path)),
            };
        }
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        let Some(rest) = rest else {
            return Err(InvalidDatabaseUrl::UnknownScheme);
        };
        // Security: the first of these ends the host (RFC 3986, section 3.2). If one stands in a password, a part of
        // the password would pass for the host's or the database's name, and be printed.
        let (host, behind) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if behind.contains('@') && !(host.is_empty() && behind.starts_with('/')) {
            return Err(InvalidDatabaseUrl::Unencoded);
        }
        Ok(Self(Place::Postgres(with_defaults(text))))
    }
}

impl DatabaseUrl {
    /// The SQLite database in this file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self(Place::Sqlite(path.into()))
    }

    /// The database for people: without user, password and parameters.
    pub fn describe(&self) -> String {
        match &self.0 {
            Place::Sqlite(path) => format!("SQLite in {}", path.display()),
            Place::Postgres(url) => {
                let rest = url.expose().split_once("://").map_or("", |(_, rest)| rest);
                let (place, _) = rest.split_once('?').unwrap_or((rest, ""));
                let (host, name) = place.split_once('/').unwrap_or((place, ""));
                let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
                match (host, name) {
                    ("", "") => "PostgreSQL".to_owned(),
                    ("", name) => format!("PostgreSQL, database {name}"),
                    (host, "") => format!("PostgreSQL at {host}"),
                    (host, name) => format!("PostgreSQL at {host}, database {name}"),
                }
            }
        }
    }

    /// The same database for the poller's connection, which would rather be cut and made again than wait, and has a name
    /// by which an administrator knows it.
    pub(crate) fn impatient(&self) -> Self {
        match &self.0 {
            Place::Sqlite(_) => self.clone(),
            // The last one of a name counts, and there is one: the defaults have been added.
            Place::Postgres(url) => {
                let own = "tcp_user_timeout=1000&application_name=keyward-poller";
                Self(Place::Postgres(Secret::new(format!("{}&{own}", url.expose()))))
            }
        }
    }

    /// The SQLite file, if the database is one.
    pub fn sqlite_path(&self) -> Option<&Path> {
        match &self.0 {
            Place::Sqlite(path) => Some(path),
            Place::Postgres(_) => None,
        }
    }

    pub(crate) fn target(&self) -> Target<'_> {
        match &self.0 {
            Place::Sqlite(path) => Target::Sqlite(path),
            Place::Postgres(url) => Target::Postgres(url.expose()),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({})", self.describe())
    }
}

fn with_defaults(url: &str) -> Secret<String> {
    let given = url.split_once('?').map_or("", |(_, query)| query);
    let is_given = |name: &str| given.split('&').any(|pair| pair.split('=').next() == Some(name));
    let longest: usize = DEFAULTS.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    // Security: as long as it can get, so that it does not move and leave a copy of the password behind.
    let mut whole = String::with_capacity(url.len() + longest);
    whole.push_str(url);
    for (name, value) in DEFAULTS.iter().filter(|(name, _)| !is_given(name)) {
        whole.push(if whole.contains('?') { '&' } else { '?' });
        whole.push_str(name);
        whole.push('=');
        whole.push_str(value);
    }
    Secret::new(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_databases_are_known() {
        let refused = [
            "",
            "postgre://localhost/keyward",
            "postgres:localhost",
            "mysql://localhost/keyward",
            "keyward.db",
            "/var/lib/keyward.db",
            "sqlite",
            "SQLITE:keyward.db",
            "file:keyward.db",
            "host=localhost user=keyward",
        ];
        for text in refused {
            assert_eq!(text.parse::<DatabaseUrl>().err(), Some(InvalidDatabaseUrl::UnknownScheme), "{text}");
        }
        for text in ["sqlite:", "sqlite::memory:"] {
            assert_eq!(text.parse::<DatabaseUrl>().err(), Some(InvalidDatabaseUrl::NoPath), "{text}");
        }
        let double = "sqlite://keyward.db".parse::<DatabaseUrl>().err();
        assert_eq!(double, Some(InvalidDatabaseUrl::DoubleSlash));
        for text in [
            "sqlite:keyward.db",
            "sqlite:/var/lib/keyward.db",
            "postgres://localhost",
            "postgresql:///keyward",
        ] {
            assert!(text.parse::<DatabaseUrl>().is_ok(), "{text}");
        }
    }

    #[test]
    fn threat_k1_a_url_does_not_print_its_password() {
        let described = [
            (
                "postgres://keyward:hunter2@db.example:5432/keyward?sslmode=require",
                "PostgreSQL at db.example:5432, database keyward",
            ),
            (
                "postgresql://keyward:hun@ter2@db.example/keyward",
                "PostgreSQL at db.example, database keyward",
            ),
            ("postgres://db.example?password=hunter2", "PostgreSQL at db.example"),
            ("postgres:///keyward?user=a@b&password=hunter2", "PostgreSQL, database keyward"),
            ("sqlite:data/keyward.db", "SQLite in data/keyward.db"),
        ];
        for (text, expected) in described {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!(url.describe(), expected);
            assert_eq!(format!("{url:?}"), format!("DatabaseUrl({expected})"));
        }
    }

    #[test]
    fn threat_k1_a_password_that_would_end_the_host_is_refused_without_being_repeated() {
        for password in
            ["hun/ter2", "hun?ter2", "hun#ter2", "?hunter2", "hun?ter2/", "1/hunter?2", "hun@ter#2"]
        {
            for url in [
                format!("postgres://keyward:{password}@db.example/keyward"),
                format!("postgresql://keyward:{password}@db.example?sslmode=require"),
            ] {
                let refused = url.parse::<DatabaseUrl>().unwrap_err();
                assert_eq!(refused, InvalidDatabaseUrl::Unencoded, "{password}");
                assert!(!refused.to_string().contains("hun") && !refused.to_string().contains("ter2"));
            }
        }
        let encoded: DatabaseUrl = "postgres://keyward:hun%3Fter%2F2@db.example/keyward".parse().unwrap();
        assert_eq!(encoded.describe(), "PostgreSQL at db.example, database keyward");
    }

    #[test]
    fn what_the_url_says_wins_over_our_defaults() {
        let url: DatabaseUrl = "postgres://db.example/keyward?connect_timeout=9".parse().unwrap();
        let Target::Postgres(text) = url.target() else { panic!("not PostgreSQL") };
        assert_eq!(text.matches("connect_timeout").count(), 1);
        assert!(text.contains("tcp_user_timeout=10000"));
    }
}
