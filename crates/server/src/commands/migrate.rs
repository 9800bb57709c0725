//! `keyward migrate [--check]`: brings the database to this program's schema, or says whether it is.

use std::process::ExitCode;

use serde::Serialize;

use super::{Output, refuse};
use crate::config::Config;
use crate::{compose, founding};

#[derive(Serialize)]
struct Report {
    pending: Vec<String>,
    applied: bool,
}

/// Applies pending migrations; with `check` it changes nothing and exits 1 if some are pending, also for a
/// database that does not exist.
pub fn migrate(config: &Config, check: bool, output: Output) -> ExitCode {
    match run(config, check) {
        Ok(report) => {
            print(&report, output);
            if check && !report.pending.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(error) => refuse(&error),
    }
}

fn run(config: &Config, check: bool) -> Result<Report, founding::StartError> {
    let existing = compose::open_existing(config)?;
    if check {
        let pending = match &existing {
            Some(database) => database.pending_migrations()?,
            None => vec!["the database does not exist".to_owned()],
        };
        return Ok(Report { pending, applied: false });
    }
    let database = match existing {
        Some(database) => database,
        None => founding::create_database(config)?,
    };
    let pending = database.pending_migrations()?;
    database.migrate()?;
    Ok(Report { pending, applied: true })
}

#[allow(clippy::print_stdout, reason = "what the command is for")]
fn print(report: &Report, output: Output) {
    match output {
        Output::Json => println!("{}", serde_json::to_string(report).unwrap_or_default()),
        Output::Text if report.pending.is_empty() => println!("nothing pending"),
        Output::Text => {
            let verb = if report.applied { "applied" } else { "pending" };
            for name in &report.pending {
                println!("{verb}: {name}");
            }
        }
    }
}
