//! A scratch Redis for tests: on a free port of the loopback interface, keeping nothing, gone with this program.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail};

use crate::{apt, sh};

/// What Debian calls the server.
pub(crate) const PACKAGE: &str = "redis-server";

/// One server, stopped when dropped.
pub(crate) struct Scratch {
    server: Child,
    port: u16,
}

impl Scratch {
    /// Starts one.
    pub(crate) fn start() -> Result<Self> {
        if !sh::succeeds(sh::command(PACKAGE).arg("--version")) {
            apt::install(&[PACKAGE])?;
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        // It ends with this program, however that ends.
        let server = sh::command("setpriv")
            .args(["--pdeathsig=KILL", PACKAGE, "--bind", "127.0.0.1", "--port", &port.to_string()])
            .args(["--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", "/tmp"])
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run redis-server")?;
        let mut scratch = Self { server, port };
        scratch.wait_until_ready()?;
        println!("Redis: {}", scratch.url());
        Ok(scratch)
    }

    /// How tests reach it.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its log says so. What it logs later is read and dropped.
    fn wait_until_ready(&mut self) -> Result<()> {
        let mut log = BufReader::new(self.server.stdout.take().context("redis-server has no output")?);
        let mut said = String::new();
        while !said.contains("Ready to accept connections") {
            if log.read_line(&mut said)? == 0 {
                bail!("redis-server did not start: {said}");
            }
        }
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = self.server.kill().and_then(|()| self.server.wait()) {
            eprintln!("warning: Redis was not stopped: {error:#}");
        }
    }
}
