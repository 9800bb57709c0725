//! Where PostgreSQL's programs are, and how they come there.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{apt, env};

/// What Debian calls the server.
pub(crate) const PACKAGE: &str = "postgresql";

/// The directory that holds `initdb`, `pg_ctl` and `postgres`.
pub(crate) struct Binaries(PathBuf);

impl Binaries {
    /// From `PATH`, else the newest that Debian has installed.
    pub(crate) fn find() -> Option<Self> {
        let on_path = env::path().into_iter().filter_map(|directory| {
            Some(directory.join("initdb").canonicalize().ok()?.parent()?.to_path_buf())
        });
        let complete = |directory: &PathBuf| {
            ["initdb", "pg_ctl", "postgres"].iter().all(|name| directory.join(name).is_file())
        };
        on_path.chain(debian_directories()).find(complete).map(Self)
    }

    pub(super) fn find_or_install() -> Result<Self> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        apt::install(&[PACKAGE])?;
        Self::find().context("PostgreSQL is installed, but its `initdb` is nowhere to be found")
    }

    /// The path of one of them.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

/// Newest first.
fn debian_directories() -> impl Iterator<Item = PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, path)| path)
}
