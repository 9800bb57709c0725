//! How long a start takes, and what the server takes up when nobody asks it anything.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::build::Programs;
use super::machine::Machine;
use super::numbers::Spread;
use super::report::{Line, Target, Unit};
use super::setting::{Setting, Tuning};

/// The server's own default.
const TUNING: Tuning = Tuning::remembering(200_000);
/// How long it is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(1);

/// Starts it on nothing, and again on what it has made, so many times.
pub(super) fn measure(
    programs: &Programs,
    machine: &Machine,
    directory: &Path,
    on_postgres: bool,
    times: usize,
) -> Result<Vec<Line>> {
    let (mut first, mut second, mut resident, mut bare) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..times {
        let setting = Setting::make(programs, machine, directory, on_postgres)?;
        let server = setting.keyward(TUNING)?;
        first.push(server.ready_after.as_secs_f64() * 1_000.0);
        server.process.stop()?;
        let server = setting.keyward(TUNING)?;
        second.push(server.ready_after.as_secs_f64() * 1_000.0);
        thread::sleep(IDLE);
        resident.push(server.process.resident_kib()? as f64 / 1_024.0);
        server.process.stop()?;
        bare.push(setting.bare()?.ready_after.as_secs_f64() * 1_000.0);
        drop(setting);
        fs::remove_dir_all(directory)?;
    }
    let line = |name: &str, what: &str, unit, numbers, target| -> Result<Line> {
        let value = Spread::of(numbers).context("nothing was started")?;
        let (name, what) = (name.to_owned(), what.to_owned());
        Ok(Line { name, what, unit, value, latency: None, server_us: None, ratio: None, target, failed: 0 })
    };
    let in_time = Some(Target::AtMost(300.0));
    Ok(vec![
        line("start-first", "first start to 200 of `/ready`", Unit::Milliseconds, first, in_time)?,
        line("start", "later start to 200 of `/ready`", Unit::Milliseconds, second, in_time)?,
        line("start-bare", "bare actix, start to its first 200", Unit::Milliseconds, bare, None)?,
        line("idle", "resident when idle", Unit::Mebibytes, resident, Some(Target::AtMost(40.0)))?,
    ])
}
