//! `bench`: what Keyward does in a second, against what the machine could do: a bare web server, bare primitives and
//! bare commits, measured in the same rounds. Only the ratios travel to another machine.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};

use crate::sh;

mod build;
mod client;
mod load;
mod machine;
mod numbers;
mod plan;
mod plot;
mod process;
mod report;
mod rounds;
mod rows;
mod scale;
mod scratch;
mod setting;
mod startup;
mod stock;
mod waiting;

/// What to measure, and where to write it.
#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Option<Action>,
    /// Few and short rounds: to see that everything runs, not to learn a number.
    #[arg(long, global = true)]
    quick: bool,
    /// On PostgreSQL instead of SQLite.
    #[arg(long, global = true)]
    postgres: bool,
    /// Writes everything that was measured as JSON.
    #[arg(long, global = true, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draws the ratios as SVG.
    #[arg(long, global = true, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Only these rows; without any, all of them.
    rows: Vec<String>,
}

#[derive(Subcommand)]
enum Action {
    /// Checks of keys among 10,000, 100,000 and 1,000,000 of them.
    Scale {
        /// How many keys, instead of these.
        #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
        keys: Vec<u64>,
    },
}

/// Builds, measures, prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    let unknown: Vec<_> = options.rows.iter().filter(|row| !rows::is_known(row)).collect();
    ensure!(unknown.is_empty(), "no such row: {unknown:?}; there are {}", rows::names().join(", "));
    let machine = machine::Machine::look();
    machine.warn();
    load::install()?;
    let programs = build::release()?;
    let report = match &options.action {
        Some(Action::Scale { keys }) => scale::run(&programs, &machine, options, keys)?,
        None => plan::run(&programs, &machine, options)?,
    };
    println!("\n{}", report.markdown());
    if let Some(file) = &options.json {
        std::fs::write(sh::root().join(file), format!("{:#}\n", report.json()))?;
    }
    if let Some(file) = &options.svg {
        std::fs::write(sh::root().join(file), plot::svg(&report))?;
    }
    Ok(())
}
