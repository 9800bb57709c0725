//! The servers that are measured: Keyward with a database full of keys, and the bare one.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::build::Programs;
use super::client::Client;
use super::machine::Machine;
use super::process::{self, Background};
use crate::env;
use crate::postgres::Cluster;

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A database, and how Keyward is started over it.
pub(super) struct Setting<'a> {
    pub(super) programs: &'a Programs,
    pub(super) machine: &'a Machine,
    directory: PathBuf,
    cluster: Option<Cluster>,
}

/// A server that listens.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) process: Background,
    /// From its start to its first 200.
    pub(super) ready_after: Duration,
}

/// What decides how much Keyward remembers and refuses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tuning {
    /// `cache.entries`.
    pub(super) remembered: u64,
    /// `dialects.agora.algorithm`.
    pub(super) agora: &'static str,
}

impl Tuning {
    /// So much, and all else as it is by default.
    pub(super) const fn remembering(remembered: u64) -> Self {
        Self { remembered, agora: "RS256" }
    }
}

impl<'a> Setting<'a> {
    /// A new one below this directory.
    pub(super) fn make(
        programs: &'a Programs,
        machine: &'a Machine,
        directory: &Path,
        on_postgres: bool,
    ) -> Result<Self> {
        fs::create_dir_all(directory)?;
        let cluster = on_postgres.then(|| Cluster::start(&directory.join("postgres"))).transpose()?;
        let setting = Self { programs, machine, directory: directory.to_owned(), cluster };
        if let Some(cluster) = &setting.cluster {
            process::run(setting.bench().args(["durable", &cluster.url()]))?;
        }
        Ok(setting)
    }

    /// The URL of its database.
    pub(super) fn database(&self) -> String {
        match &self.cluster {
            Some(cluster) => cluster.url(),
            None => format!("sqlite:{}", self.data().join("keyward.db").display()),
        }
    }

    /// A database of the same kind on the same disk, for bare commits.
    pub(super) fn bare_database(&self) -> String {
        match &self.cluster {
            Some(cluster) => cluster.url(),
            None => self.directory.join("bare.db").display().to_string(),
        }
    }

    /// Where the database's secrets are.
    pub(super) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// The bare primitives, on the measured core.
    pub(super) fn bench(&self) -> std::process::Command {
        process::command(&self.machine.measured(), &self.programs.bench)
    }

    /// Starts Keyward over the database and waits for its first 200.
    pub(super) fn keyward(&self, tuning: Tuning) -> Result<Server> {
        let file = self.directory.join("keyward.toml");
        fs::write(&file, settings(tuning))?;
        let address = free_address()?;
        let mut command = process::command(&self.machine.measured(), &self.programs.keyward);
        command
            .env_clear()
            .env("PATH", env::var("PATH").unwrap_or_default())
            .env("KEYWARD_LISTEN", address.to_string())
            .env("KEYWARD_DATA_DIR", self.data())
            .env("KEYWARD_DATABASE_URL", self.database())
            .env("KEYWARD_RATE_LIMITS", "off")
            .args(["serve", "--config"])
            .arg(&file);
        ready(command, address, "/ready")
    }

    /// Starts the bare server.
    pub(super) fn bare(&self) -> Result<Server> {
        let address = free_address()?;
        let mut command = self.bench();
        command.args(["bare", &address.to_string()]);
        ready(command, address, "/")
    }
}

impl Drop for Setting<'_> {
    fn drop(&mut self) {
        if let Some(cluster) = &self.cluster
            && let Err(error) = cluster.remove()
        {
            println!("warning: PostgreSQL was not stopped: {error:#}");
        }
    }
}

/// As many keys as anybody makes in a measurement, and as much remembered as it is about.
fn settings(Tuning { remembered, agora }: Tuning) -> String {
    format!(
        "[cache]\nentries = {remembered}\n[keys]\nmost_free = 1000000\n[dialects.agora]\nalgorithm = \"{agora}\"\n"
    )
}

#[allow(clippy::disallowed_methods, reason = "measuring time is what this verb is for")]
fn ready(mut command: std::process::Command, address: SocketAddr, path: &str) -> Result<Server> {
    let started = Instant::now();
    let process = Background::start(&mut command)?;
    while started.elapsed() < PATIENCE {
        let answered = Client::connect(address).and_then(|mut client| client.get(path));
        if answered.is_ok_and(|status| status == 200) {
            return Ok(Server { address, process, ready_after: started.elapsed() });
        }
        thread::sleep(Duration::from_millis(1));
    }
    bail!("{command:?} is not ready after {PATIENCE:?}")
}

fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(listener.local_addr()?)
}
