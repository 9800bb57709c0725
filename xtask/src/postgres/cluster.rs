//! One scratch server: initdb, start, stop, remove.
//!
//! Its locale is not C, so that a forgotten `COLLATE "C"` shows. It listens on loopback and nowhere else, not
//! even on a Unix socket (whose path has a length limit), and keeps nothing, so it need not wait for a disk.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Binaries;
use super::owner::Owner;
use crate::sh;

/// `synchronous_commit` and the rest stay as in production: they change what a program sees.
const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
shared_buffers = 128MB
fsync = off
full_page_writes = off
";

/// One server and the directory in which all of it lives.
pub(crate) struct Cluster {
    binaries: Binaries,
    owner: Owner,
    directory: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes a cluster in `directory`, or where its owner can reach it, and starts it.
    pub(crate) fn start(directory: &Path) -> Result<Self> {
        let binaries = Binaries::find_or_install()?;
        let owner = Owner::find()?;
        let directory = owner.make_directory(directory)?;
        let cluster = Self { binaries, owner, directory, port: free_port()? };
        let started = cluster.initdb().and_then(|()| cluster.launch());
        if started.is_err() {
            cluster.remove()?;
        }
        started.map(|()| cluster)
    }

    /// The cluster that an earlier run has left in `directory`.
    pub(crate) fn existing(directory: PathBuf, port: u16) -> Result<Self> {
        let binaries = Binaries::find_or_install()?;
        Ok(Self { binaries, owner: Owner::find()?, directory, port })
    }

    /// Whether its server is there and listens: a process that was killed may still have its number.
    pub(crate) fn is_running(&self) -> bool {
        self.data().is_dir()
            && TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
            && sh::succeeds(&mut self.pg_ctl("status"))
    }

    /// Stops the server, where it runs, and removes all that it wrote.
    pub(crate) fn remove(&self) -> Result<()> {
        if self.is_running() {
            sh::output(self.pg_ctl("stop").args(["--wait", "--mode=immediate"]))?;
        }
        if self.data().join("PG_VERSION").exists() {
            fs::remove_dir_all(&self.directory)?;
        } else if self.directory.exists() {
            // An initdb that failed leaves an empty directory; anything else is not ours to remove.
            fs::remove_dir(&self.directory)
                .with_context(|| format!("{} holds no PostgreSQL", self.directory.display()))?;
        }
        Ok(())
    }

    /// How tests reach it.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    fn initdb(&self) -> Result<()> {
        sh::output(
            self.command("initdb")
                .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"])
                .args(["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8", "--pgdata"])
                .arg(self.data()),
        )?;
        let mut settings = OpenOptions::new().append(true).open(self.data().join("postgresql.conf"))?;
        writeln!(settings, "{SETTINGS}port = {}", self.port)?;
        Ok(())
    }

    fn launch(&self) -> Result<()> {
        let mut start = self.pg_ctl("start");
        sh::output(start.args(["--wait", "--timeout=60", "--log"]).arg(self.log())).map(drop).with_context(
            || {
                let log = fs::read_to_string(self.log()).unwrap_or_default();
                format!("PostgreSQL did not start; its log:\n{log}")
            },
        )
    }

    fn pg_ctl(&self, action: &str) -> Command {
        let mut command = self.command("pg_ctl");
        command.args([action, "--silent", "--pgdata"]).arg(self.data());
        command
    }

    fn command(&self, name: &str) -> Command {
        let mut command = self.owner.command(&self.binaries.program(name));
        command.current_dir(&self.directory);
        command
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    fn log(&self) -> PathBuf {
        self.directory.join("log")
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
