//! `slow`: slowhttptest's four attacks against the server, while a probe asks it how it is.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{apt, sh};

/// What slowhttptest is told for each attack, and where it goes.
const ATTACKS: &[(&str, &[&str], &str)] = &[
    ("slow heads", &["-H", "-i", "3", "-x", "24", "-t", "GET"], "/health"),
    ("slow bodies", &["-B", "-i", "3", "-s", "8192", "-x", "10", "-t", "POST"], "/api/v1/auth/register"),
    ("ranges", &["-R", "-a", "10", "-b", "3000", "-t", "HEAD"], "/health"),
    (
        "slow reading",
        &["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "5"],
        "/.well-known/jwks.json",
    ),
];
/// How long an attack goes on, in seconds, where its connections are not closed before.
const LONGEST: u64 = 40;
/// How long the server may keep the files of an attack open: two seconds in which it begins, the longest deadline, and a
/// little for a busy machine.
const HELD: Duration = Duration::from_secs(28);
/// How many files the probe's own connections are.
const SPARE: usize = 4;

/// Runs all of them, each with so many connections; writes `target/slow.json`.
pub(crate) fn run(connections: u32) -> Result<()> {
    if !sh::succeeds(sh::command("sh").args(["-c", "command -v slowhttptest"])) {
        apt::install(&["slowhttptest"])?;
    }
    sh::run(sh::cargo().args(["build", "--workspace", "--locked", "--bin", "keyward"]))?;
    let server = Server::start(&sh::target_dir()?.join("debug/keyward"))?;
    // So that whatever is made by the first request is there.
    server.ask().context("the server does not answer before the attacks")?;
    let mut measured = Vec::new();
    for (name, how, path) in ATTACKS {
        let result = attack(&server, name, how, path, connections)?;
        println!("{name}: {result}");
        measured.push(result);
    }
    let whole = sh::root().join("target/slow.json");
    fs::write(&whole, format!("{:#}\n", Value::Array(measured)))?;
    println!("measured: {}", whole.display());
    Ok(())
}

fn attack(server: &Server, name: &str, how: &[&str], path: &str, connections: u32) -> Result<Value> {
    let before = server.files()?;
    let (stop, address, files) = (Arc::new(AtomicBool::new(false)), server.address, server.files_folder());
    let stopped = Arc::clone(&stop);
    let probe = thread::spawn(move || probe(address, &files, before + SPARE, &stopped));
    let said = sh::output(
        sh::command("slowhttptest")
            .args(["-c", &connections.to_string(), "-r", "100", "-l", &LONGEST.to_string(), "-p", "5"])
            .args(how)
            .args(["-u", &format!("http://{address}{path}")]),
    )?;
    stop.store(true, Ordering::SeqCst);
    let probes = probe.join().map_err(|_| anyhow::anyhow!("the probe fell over"))?;
    // A client that reads slowly has its answer from the system long after the server has closed: what counts is what
    // the server holds.
    ensure!(probes.failed == 0, "{name}: {} of {} probes failed", probes.failed, probes.asked);
    ensure!(probes.held <= HELD, "{name}: files are open after {} s", probes.held.as_secs());
    let ended =
        said.lines().find_map(|line| line.split_once("Exit status:")).map_or("", |(_, status)| status);
    Ok(json!({
        "attack": name,
        "connections": connections,
        "ended": ended.trim_start_matches(|c: char| !c.is_ascii_uppercase()),
        "most_files": probes.most_files,
        "files_before": before,
        "files_after": server.files()?,
        "held_s": probes.held.as_secs_f64(),
        "probes": probes.asked,
        "probes_failed": probes.failed,
        "slowest_probe_ms": u64::try_from(probes.slowest.as_millis())?,
    }))
}

#[derive(Default)]
struct Probes {
    asked: u32,
    failed: u32,
    slowest: Duration,
    most_files: usize,
    /// How long more files were open than before.
    held: Duration,
}

/// Asks every 50 ms, each time by a connection of its own, and counts the server's files.
fn probe(address: SocketAddr, files: &Path, normal: usize, stop: &AtomicBool) -> Probes {
    let mut probes = Probes::default();
    let start = now();
    while !stop.load(Ordering::SeqCst) {
        let begun = now();
        let answered = ask(address);
        probes.asked += 1;
        probes.failed += u32::from(answered.is_err());
        probes.slowest = probes.slowest.max(begun.elapsed());
        let open = fs::read_dir(files).map_or(0, Iterator::count);
        probes.most_files = probes.most_files.max(open);
        if open > normal {
            probes.held = start.elapsed();
        }
        thread::sleep(Duration::from_millis(50));
    }
    probes
}

fn ask(address: SocketAddr) -> Result<()> {
    let deadline = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&address, deadline)?;
    stream.set_read_timeout(Some(deadline))?;
    stream.write_all(b"GET /health HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "not 200");
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "measures; nothing depends on it")]
fn now() -> Instant {
    Instant::now()
}

/// The server on data of its own; killed when dropped.
struct Server {
    child: Child,
    address: SocketAddr,
    data: PathBuf,
}

impl Server {
    fn start(binary: &Path) -> Result<Self> {
        let data = sh::target_dir()?.join("slow-data");
        if data.exists() {
            fs::remove_dir_all(&data)?;
        }
        let mut child = Command::new(binary)
            .arg("serve")
            .current_dir(sh::target_dir()?)
            .env("KEYWARD_DATA_DIR", &data)
            .env("KEYWARD_LISTEN", "127.0.0.1:0")
            .env("KEYWARD_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server does not start")?;
        let stdout = child.stdout.take().context("the server has no output")?;
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), data };
        for line in BufReader::new(stdout).lines() {
            if let Some(url) = line?.trim().strip_prefix("address") {
                server.address = url.trim().trim_start_matches("http://").parse()?;
                return Ok(server);
            }
        }
        anyhow::bail!("the server ended before it listened")
    }

    fn ask(&self) -> Result<()> {
        ask(self.address)
    }

    /// Where the system lists its open files.
    fn files_folder(&self) -> PathBuf {
        format!("/proc/{}/fd", self.child.id()).into()
    }

    /// How many files it has open.
    fn files(&self) -> Result<usize> {
        Ok(fs::read_dir(self.files_folder()).context("the server is gone")?.count())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}
