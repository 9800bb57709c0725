//! `keyward migrate [--check]`: brings the database to this program's schema, or says whether it is.

use std::process::ExitCode;

use serde::Serialize;

use super::{Output, print, refuse};
use crate::compose;
use crate::config::Config;
use crate::founding::{self, StartError};

#[derive(Serialize)]
struct Report {
    pending: Vec<String>,
    applied: bool,
}

/// Applies pending migrations; with `check` it changes nothing and exits 1 if some are pending, also for a
/// database that does not exist.
pub fn migrate(config: &Config, check: bool, output: Output) -> ExitCode {
    let examined = if check { look(config) } else { actix_web::rt::System::new().block_on(apply(config)) };
    match examined {
        Ok(report) => {
            print(&render(&report, output));
            if check && !report.pending.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
        Err(error) => refuse(&error),
    }
}

fn look(config: &Config) -> Result<Report, StartError> {
    let pending = match compose::open_existing(config)? {
        Some(database) => database.pending_migrations().map_err(StartError::database(config))?,
        None => vec!["the database does not exist".to_owned()],
    };
    Ok(Report { pending, applied: false })
}

/// Security: a database that another master key belongs to is another deployment's, and left alone.
async fn apply(config: &Config) -> Result<Report, StartError> {
    let database = match compose::open_existing(config)? {
        Some(database) => {
            let deployment = database.deployment().await.map_err(StartError::database(config))?;
            let key = founding::master_key(config)?;
            founding::open_root(config, deployment.as_ref(), key.as_ref())?;
            database
        }
        None => founding::create_database(config)?,
    };
    let pending = database.pending_migrations().map_err(StartError::database(config))?;
    database.migrate().map_err(StartError::database(config))?;
    Ok(Report { pending, applied: true })
}

fn render(report: &Report, output: Output) -> String {
    match output {
        Output::Json => serde_json::to_string(report).unwrap_or_default() + "\n",
        Output::Text if report.pending.is_empty() => "nothing pending\n".to_owned(),
        Output::Text => {
            let verb = if report.applied { "applied" } else { "pending" };
            report.pending.iter().map(|name| format!("{verb}: {name}\n")).collect()
        }
    }
}
