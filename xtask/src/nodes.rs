//! `nodes`: the tests of several servers over one PostgreSQL, in release, and what they measured as one file.

use std::fs;

use anyhow::{Context, Result};
use serde_json::{Map, Value};

use crate::{db, env, namespaces, sh};

/// How often at length. The ordinary test run has numbers of its own.
const FULL: &[(&str, &str)] =
    &[("KEYWARD_NODES_REVOCATIONS", "5000"), ("KEYWARD_NODES_CUTS", "200"), ("KEYWARD_NODES_FREEZES", "50")];

/// Runs them, and writes `target/nodes.json`.
pub(crate) fn run(full: bool) -> Result<()> {
    let postgres = db::Scratch::start()?;
    let reports = sh::root().join("target/nodes");
    if reports.exists() {
        fs::remove_dir_all(&reports)?;
    }
    fs::create_dir_all(&reports)?;
    sh::run(
        sh::cargo()
            .args(["test", "--release", "--locked", "--package", "keyward-server"])
            .args(["--test", "it", "nodes::", "--", "--nocapture"])
            .envs(full.then_some(FULL).into_iter().flatten().copied())
            .envs(namespaces::variable())
            .env("KEYWARD_NODES_REPORT", &reports)
            .env(env::TEST_POSTGRES_URL, postgres.url()),
    )?;
    let mut all = Map::new();
    for entry in fs::read_dir(&reports)? {
        let path = entry?.path();
        let name = path.file_stem().context("a report has a name")?.to_string_lossy().into_owned();
        all.insert(name, serde_json::from_str(&fs::read_to_string(&path)?)?);
    }
    all.sort_keys();
    let whole = sh::root().join("target/nodes.json");
    fs::write(&whole, format!("{:#}\n", Value::Object(all)))?;
    println!("measured: {}", whole.display());
    Ok(())
}
