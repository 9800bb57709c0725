//! `db`: the scratch PostgreSQL that tests run on, and new migrations.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::{Value, json};

use crate::postgres::Cluster;
use crate::{migration, sh};

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Action {
    /// Starts PostgreSQL and prints its URL; if it runs already, only prints the URL.
    Up,
    /// Stops it and removes its data.
    Down,
    /// Makes an empty migration in both trees.
    New {
        /// What it does: lower-case words, joined by underscores.
        name: String,
    },
}

/// Does it.
pub(crate) fn run(action: Action) -> Result<()> {
    match action {
        Action::Up => println!("{}", up()?.url()),
        Action::Down => match recorded()? {
            Some(cluster) => remove(&cluster)?,
            None => println!("PostgreSQL is not up"),
        },
        Action::New { name } => migration::create(&name)?,
    }
    Ok(())
}

/// A PostgreSQL for one verb: stopped at the end, also after a failure, unless it was up before.
pub(crate) struct Scratch {
    cluster: Cluster,
    was_up: bool,
}

impl Scratch {
    /// Uses the one that is up, else starts one.
    pub(crate) fn start() -> Result<Self> {
        let running = recorded()?.filter(Cluster::is_running);
        let was_up = running.is_some();
        let cluster = running.map_or_else(up, Ok)?;
        println!("PostgreSQL: {}", cluster.url());
        Ok(Self { cluster, was_up })
    }

    /// How tests reach it.
    pub(crate) fn url(&self) -> String {
        self.cluster.url()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.was_up {
            return;
        }
        if let Err(error) = remove(&self.cluster) {
            eprintln!("warning: PostgreSQL was not stopped: {error:#}");
        }
    }
}

/// A record whose server is gone (a reboot, a kill) is replaced.
fn up() -> Result<Cluster> {
    if let Some(cluster) = recorded()? {
        if cluster.is_running() {
            return Ok(cluster);
        }
        remove(&cluster)?;
    }
    let cluster = Cluster::start(&sh::root().join("target/postgres"))?;
    let record = json!({ "directory": cluster.directory(), "port": cluster.port() });
    fs::create_dir_all(sh::root().join("target"))?;
    fs::write(record_path(), record.to_string())?;
    Ok(cluster)
}

fn remove(cluster: &Cluster) -> Result<()> {
    cluster.remove()?;
    fs::remove_file(record_path()).context("cannot remove the record of the running PostgreSQL")
}

/// The cluster that the last `up` has written down, running or not.
fn recorded() -> Result<Option<Cluster>> {
    let Ok(record) = fs::read_to_string(record_path()) else {
        return Ok(None);
    };
    let record: Value = serde_json::from_str(&record)?;
    let directory = record.get("directory").and_then(Value::as_str);
    let port = record.get("port").and_then(Value::as_u64).and_then(|port| port.try_into().ok());
    let (Some(directory), Some(port)) = (directory, port) else {
        return Ok(None);
    };
    Cluster::existing(PathBuf::from(directory), port).map(Some)
}

/// Below the checkout, although as root the cluster itself is not.
fn record_path() -> PathBuf {
    sh::root().join("target/postgres.json")
}
