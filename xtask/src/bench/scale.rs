//! Checks of keys among ever more of them: what grows, and what does not.

use std::time::Duration;

use anyhow::{Context, Result};

use super::Options;
use super::build::Programs;
use super::load::Load;
use super::machine::Machine;
use super::numbers::Spread;
use super::report::{Line, Report, Unit};
use super::rounds::{Contender, Effort, interleave};
use super::rows::Load as Kind;
use super::scratch::Scratch;
use super::setting::{Setting, Tuning};
use super::stock::Stock;

/// Each account has two keys: its own and its agent's.
const KEYS_EACH: u64 = 2;
/// How long the server is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(1);

/// Fills a database for each of these numbers of keys, and measures warm checks against cold ones.
pub(super) fn run(
    programs: &Programs,
    machine: &Machine,
    options: &Options,
    numbers: &[u64],
) -> Result<Report> {
    let effort =
        if options.quick { Effort { rounds: 1, seconds: 1.0 } } else { Effort { rounds: 3, seconds: 3.0 } };
    let database = if options.postgres { "PostgreSQL" } else { "SQLite" };
    let mut report = Report::new(&format!("Keyward among many keys, on {database}"), machine);
    for &keys in numbers {
        let scratch = Scratch::make()?;
        let setting = Setting::make(programs, machine, &scratch.path().join("full"), options.postgres)?;
        let small = Tuning::remembering(1_000);
        let stock = Stock::fill(&setting, small, keys.div_ceil(KEYS_EACH), &scratch.path().join("stock"))?;
        report.lines.extend(checks(&setting, small, &stock, keys, effort)?);
        report.lines.extend(memory(&setting, &stock, keys, effort)?);
    }
    Ok(report)
}

/// Checks with a small memory: of one key, and of all of them in turn.
fn checks(
    setting: &Setting<'_>,
    tuning: Tuning,
    stock: &Stock,
    keys: u64,
    effort: Effort,
) -> Result<Vec<Line>> {
    let server = setting.keyward(tuning)?;
    let started = server.ready_after.as_secs_f64() * 1_000.0;
    let drive = |load: Load| {
        let server = &server;
        Box::new(move |seconds| load.drive(setting.machine, server, seconds))
    };
    let warm = Contender { name: "warm", measure: drive(stock.load(Kind::KeyWarm)?) };
    let cold = Contender { name: "cold", measure: drive(stock.load(Kind::KeyCold)?) };
    let (warm, others) = interleave(&warm, &[cold], effort)?;
    let cold = others.first().context("one contender")?;
    let line = |name: &str, what: &str, series| {
        Line::of_series(&format!("{name}-{keys}"), &format!("{keys} keys: {what}"), series)
            .context("no round")
    };
    Ok(vec![
        line("warm", "warm check", &warm)?,
        line("cold", "cold check", cold)?,
        single(keys, "start", "start to 200 of `/ready`", Unit::Milliseconds, started),
    ])
}

/// What it takes up when it is told to remember all of them, before anybody has asked and after all were asked for.
fn memory(setting: &Setting<'_>, stock: &Stock, keys: u64, effort: Effort) -> Result<Vec<Line>> {
    let server = setting.keyward(Tuning::remembering(keys.max(1_000)))?;
    std::thread::sleep(IDLE);
    let mebibytes = |kib: u64| kib as f64 / 1_024.0;
    let idle = mebibytes(server.process.resident_kib()?);
    let seconds = effort.seconds.max(keys as f64 / 10_000.0);
    let outcome = stock.load(Kind::KeyCold)?.drive(setting.machine, &server, seconds)?;
    let asked = (outcome.per_second * seconds).min(keys as f64);
    let full = mebibytes(server.process.resident_kib()?);
    let what = format!("resident with {asked:.0} remembered");
    Ok(vec![
        single(keys, "idle", "resident when idle", Unit::Mebibytes, idle),
        single(keys, "remembered", &what, Unit::Mebibytes, full),
    ])
}

fn single(keys: u64, name: &str, what: &str, unit: Unit, number: f64) -> Line {
    Line {
        name: format!("{name}-{keys}"),
        what: format!("{keys} keys: {what}"),
        unit,
        value: Spread { median: number, low: number, high: number },
        latency: None,
        server_us: None,
        ratio: None,
        target: None,
        failed: 0,
    }
}
