//! `lint`: clippy, the rules of deny.toml, and known vulnerabilities where a database of them is given.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::{env, sh, tool};

/// Stops at the first tool that finds something.
pub(crate) fn run() -> Result<()> {
    sh::run(sh::cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    deny()?;
    advisories()
}

/// cargo-deny reads every crate of the lock file, those of other platforms too: hence the fetch.
fn deny() -> Result<()> {
    let cargo_deny = tool::path("cargo-deny", "0.20.2")?;
    sh::run(sh::cargo().args(["fetch", "--locked", "--quiet"]))?;
    sh::run(sh::command(cargo_deny).args([
        "--offline",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))
}

/// The database is an argument and nothing is fetched: a check must give the same answer twice.
fn advisories() -> Result<()> {
    let Some(database) = env::var(env::ADVISORY_DB) else {
        println!("advisories: NOT checked, because {} is not set", env::ADVISORY_DB);
        return Ok(());
    };
    ensure!(
        Path::new(&database).join("crates").is_dir(),
        "{} names {database}, which is no advisory database: it has no directory `crates`",
        env::ADVISORY_DB
    );
    let cargo_audit = tool::path("cargo-audit", "0.22.2")?;
    sh::run(sh::command(cargo_audit).args([
        "audit",
        "--no-fetch",
        "--stale",
        "--no-yanked",
        "--deny",
        "unsound",
        "--db",
        &database,
    ]))?;
    println!("advisories: checked against {database}");
    Ok(())
}
