//! Port: what a server finds when it looks at everything that it depends on.

use async_trait::async_trait;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What it is, such as `database`.
    pub name: &'static str,
    /// Whether all is well with it.
    pub ok: bool,
    /// What was found, in one line for a person, without secrets.
    pub detail: String,
}

impl Check {
    /// What looking at something came to.
    pub fn of(name: &'static str, found: Result<String, String>) -> Self {
        let ok = found.is_ok();
        Self { name, ok, detail: found.unwrap_or_else(|why| why) }
    }
}

/// Port: looks at everything that the server depends on, and changes nothing.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Diagnostics: Send + Sync {
    /// Every check, always the same ones in the same order. What cannot be looked at in time has failed.
    async fn examine(&self) -> Vec<Check>;
}
