//! What a server depends on, looked at one by one: for `keyward doctor`, and for the diagnostics of a running server.

use keyward_domain::audit::{AuditCursor, AuditStore, AuditTrail};
use keyward_domain::deployment::{Deployment, Slots};

use crate::admin_keys;
use crate::compose::Database;
use crate::config::Config;
use crate::founding;
use crate::probe;

/// What was found, or what is wrong: one line for a person, without secrets.
pub(crate) type Found = Result<String, String>;

pub(crate) fn configuration(config: &Config) -> Found {
    Ok(format!("listens on {}", config.listen.value))
}

pub(crate) fn admin_keys(config: &Config) -> Found {
    let keys = admin_keys::read(config).map_err(|error| error.to_string())?;
    match keys.len() {
        0 => Ok("not there yet: the first start makes it".to_owned()),
        1 => Ok("there".to_owned()),
        several => Ok(format!("{several} are there")),
    }
}

/// Reads the whole database. Blocks.
pub(crate) fn database(database: &Database) -> Found {
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

/// Whether the master key, as a start would find it, opens the database, if that is founded.
pub(crate) fn master_key(config: &Config, deployment: Option<&Deployment>) -> Found {
    let key = founding::master_key(config).map_err(|error| error.to_string())?;
    founding::open_root(config, deployment, key.as_ref()).map_err(|error| error.to_string())?;
    match (key, deployment) {
        (Some(key), Some(Deployment { slots: Slots::Two { .. }, .. })) => Ok(format!(
            "{}, opens the database; so does another one, while a rotation is under way",
            key.origin
        )),
        (Some(key), Some(_)) => Ok(format!("{}, opens the database", key.origin)),
        (Some(key), None) => Ok(key.origin),
        (None, _) => Ok("not there yet: the first start makes it".to_owned()),
    }
}

/// Whether each event is as it was written: all of them, page by page.
pub(crate) async fn audit_trail(trail: &AuditTrail, audit: &dyn AuditStore) -> Found {
    let (mut events, mut after) = (0, None);
    loop {
        let page = audit.page(None, after, 500).await.map_err(|error| error.to_string())?;
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

/// Blocks for as long as GitHub does not answer, some seconds at most.
pub(crate) fn github(config: &Config) -> Found {
    let Some(app) = &config.github else {
        return Ok("not configured: agents cannot be claimed".to_owned());
    };
    for url in [&app.url, &app.api_url] {
        probe::reach(url, 443).map_err(|why| format!("{url}: {why}"))?;
    }
    Ok(format!("{} can be reached", app.url))
}
