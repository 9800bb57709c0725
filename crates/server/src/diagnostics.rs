//! What a running server finds when it looks at itself.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyward_domain::audit::AuditTrail;
use keyward_domain::diagnostics::{Check, Diagnostics};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio::time::timeout;

use crate::checks::{self, Found};
use crate::compose::{Database, Post};
use crate::config::Config;

/// How long an examination may take: what takes longer is not waited for.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// Looks at what this server depends on, one examination at a time.
pub(crate) struct RunningServer {
    config: Arc<Config>,
    database: Database,
    trail: AuditTrail,
    post: Post,
    /// Held by an examination to its end, also when nobody waits for it any more: what is stuck cannot pile up.
    alone: Arc<Mutex<()>>,
}

impl RunningServer {
    pub(crate) fn new(config: &Config, database: Database, trail: AuditTrail, post: Post) -> Self {
        Self { config: Arc::new(config.clone()), database, trail, post, alone: Arc::default() }
    }

    /// The checks that block, on a thread of their own.
    async fn blocking_checks(&self, turn: OwnedMutexGuard<()>) -> Option<Blocking> {
        let deployment = self.database.deployment().await;
        let (config, database) = (Arc::clone(&self.config), self.database.clone());
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            let master_key = match deployment {
                Ok(deployment) => checks::master_key(&config, deployment.as_ref()),
                Err(error) => Err(error.to_string()),
            };
            let found = Blocking {
                admin_keys: checks::admin_keys(&config),
                database: checks::database(&database),
                master_key,
                github: checks::github(&config),
            };
            let _ = sender.send(found);
            drop(turn);
        };
        std::thread::Builder::new().name("keyward-diagnostics".to_owned()).spawn(work).ok()?;
        receiver.await.ok()
    }
}

struct Blocking {
    admin_keys: Found,
    database: Found,
    master_key: Found,
    github: Found,
}

impl Blocking {
    fn late() -> Self {
        Self { admin_keys: late(), database: late(), master_key: late(), github: late() }
    }
}

fn late() -> Found {
    Err(format!("not looked at within {} seconds", DEADLINE.as_secs()))
}

#[async_trait]
impl Diagnostics for RunningServer {
    async fn examine(&self) -> Vec<Check> {
        let blocking = async {
            let turn = Arc::clone(&self.alone).lock_owned().await;
            self.blocking_checks(turn).await
        };
        let trail = checks::audit_trail(&self.trail, self.database.audit());
        let mail = self.post.check();
        let (blocking, trail, mail) =
            tokio::join!(timeout(DEADLINE, blocking), timeout(DEADLINE, trail), timeout(DEADLINE, mail));
        let found = blocking.ok().flatten().unwrap_or_else(Blocking::late);
        vec![
            Check::of("configuration", checks::configuration(&self.config)),
            Check::of("admin key", found.admin_keys),
            Check::of("database", found.database),
            Check::of("master key", found.master_key),
            Check::of("audit trail", trail.unwrap_or_else(|_late| late())),
            Check::of("mail", mail.unwrap_or_else(|_late| late())),
            Check::of("github", found.github),
        ]
    }
}
