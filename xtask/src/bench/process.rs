//! A program that runs beside the measurement, and never longer.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::sh;

/// A program in the background. It is killed when this is dropped, and by the kernel should we die first.
pub(super) struct Background(Child);

impl Background {
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("a program that is to be measured does not start")?;
        Ok(Self(child))
    }

    /// Its resident memory in KiB.
    pub(super) fn resident_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.context("the kernel does not say how much memory it has")
    }

    /// How long its threads have run so far, also those that have ended.
    pub(super) fn processor_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        ticks(&stat).map(|ticks| TICK * ticks).context("the kernel does not say how long it has run")
    }

    /// Has it end by itself, so that what it knows is written down.
    pub(super) fn stop(mut self) -> Result<()> {
        sh::output(sh::command("kill").args(["-TERM", &self.0.id().to_string()]))?;
        self.0.wait()?;
        Ok(())
    }
}

/// The unit of the kernel's interface, whatever it counts in by itself.
const TICK: Duration = Duration::from_millis(10);

/// What ran as a user and as the kernel: the 14th and 15th field, behind a name that may hold anything.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(')')?;
    let times = fields.split_whitespace().skip(11).take(2);
    times.map(|ticks| ticks.parse::<u32>().ok()).sum()
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.0.kill(); // It may have ended already.
        let _ = self.0.wait();
    }
}

/// The program on its core; it dies with us. `setpriv` and `taskset` turn into it, so its process id is theirs.
pub(super) fn command(core: &[String], program: &Path) -> Command {
    let mut words = ["setpriv", "--pdeathsig", "KILL"].map(OsStr::new).into_iter();
    let mut command = sh::command(words.next().unwrap_or_default());
    command.args(words).args(core).arg(program);
    command
}

/// What a program says in its one line of JSON.
pub(super) fn ask(command: &mut Command) -> Result<Value> {
    let said = sh::output(command)?;
    serde_json::from_str(said.trim()).with_context(|| format!("no line of JSON: {said}"))
}

/// How often a program did in a second what it does, as it says.
pub(super) fn rate(command: &mut Command) -> Result<f64> {
    ask(command)?.get("per_second").and_then(Value::as_f64).context("no rate")
}

/// Runs it to its end, quietly.
pub(super) fn run(command: &mut Command) -> Result<()> {
    sh::output(command).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_runs_as_a_user_and_as_the_kernel() {
        let stat = "7 (a (b) 9) S 1 7 7 0 -1 4194560 1 2 3 4 250 50 9 9 20 0 1 0";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("7 (a"), None);
    }
}
