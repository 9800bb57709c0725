//! The one block that a start prints for a person.

use std::fmt;
use std::path::PathBuf;

/// What a person wants to know at a start.
#[derive(Debug)]
pub(crate) struct Banner {
    /// Where clients find the server.
    pub(crate) url: String,
    /// The address it is bound to, where that is another.
    pub(crate) listen: String,
    /// Which database it uses, without credentials.
    pub(crate) database: String,
    /// Where mail goes.
    pub(crate) mail: String,
    /// Where a new admin key was put.
    pub(crate) new_admin_key: Option<PathBuf>,
    /// Where a new master key was put.
    pub(crate) new_master_key: Option<PathBuf>,
}

impl fmt::Display for Banner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Keyward {}", env!("CARGO_PKG_VERSION"))?;
        writeln!(f, "  address     {}", self.url)?;
        writeln!(f, "  for people  {}/dashboard", self.url)?;
        if !self.url.ends_with(&self.listen) {
            writeln!(f, "  listening   {}", self.listen)?;
        }
        writeln!(f, "  database    {}", self.database)?;
        writeln!(f, "  mail        {}", self.mail)?;
        if let Some(path) = &self.new_admin_key {
            writeln!(f, "  admin key   made now, in {}", path.display())?;
        }
        if let Some(path) = &self.new_master_key {
            writeln!(
                f,
                "  master key  made now, in {}: keep a copy where no backup of the database is",
                path.display()
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_start_says_where_the_keys_are() {
        let banner = Banner {
            url: "http://127.0.0.1:8080".to_owned(),
            listen: "127.0.0.1:8080".to_owned(),
            database: "SQLite, ./keyward-data/keyward.db".to_owned(),
            mail: "files in ./keyward-data/outbox".to_owned(),
            new_admin_key: Some("./keyward-data/admin.key".into()),
            new_master_key: None,
        };
        let text = banner.to_string();
        assert!(text.contains("  address     http://127.0.0.1:8080\n  for people  http://127.0.0.1:8080/dashboard\n  database    SQLite"), "{text}");
        assert!(text.ends_with("  admin key   made now, in ./keyward-data/admin.key\n"), "{text}");
    }
}
