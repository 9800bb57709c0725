//! `test`: every test of the workspace, on SQLite, a real PostgreSQL and a real Redis, and every example.

use std::num::NonZero;
use std::{fs, thread};

use anyhow::{Context, Result};

use crate::{browser, db, env, example, namespaces, redis, sh, verifiers};

/// Without arguments everything, examples included; arguments narrow it, as `cargo test` understands them.
pub(crate) fn run(args: &[String]) -> Result<()> {
    if !names_package(args) {
        verifiers::build()?;
    }
    let postgres = db::Scratch::start()?;
    let redis = redis::Scratch::start()?;
    sh::run(
        sh::cargo()
            .args(["test", "--locked"])
            .args((!names_package(args)).then_some("--workspace"))
            .args(args)
            .envs(namespaces::variable())
            .envs(browser::variables()?)
            .envs(verifiers::variables()?)
            .env(env::TEST_POSTGRES_URL, postgres.url())
            .env(env::TEST_REDIS_URL, redis.url())
            .env(env::TEST_THREADS, env::var(env::TEST_THREADS).unwrap_or_else(threads)),
    )?;
    if args.is_empty() { examples() } else { Ok(()) }
}

/// Two for each core: most tests wait longer than they work, for a disk, a database, a browser or a server's next poll.
fn threads() -> String {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    (2 * cores).to_string()
}

/// Beside `--workspace` cargo ignores a package that is named.
fn names_package(args: &[String]) -> bool {
    let own = args.iter().take_while(|arg| *arg != "--");
    own.into_iter().any(|arg| arg.starts_with("-p") || arg.starts_with("--package"))
}

/// The examples are the promise that another service can link the domain: so they run.
fn examples() -> Result<()> {
    example::build_all()?;
    example_names()?.iter().try_for_each(|name| sh::run(&mut example::command(name)?))
}

fn example_names() -> Result<Vec<String>> {
    let directory = sh::root().join("crates/domain/examples");
    let entries = fs::read_dir(&directory).context("crates/domain/examples cannot be read")?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(name);
        }
    }
    names.sort();
    Ok(names)
}
