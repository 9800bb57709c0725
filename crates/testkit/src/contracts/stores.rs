//! What a contract suite runs on.

use std::any::Any;
use std::sync::Arc;

use keyward_domain::accounts::{Account, AccountStore, PasswordHash, Registration};
use keyward_domain::agents::AgentStore;
use keyward_domain::audit::{AuditEvent, AuditStore};
use keyward_domain::deployment::DeploymentStore;
use keyward_domain::ids::AccountId;
use keyward_domain::keys::KeyStore;
use keyward_domain::store::StoreHealth;
use keyward_domain::tokens::{SigningKeyStore, TokenStandings};

use crate::builders::Samples;

/// Every persistence port of one adapter, over one database that is up to date and empty.
pub struct Stores {
    /// Accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Agents.
    pub agents: Arc<dyn AgentStore>,
    /// Keys.
    pub keys: Arc<dyn KeyStore>,
    /// The standing of tokens.
    pub standings: Arc<dyn TokenStandings>,
    /// The audit trail.
    pub audit: Arc<dyn AuditStore>,
    /// Signing keys.
    pub signing_keys: Arc<dyn SigningKeyStore>,
    /// The deployment.
    pub deployment: Arc<dyn DeploymentStore>,
    /// Whether the database can be used.
    pub health: Arc<dyn StoreHealth>,
    /// Keeps the database alive: a temporary folder, a schema that is dropped. Goes last.
    pub keep_alive: Box<dyn Any + Send>,
}

impl Stores {
    /// All ports by one store.
    pub fn of<S>(store: Arc<S>, keep_alive: impl Any + Send) -> Self
    where
        S: AccountStore
            + AgentStore
            + KeyStore
            + TokenStandings
            + AuditStore
            + SigningKeyStore
            + DeploymentStore
            + StoreHealth
            + 'static,
    {
        Self {
            accounts: store.clone(),
            agents: store.clone(),
            keys: store.clone(),
            standings: store.clone(),
            audit: store.clone(),
            signing_keys: store.clone(),
            deployment: store.clone(),
            health: store,
            keep_alive: Box::new(keep_alive),
        }
    }

    /// Writes a registration that nothing speaks against.
    pub(super) async fn register(&self, samples: &Samples, registration: &Registration) {
        let event = samples.registered(registration);
        self.accounts.register(registration.clone(), event).await.unwrap();
    }

    /// The first thousand events of an account, or of all.
    pub(super) async fn trail(&self, account: impl Into<Option<AccountId>>) -> Vec<AuditEvent> {
        self.audit.page(account.into(), None, 1_000).await.unwrap()
    }

    /// The stored password of an account that has an address and is not archived.
    pub(super) async fn password_of(&self, account: &Account) -> Option<PasswordHash> {
        let address = &account.email.as_ref().unwrap().address;
        self.accounts.find_login(address).await.unwrap().unwrap().password
    }
}
