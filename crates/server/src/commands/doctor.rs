//! `keyward doctor`: looks at everything a server depends on, and changes no data.

use std::process::ExitCode;

use keyward_domain::diagnostics::Check;
use serde::Serialize;
use serde_json::Value;
use tokio::time::timeout;

use super::client::{self, Client, CommandError};
use super::table::{plain, plain_json};
use super::{Output, print};
use crate::checks::{self, Found};
use crate::compose::{self, Database, Post, Seams};
use crate::config::{Config, ConfigError};
use crate::diagnostics::DEADLINE;
use crate::founding::{self, StartError};
use crate::probe;

/// A check as JSON.
#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    ok: bool,
    detail: &'a str,
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
    let mut checks = vec![
        Check::of("configuration", checks::configuration(config)),
        Check::of("admin key", checks::admin_keys(config)),
    ];
    match compose::open_existing(config) {
        Ok(Some(database)) => {
            checks.push(Check::of("database", checks::database(&database)));
            let key = Check::of("master key", master_key(config, &database).await);
            let trail = match key.ok {
                true => audit_trail(config, &database).await,
                false => Ok("cannot be checked without the database's own master key".to_owned()),
            };
            checks.extend([key, Check::of("audit trail", trail)]);
        }
        Ok(None) => {
            checks.push(Check::of("database", Ok("not there yet: the first start makes it".to_owned())));
            checks.push(Check::of("master key", checks::master_key(config, None)));
        }
        Err(StartError::InUse { .. }) => checks.extend(ask_the_server(config)),
        Err(error) => checks.push(Check::of("database", Err(error.to_string()))),
    }
    checks.push(Check::of("mail", mail(config).await));
    checks.push(Check::of("github", checks::github(config)));
    checks
}

/// A doctor waits no longer than a running server does.
async fn mail(config: &Config) -> Found {
    let url = config.public_url_at(config.listen.value);
    let post = Post::open(config, &url, Seams::of_machine().clock).map_err(|error| error.to_string())?;
    let late = |_| Err(format!("not looked at within {} seconds", DEADLINE.as_secs()));
    timeout(DEADLINE, post.check()).await.unwrap_or_else(late)
}

async fn master_key(config: &Config, database: &Database) -> Found {
    let deployment = database.deployment().await.map_err(|error| error.to_string())?;
    checks::master_key(config, deployment.as_ref())
}

async fn audit_trail(config: &Config, database: &Database) -> Found {
    let deployment = database.deployment().await.map_err(|error| error.to_string())?;
    let key = founding::master_key(config).map_err(|error| error.to_string())?;
    let root = founding::open_root(config, deployment.as_ref(), key.as_ref());
    let Some(root) = root.map_err(|error| error.to_string())? else {
        return Ok("nothing to check before the first start".to_owned());
    };
    checks::audit_trail(&compose::audit_trail(&root, &Seams::of_machine()), database.audit()).await
}

/// What the server that has the database finds in it, at the address that every command asks.
fn ask_the_server(config: &Config) -> Vec<Check> {
    let url = match client::address(config) {
        Ok(url) => url,
        Err(error) => return vec![Check::of("server", Err(error.to_string()))],
    };
    let asked = Client::at(config, &url).and_then(|client| client.get(&["diagnostics"], &[]));
    let answer = match asked {
        Ok(answer) => answer,
        Err(CommandError::Refused { status: 401, .. }) => {
            let refused = Check::of("server", Err(format!("the server at {url} refuses the admin key")));
            return [vec![refused], without_an_answer(config, &url)].concat();
        }
        Err(_) => return without_an_answer(config, &url),
    };
    let find = |name: &'static str| {
        let checks = answer.json.get("checks").and_then(Value::as_array)?;
        let found = checks.iter().find(|check| check.get("name").is_some_and(|found| found == name))?;
        let detail = found.get("detail").and_then(Value::as_str)?;
        let detail = format!("{detail}, says the server at {url}");
        let is_well = found.get("ok").and_then(Value::as_bool).unwrap_or(false);
        Some(Check::of(name, if is_well { Ok(detail) } else { Err(detail) }))
    };
    ["database", "master key", "audit trail"].into_iter().filter_map(find).collect()
}

/// To whoever shows no admin key the server says whether it is well, and no more.
fn without_an_answer(config: &Config, url: &str) -> Vec<Check> {
    let ready = probe::ready(url).map(|()| format!("in use by the server at {url}"));
    vec![Check::of("database", ready), Check::of("master key", checks::master_key(config, None))]
}

fn render(checks: &[Check], output: Output) -> String {
    let line = |check: &Check| {
        let verdict = if check.ok { "ok" } else { "FAIL" };
        format!("{verdict:<4} {:<14} {}\n", check.name, plain(&check.detail))
    };
    match output {
        Output::Json => {
            let lines = checks.iter().map(|Check { name, ok, detail }| Line { name, ok: *ok, detail });
            let json = serde_json::to_string(&lines.collect::<Vec<_>>()).unwrap_or_default();
            plain_json(&json) + "\n"
        }
        Output::Text => checks.iter().map(line).collect(),
    }
}
