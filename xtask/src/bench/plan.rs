//! The whole measurement, in the order in which it is done.

use std::fs;

use anyhow::{Context, Result, ensure};

use super::build::Programs;
use super::load::Load;
use super::machine::Machine;
use super::numbers::Outcome;
use super::report::{Line, Ratio, Report, Target};
use super::rounds::{Contender, Effort, interleave};
use super::rows::{self, Load as Kind, ROWS, Row, Yardstick};
use super::scratch::Scratch;
use super::setting::{Server, Setting, Tuning};
use super::stock::Stock;
use super::{Options, exchange, process, startup, waiting};

/// As few as may be configured, so that a crowd of credentials is always cold.
const REMEMBERED: Tuning = Tuning::remembering(1_000);
/// How many accounts there are: sixteen times as many as are remembered, with two keys each.
const ACCOUNTS: u64 = 16_000;
const QUICK_ACCOUNTS: u64 = 4_000;

/// The greatest part of answers that may be no success, such as a 503 while somebody else has the disk. They do not
/// count, and the table tells of them.
const MOST_FAILED: f64 = 0.05;

/// Measures what the options ask for.
pub(super) fn run(programs: &Programs, machine: &Machine, options: &Options) -> Result<Report> {
    let effort =
        if options.quick { Effort { rounds: 2, seconds: 1.0 } } else { Effort { rounds: 5, seconds: 3.0 } };
    let scratch = Scratch::make()?;
    let database = if options.postgres { "PostgreSQL" } else { "SQLite" };
    let mut report = Report::new(&format!("Keyward on {database}"), machine);
    let is_wanted = |name: &str| options.rows.is_empty() || options.rows.iter().any(|row| row == name);

    let wanted: Vec<&Row> = ROWS.iter().filter(|row| is_wanted(row.name)).collect();
    let exchanges = exchange::ROWS.iter().any(|row| is_wanted(row.name));
    if !wanted.is_empty() || is_wanted(rows::WAITING) || exchanges {
        let setting = Setting::make(programs, machine, &scratch.path().join("full"), options.postgres)?;
        let accounts = if options.quick { QUICK_ACCOUNTS } else { ACCOUNTS };
        let stock = Stock::fill(&setting, REMEMBERED, accounts, &scratch.path().join("stock"))?;
        let server = setting.keyward(REMEMBERED)?;
        let stock = stock.exchange(&server)?;
        for yardstick in Yardstick::ALL {
            let rows: Vec<&Row> = wanted.iter().copied().filter(|row| row.against == yardstick).collect();
            if !rows.is_empty() {
                report.lines.extend(contest(yardstick, &rows, &setting, &server, &stock, effort)?);
            }
        }
        if is_wanted(rows::WAITING) {
            let keys = stock.load(Kind::KeyWarm)?;
            let effort = Effort { rounds: effort.rounds.min(3), ..effort };
            let lines = waiting::measure(&setting, &server, &keys, &stock.password_login(), effort)?;
            report.lines.extend(lines);
        }
        drop(server); // A SQLite database has one.
        for row in exchange::ROWS.iter().filter(|row| is_wanted(row.name)) {
            report.lines.extend(exchange::measure(row, &setting, REMEMBERED, &stock, effort)?);
        }
    }
    if is_wanted(rows::START) {
        let directory = scratch.path().join("start");
        report.lines.extend(startup::measure(
            programs,
            machine,
            &directory,
            options.postgres,
            effort.rounds,
        )?);
    }
    Ok(report)
}

/// One yardstick and all rows that are held against it.
fn contest(
    yardstick: Yardstick,
    rows: &[&Row],
    setting: &Setting<'_>,
    server: &Server,
    stock: &Stock,
    effort: Effort,
) -> Result<Vec<Line>> {
    let bare = if yardstick == Yardstick::BareServer { Some(setting.bare()?) } else { None };
    let nothing = Load::of_nothing(stock.directory())?;
    let measure = |seconds: f64| match &bare {
        Some(bare) => nothing.drive(setting.machine, bare, seconds),
        None => primitive(yardstick, setting, seconds),
    };
    let own = Contender { name: yardstick.name(), measure: Box::new(measure) };
    let mut contenders = Vec::new();
    for row in rows {
        let load = stock.load(row.load)?;
        let measure = move |seconds: f64| {
            let outcome = load.drive(setting.machine, server, seconds)?;
            let failed = outcome.failed as f64 / outcome.count.max(1.0);
            ensure!(failed <= MOST_FAILED, "{}: {} answers were no success", row.name, outcome.failed);
            Ok(Outcome { per_second: outcome.per_second * (1.0 - failed), ..outcome })
        };
        contenders.push(Contender { name: row.name, measure: Box::new(measure) });
    }
    let (series, others) = interleave(&own, &contenders, effort)?;
    let line = Line::of_series(yardstick.name(), yardstick.name(), &series).context("no round")?;
    let mut lines = vec![line];
    for (row, series) in rows.iter().zip(&others) {
        let mut line = Line::of_series(row.name, row.what, series).context("no round")?;
        let value = super::numbers::Spread::of(series.ratios.iter().copied()).context("no round")?;
        line.ratio = Some(Ratio { to: yardstick.name(), value });
        line.target = row.target.map(Target::AtLeast);
        lines.push(line);
    }
    Ok(lines)
}

/// Measures what is done without any server.
fn primitive(yardstick: Yardstick, setting: &Setting<'_>, seconds: f64) -> Result<Outcome> {
    let mut command = setting.bench();
    let seconds = seconds.to_string();
    match yardstick {
        Yardstick::BareServer => anyhow::bail!("a server, and no primitive"),
        Yardstick::Hashing => command.args(["hash", &seconds]),
        Yardstick::Signing => command.args(["sign", "ed25519", &seconds]),
        Yardstick::Verifying => command.args(["verify", &seconds]),
        Yardstick::Commits => {
            let database = setting.bare_database();
            for ending in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(format!("{database}{ending}")); // PostgreSQL has none, and at first nobody.
            }
            command.args(["commit", &database, &seconds])
        }
    };
    process::rate(&mut command).map(Outcome::bare)
}
