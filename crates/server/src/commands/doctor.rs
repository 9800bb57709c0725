//! `keyward doctor`: looks at everything a server depends on, and changes no data.

use std::process::ExitCode;

use keyward_domain::audit::{AuditCursor, AuditStore};
use serde::Serialize;

use super::{Output, print, probe};
use crate::compose::{self, Database, Seams};
use crate::config::{Config, ConfigError};
use crate::founding::{self, StartError};

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
}

impl Check {
    fn of(name: &'static str, result: Result<String, String>) -> Self {
        let ok = result.is_ok();
        Self { name, ok, detail: result.unwrap_or_else(|why| why) }
    }
}

/// Prints one line for each check; exits 1 if one failed.
pub fn doctor(config: Result<&Config, &ConfigError>, output: Output) -> ExitCode {
    let checks = match config {
        Ok(config) => actix_web::rt::System::new().block_on(examine(config)),
        Err(error) => vec![Check::of("configuration", Err(error.to_string()))],
    };
    print(&render(&checks, output));
    if checks.iter().all(|check| check.ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn examine(config: &Config) -> Vec<Check> {
    let mut checks = vec![Check::of("configuration", Ok(format!("listens on {}", config.listen.value)))];
    checks.push(Check::of("admin key", admin_key(config)));
    match compose::open_existing(config) {
        Ok(Some(database)) => {
            checks.push(Check::of("database", examine_database(&database)));
            let key = Check::of("master key", master_key(config, Some(&database)).await);
            let trail = match key.ok {
                true => audit_trail(config, &database).await,
                false => Ok("cannot be checked without the database's own master key".to_owned()),
            };
            checks.extend([key, Check::of("audit trail", trail)]);
        }
        Ok(None) => {
            checks.push(Check::of("database", Ok("not there yet: the first start makes it".to_owned())));
            checks.push(Check::of("master key", master_key(config, None).await));
        }
        Err(StartError::InUse { .. }) => {
            // By its address, not by its public URL: that one may lead through a proxy, with TLS.
            let url = format!("http://{}", config.listen.value);
            checks.push(Check::of(
                "database",
                probe::ready(&url).map(|()| format!("in use by the server at {url}")),
            ));
            checks.push(Check::of("master key", master_key(config, None).await));
        }
        Err(error) => checks.push(Check::of("database", Err(error.to_string()))),
    }
    checks.push(Check::of("mail", mail(config)));
    checks.push(Check::of("github", github(config)));
    checks
}

fn examine_database(database: &Database) -> Result<String, String> {
    let pending = database.pending_migrations().map_err(|error| error.to_string())?;
    if !pending.is_empty() {
        return Err(format!("{}: {} migrations pending", database.describe(), pending.len()));
    }
    let damage = database.integrity().map_err(|error| error.to_string())?;
    match damage.first() {
        None => Ok(database.describe()),
        Some(first) => Err(format!("{}: {first}", database.describe())),
    }
}

async fn master_key(config: &Config, database: Option<&Database>) -> Result<String, String> {
    let key = founding::master_key(config).map_err(|error| error.to_string())?;
    let fingerprint = match database {
        Some(database) => database.fingerprint().await.map_err(|error| error.to_string())?,
        None => None,
    };
    founding::check_master_key(config, fingerprint, key.as_ref()).map_err(|error| error.to_string())?;
    match (key, fingerprint) {
        (Some(key), Some(_)) => Ok(format!("{}, opens the database", key.origin)),
        (Some(key), None) => Ok(key.origin),
        (None, _) => Ok("not there yet: the first start makes it".to_owned()),
    }
}

/// Whether each event is as it was written: all of them, page by page.
async fn audit_trail(config: &Config, database: &Database) -> Result<String, String> {
    let Some(key) = founding::master_key(config).map_err(|error| error.to_string())? else {
        return Ok("nothing to check without a master key".to_owned());
    };
    let trail = compose::audit_trail(&key.value, &Seams::of_machine());
    let (mut events, mut after) = (0, None);
    loop {
        let page = database.audit().page(None, after, 500).await.map_err(|error| error.to_string())?;
        if let Some(altered) = page.iter().find(|event| !trail.is_intact(event)) {
            return Err(format!("{:?} is not as it was written", altered.id));
        }
        let Some(last) = page.last() else {
            return Ok(format!("{events} events, each as it was written"));
        };
        events += page.len();
        after = Some(AuditCursor { at: last.at, id: last.id });
    }
}

fn admin_key(config: &Config) -> Result<String, String> {
    match founding::admin_key_exists(config) {
        Ok(true) => Ok("there".to_owned()),
        Ok(false) => Ok("not there yet: the first start makes it".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn mail(config: &Config) -> Result<String, String> {
    match &config.smtp_url {
        None => Ok(format!("files in {}", config.data_dir.value.join("outbox").display())),
        Some(url) => probe::smtp(url.expose()).map(|()| "the mail server can be reached".to_owned()),
    }
}

fn github(config: &Config) -> Result<String, String> {
    let Some(app) = &config.github else {
        return Ok("not configured: agents cannot be claimed".to_owned());
    };
    for url in [&app.url, &app.api_url] {
        probe::reach(url, 443).map_err(|why| format!("{url}: {why}"))?;
    }
    Ok(format!("{} can be reached", app.url))
}

fn render(checks: &[Check], output: Output) -> String {
    let line = |check: &Check| {
        let verdict = if check.ok { "ok" } else { "FAIL" };
        format!("{verdict:<4} {:<14} {}\n", check.name, check.detail)
    };
    match output {
        Output::Json => serde_json::to_string(checks).unwrap_or_default() + "\n",
        Output::Text => checks.iter().map(line).collect(),
    }
}
