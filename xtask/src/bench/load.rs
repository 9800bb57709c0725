//! wrk: drives a server as hard as it goes, over connections that are kept, and says how long answers took.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};

use super::machine::Machine;
use super::numbers::{Latency, Outcome};
use super::process;
use super::setting::Server;
use crate::{apt, sh};

/// Sends the requests of a file, one after the other and again from the start. Each is a line: method, path, a
/// header's name and value, and a body, parted by tabs. [`UNIQUE`] is another number of as many digits in each request of
/// each run.
const SCRIPT: &str = r#"
local requests, changing, at, sent, run = {}, {}, 0, 0, 0
function init(arguments)
  run = tonumber(arguments[2])
  for line in io.lines(arguments[1]) do
    local method, path, name, value, body = line:match("^(.-)\t(.-)\t(.-)\t(.-)\t(.*)$")
    local headers = {}
    for key, known in pairs(wrk.headers) do headers[key] = known end
    if name ~= "" then headers[name] = value end
    changing[#requests + 1] = body:find("{____unique____}", 1, true) ~= nil
    if body == "" then body = nil end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
end
function request()
  at = at % #requests + 1
  sent = sent + 1
  if not changing[at] then return requests[at] end
  return (requests[at]:gsub("{____unique____}", string.format("%08d%08d", run, sent)))
end
"#;

/// Stands in a body for what must be new each time, such as an address that registers.
pub(super) const UNIQUE: &str = "{____unique____}";
/// How often a server was driven.
static RUNS: AtomicU64 = AtomicU64::new(0);

/// One request that a load is made of.
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) header: Option<(&'static str, String)>,
    pub(super) body: String,
}

/// A file of requests, and over how many connections they are sent.
pub(super) struct Load {
    file: PathBuf,
    script: PathBuf,
    connections: u32,
}

/// Installs wrk where it is missing.
pub(super) fn install() -> Result<()> {
    // It says its version and fails.
    let is_there = sh::command("wrk").arg("-v").stdout(std::process::Stdio::null()).status().is_ok();
    if is_there { Ok(()) } else { apt::install(&["wrk"]) }
}

impl Load {
    /// What a bare server is asked.
    pub(super) fn of_nothing(directory: &Path) -> Result<Self> {
        let request = Request { method: "GET", path: "/", header: None, body: String::new() };
        Self::of(directory, "bare", 32, [request])
    }

    /// Writes the requests down in this directory.
    pub(super) fn of(
        directory: &Path,
        name: &str,
        connections: u32,
        requests: impl IntoIterator<Item = Request>,
    ) -> Result<Self> {
        let (file, script) = (directory.join(format!("{name}.requests")), directory.join("replay.lua"));
        let lines = requests.into_iter().map(|Request { method, path, header, body }| {
            let (name, value) = header.unwrap_or_default();
            format!("{method}\t{path}\t{name}\t{value}\t{body}\n")
        });
        fs::write(&file, lines.collect::<String>())?;
        fs::write(&script, SCRIPT)?;
        Ok(Self { file, script, connections })
    }

    /// The same requests over another number of connections.
    pub(super) fn over(&self, connections: u32) -> Self {
        Self { file: self.file.clone(), script: self.script.clone(), connections }
    }

    /// Drives the server for so many seconds.
    pub(super) fn drive(&self, machine: &Machine, server: &Server, seconds: f64) -> Result<Outcome> {
        let mut wrk = process::command(&machine.measuring(), Path::new("wrk"));
        // It takes whole seconds.
        wrk.args(["--threads", "1", "--latency", "--timeout", "10s"])
            .args(["--connections", &self.connections.to_string()])
            .args(["--duration", &format!("{}s", seconds.round().max(1.0))])
            .arg("--script")
            .arg(&self.script)
            .arg(format!("http://{}/", server.address))
            .arg("--")
            .arg(&self.file)
            .arg(RUNS.fetch_add(1, Ordering::Relaxed).to_string());
        let before = server.process.processor_time()?;
        let said = sh::output(&mut wrk)?;
        let spent = server.process.processor_time()? - before;
        let outcome = read(&said).with_context(|| format!("wrk says what nobody understands:\n{said}"))?;
        Ok(Outcome { server_us: Some(spent.as_secs_f64() * 1e6 / outcome.count.max(1.0)), ..outcome })
    }
}

fn read(said: &str) -> Option<Outcome> {
    let word = |line: &str| {
        said.lines().find_map(|l| l.trim().strip_prefix(line).map(|rest| rest.trim().to_owned()))
    };
    let numbers = |line: &str| -> u64 {
        let text = word(line).unwrap_or_default();
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<u64>().ok()).sum()
    };
    Some(Outcome {
        per_second: word("Requests/sec:")?.parse().ok()?,
        count: said.lines().find_map(|line| line.trim().split_once(" requests in "))?.0.parse().ok()?,
        server_us: None,
        latency: Some(Latency { p50: milliseconds(&word("50%")?)?, p99: milliseconds(&word("99%")?)? }),
        failed: numbers("Non-2xx or 3xx responses:") + numbers("Socket errors:"),
    })
}

/// `812.00us`, `1.65ms` or `1.20s`.
fn milliseconds(text: &str) -> Option<f64> {
    let (number, scale) = [("us", 0.001), ("ms", 1.0), ("s", 1_000.0), ("m", 60_000.0)]
        .into_iter()
        .find_map(|(unit, scale)| Some((text.strip_suffix(unit)?, scale)))?;
    Some(number.parse::<f64>().ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\
Running 2s test @ http://127.0.0.1:8080/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   211.72us   82.61us   2.51ms   90.83%
  Latency Distribution
     50%  197.00us
     75%  220.00us
     90%  271.00us
     99%    1.52ms
  305571 requests in 2.10s, 22.15MB read
  Socket errors: connect 0, read 1, write 0, timeout 2
  Non-2xx or 3xx responses: 7
Requests/sec: 145511.43
Transfer/sec:     10.55MB
";

    #[test]
    fn what_wrk_says_is_read() {
        let outcome = read(SAID).unwrap();
        let latency = outcome.latency.unwrap();
        assert_eq!((outcome.per_second, latency.p50, latency.p99), (145_511.43, 0.197, 1.52));
        assert_eq!((outcome.failed, outcome.count), (10, 305_571.0));
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(milliseconds("1.20s"), Some(1_200.0));
        assert_eq!(milliseconds("2.00m"), Some(120_000.0));
        assert_eq!(milliseconds("2.00"), None);
    }
}
