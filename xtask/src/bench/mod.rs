//! `bench`: what Keyward does in a second, against what the machine could do: a bare web server, bare primitives and
//! bare commits, measured in the same rounds. Only the ratios travel to another machine.

use anyhow::{Result, ensure};

use crate::sh;

mod build;
mod client;
mod documents;
mod exchange;
mod load;
mod machine;
mod numbers;
mod options;
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

use options::Action;
pub(crate) use options::Options;

/// Builds, measures, prints.
pub(crate) fn run(options: &Options) -> Result<()> {
    let unknown: Vec<_> = options.rows.iter().filter(|row| !rows::is_known(row)).collect();
    ensure!(unknown.is_empty(), "no such row: {unknown:?}; there are {}", rows::names().join(", "));
    let machine = machine::Machine::look();
    machine.warn();
    load::install()?;
    let programs = build::programs(options.debug)?;
    let report = match &options.action {
        Some(Action::Scale { keys }) => scale::run(&programs, &machine, options, keys)?,
        None => plan::run(&programs, &machine, options)?,
    };
    println!("\n{}", report.markdown());
    if options.docs {
        documents::write(&report)?;
    }
    if let Some(file) = &options.json {
        std::fs::write(sh::root().join(file), format!("{:#}\n", report.json()))?;
    }
    if let Some(file) = &options.svg {
        std::fs::write(sh::root().join(file), plot::svg(&report))?;
    }
    Ok(())
}
