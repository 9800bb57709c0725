//! What a contract suite runs on.

use std::any::Any;
use std::sync::Arc;

use keyward_domain::accounts::{Account, AccountStanding, AccountStore, PasswordHash, Registration};
use keyward_domain::agents::{AgentStanding, AgentStore};
use keyward_domain::audit::{AuditEvent, AuditStore};
use keyward_domain::credentials::{CredentialSource, Credentials, TokenStanding, TokenSubject, Uncached};
use keyward_domain::deployment::DeploymentStore;
use keyward_domain::idempotency::IdempotencyStore;
use keyward_domain::ids::AccountId;
use keyward_domain::imports::ImportStore;
use keyward_domain::keys::{ApiKey, KeyHandle, KeyStore};
use keyward_domain::mail::Outbox;
use keyward_domain::revocations::RevocationLog;
use keyward_domain::sessions::SessionStore;
use keyward_domain::single_use::SingleUseTokenStore;
use keyward_domain::store::{StoreError, StoreHealth};
use keyward_domain::tokens::SigningKeyStore;

use crate::builders::Samples;

/// Every persistence port of one adapter, over one database that is up to date and empty.
pub struct Stores {
    /// Accounts.
    pub accounts: Arc<dyn AccountStore>,
    /// Agents.
    pub agents: Arc<dyn AgentStore>,
    /// Keys.
    pub keys: Arc<dyn KeyStore>,
    /// What the checks of credentials read.
    pub credentials: Arc<dyn CredentialSource>,
    /// What has ended.
    pub revocations: Arc<dyn RevocationLog>,
    /// The audit trail.
    pub audit: Arc<dyn AuditStore>,
    /// Signing keys.
    pub signing_keys: Arc<dyn SigningKeyStore>,
    /// What waits to be mailed.
    pub outbox: Arc<dyn Outbox>,
    /// What is imported.
    pub imports: Arc<dyn ImportStore>,
    /// Single-use tokens.
    pub single_use_tokens: Arc<dyn SingleUseTokenStore>,
    /// What was answered.
    pub idempotency: Arc<dyn IdempotencyStore>,
    /// Browsers' sessions.
    pub sessions: Arc<dyn SessionStore>,
    /// The deployment.
    pub deployment: Arc<dyn DeploymentStore>,
    /// Whether the database can be used.
    pub health: Arc<dyn StoreHealth>,
    /// Keeps the database alive: a temporary folder, a schema that is dropped. Goes last.
    pub keep_alive: Box<dyn Any + Send>,
}

/// A key with its owners, by value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredCredential {
    pub(super) key: ApiKey,
    pub(super) account: AccountStanding,
    pub(super) agent: Option<AgentStanding>,
}

impl Stores {
    /// All ports by one store.
    pub fn of<S>(store: Arc<S>, keep_alive: impl Any + Send) -> Self
    where
        S: AccountStore
            + AgentStore
            + KeyStore
            + CredentialSource
            + RevocationLog
            + AuditStore
            + SigningKeyStore
            + Outbox
            + ImportStore
            + SingleUseTokenStore
            + IdempotencyStore
            + SessionStore
            + DeploymentStore
            + StoreHealth
            + 'static,
    {
        Self {
            accounts: store.clone(),
            agents: store.clone(),
            keys: store.clone(),
            credentials: store.clone(),
            revocations: store.clone(),
            audit: store.clone(),
            signing_keys: store.clone(),
            outbox: store.clone(),
            imports: store.clone(),
            single_use_tokens: store.clone(),
            idempotency: store.clone(),
            sessions: store.clone(),
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

    /// The key of this handle with its owners, as it is stored now.
    pub(super) async fn credential(&self, handle: KeyHandle) -> Result<Option<StoredCredential>, StoreError> {
        let found = Uncached::new(self.credentials.clone()).find_key(handle).await?;
        Ok(found.map(|found| StoredCredential {
            key: (*found.key).clone(),
            account: found.account,
            agent: found.agent,
        }))
    }

    /// How a token's subject stands now.
    pub(super) async fn standing(&self, subject: TokenSubject) -> Result<TokenStanding, StoreError> {
        Uncached::new(self.credentials.clone()).find_standing(subject).await
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
