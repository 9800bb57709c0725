//! Fills a database with accounts, past HTTP but through the store's own port: their keys verify, and a later schema
//! needs no change here.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use actix_web::rt;
use futures_util::{StreamExt, TryStreamExt, stream};
use keyward_crypto::{MasterKey, OsEntropy};
use keyward_domain::accounts::{
    Account, AccountStatus, AccountStore, DisplayName, Epoch, Plan, Registration, RegistrationRefused,
    StartingBalance,
};
use keyward_domain::agents::{Agent, AgentAttributes, AgentName, AgentStatus};
use keyward_domain::audit::{Action, Actor, AuditTrail, Deed, Target};
use keyward_domain::deployment::DeploymentStore as _;
use keyward_domain::environment::Environment;
use keyward_domain::ids::{AccountId, AgentId};
use keyward_domain::keys::{AccountKeyStyle, KeyIssuer, KeyPrefix};
use keyward_domain::store::StoreError;
use keyward_domain::time::Instant;
use keyward_storage::{DatabaseUrl, Store, StoreOptions};
use time::OffsetDateTime;

use crate::Fallible;
use crate::measure::{Stopwatch, print};

const KEY: KeyPrefix = KeyPrefix::from_static("ak_live_");
const SECRET: KeyPrefix = KeyPrefix::from_static("sk_live_");

/// How many registrations are under way at a time: a commit's worth.
const AT_ONCE: usize = 64;
/// How often one is tried that finds the database busy.
const TRIES: usize = 20;

/// Makes accounts as a registration does.
struct Press {
    issuer: KeyIssuer,
    trail: AuditTrail,
    style: AccountKeyStyle,
}

pub(crate) fn run(database: &str, master_key: &Path, accounts: u64, out: &Path) -> Fallible<()> {
    let master_key = MasterKey::parse(&fs::read_to_string(master_key)?)?;
    let url: DatabaseUrl = database.parse()?;
    let options = StoreOptions { create: false, ..StoreOptions::default() };
    let mut file = BufWriter::new(File::create(out)?);
    let entropy = Arc::new(OsEntropy);
    let watch = Stopwatch::start();
    rt::System::new().block_on(async {
        let store = Store::open(&url, options)?;
        let deployment = store.deployment().await?.ok_or("the database is not founded")?;
        let root = master_key.open(&deployment)?;
        let press = Press {
            issuer: KeyIssuer::new(Arc::new(root.key_mac()), entropy.clone()),
            trail: AuditTrail::new(Arc::new(root.audit_mac()), entropy),
            style: AccountKeyStyle { prefix: KEY, login_prefix: Some(SECRET) },
        };
        stream::iter(0..accounts)
            .map(|_| press.register(&store))
            .buffer_unordered(AT_ONCE)
            .try_for_each(|line| {
                let written = writeln!(file, "{line}").map_err(Into::into);
                async { written }
            })
            .await?;
        store.close();
        Fallible::Ok(())
    })?;
    file.flush()?;
    print(accounts, watch.elapsed());
    Ok(())
}

impl Press {
    /// Registers one account, and answers its three secrets.
    async fn register(&self, store: &Store) -> Fallible<String> {
        let now = Instant::from(now());
        let (id, live) = (AccountId::generate(now, &OsEntropy), Environment::Live);
        let account = Account {
            id,
            display_name: DisplayName::parse("Filler").map_err(|error| error.to_string())?,
            email: None,
            status: AccountStatus::Active,
            epoch: Epoch::FIRST,
            starting_balance: StartingBalance::default(),
            plan: Plan::Free,
            created_at: now,
        };
        let agent = Agent {
            id: AgentId::generate(now, &OsEntropy),
            account: id,
            name: AgentName::first_of(&account.display_name),
            environment: live,
            status: AgentStatus::Active,
            epoch: Epoch::FIRST,
            starting_balance: account.starting_balance,
            attributes: AgentAttributes::default(),
            created_at: now,
            updated_at: now,
        };
        let key = self.issuer.for_account(now, &self.style, id, live);
        let agents_key = self.issuer.for_agent(now, &KEY, id, agent.id, live);
        let secret = key.login_secret.as_ref().ok_or("a key without its second secret")?;
        let shown =
            [&key.issued.text, secret, &agents_key.text].map(|text| text.expose().as_str()).join("\t");
        let target = Target::Account(id);
        let deed = Deed::to_account(&Actor::Anonymous, Action::AccountRegistered, &target, id);
        let event = self.trail.event(now, deed, None);
        let registration = Registration {
            account,
            password: None,
            key: key.issued.key.clone(),
            agent: Some((agent, agents_key.key)),
            mail: None,
            idempotency: None,
        };
        for _ in 0..TRIES {
            match store.register(registration.clone(), event.clone()).await {
                // Nothing was done: the disk is slow, and others were first.
                Err(RegistrationRefused::Store(StoreError::Busy)) => {}
                done => return Ok(done.map(|()| shown)?),
            }
        }
        Err("the database stays busy".into())
    }
}

#[allow(clippy::disallowed_methods, reason = "what is made is made now")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
