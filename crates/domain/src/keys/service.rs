//! Use cases of keys.

use std::sync::Arc;

use super::{
    ApiKey, AuthenticateKeyError, ForeignKey, InvalidKeyText, KeyBinding, KeyMac, KeyMacInput, KeyStatus,
    PresentedKey, SecretPurpose,
};
use crate::agents::AgentStatus;
use crate::credentials::{Credentials, KeyCredential};
use crate::environment::Environment;
use crate::ids::{AccountId, KeyId};
use crate::principal::{Credential, Principal};
use crate::secret::Digest;
use crate::single_use::TokenDigest;
use crate::store::StoreError;
use crate::time::Clock;

/// Use cases of keys.
#[derive(Clone)]
pub struct KeyService {
    credentials: Arc<dyn Credentials>,
    mac: Arc<dyn KeyMac>,
    clock: Arc<dyn Clock>,
    /// What reads keys of other systems, where they are accepted.
    foreign: Option<Arc<dyn TokenDigest>>,
}

impl KeyService {
    /// A service over these credentials, this MAC and this clock.
    pub fn new(credentials: Arc<dyn Credentials>, mac: Arc<dyn KeyMac>, clock: Arc<dyn Clock>) -> Self {
        Self { credentials, mac, clock, foreign: None }
    }

    /// The same, which also accepts keys of other systems that were imported.
    #[must_use]
    pub fn accepting_imported(self, digest: Arc<dyn TokenDigest>) -> Self {
        Self { foreign: Some(digest), ..self }
    }

    /// Says who shows this key.
    ///
    /// Security: the MAC is computed for an unknown handle as well, and nothing about a key's state is said to
    /// somebody who does not know its secret.
    pub async fn authenticate(&self, text: &str) -> Result<Principal, AuthenticateKeyError> {
        match PresentedKey::parse(text) {
            Ok(presented) => self.judge(self.find_verified(&presented).await?),
            Err(InvalidKeyText) => match self.foreign(text) {
                Some(foreign) => self.judge(self.find_verified(&foreign.presented()).await?),
                None => Err(AuthenticateKeyError::UnknownKey),
            },
        }
    }

    /// Says who shows this key, as far as that is known without asking the store. `None` says nothing.
    pub fn recall(&self, text: &str) -> Option<Result<Principal, AuthenticateKeyError>> {
        match PresentedKey::parse(text) {
            Ok(presented) => self.recall_presented(&presented),
            Err(InvalidKeyText) => match self.foreign(text) {
                Some(foreign) => self.recall_presented(&foreign.presented()),
                None => Some(Err(AuthenticateKeyError::UnknownKey)),
            },
        }
    }

    fn recall_presented(
        &self,
        presented: &PresentedKey<'_>,
    ) -> Option<Result<Principal, AuthenticateKeyError>> {
        let remembered = self.credentials.recall_key(presented.handle())?;
        Some(self.judge(self.verified(Some(remembered), presented)))
    }

    /// What is no key of ours, as one of another system, where those are accepted.
    fn foreign(&self, text: &str) -> Option<ForeignKey> {
        ForeignKey::read(text, &**self.foreign.as_ref()?, &*self.mac)
    }

    fn judge(&self, verified: Option<KeyCredential>) -> Result<Principal, AuthenticateKeyError> {
        let credential = verified.ok_or(AuthenticateKeyError::UnknownKey)?;
        self.check_standing(&credential)?;
        let key = &credential.key;
        self.credentials.key_used(key.id);
        Ok(Principal {
            account: key.account,
            agent: key.binding.agent(),
            credential: Credential::Key { id: key.id, generation: key.generation, issued_at: key.created_at },
            environment: key.environment,
            plan: credential.account.plan,
            scopes: key.scopes,
            epoch: credential.account.epoch,
        })
    }

    /// The credential of this key, if it exists and its secret is right, whatever its state.
    pub(crate) async fn find_verified(
        &self,
        presented: &PresentedKey<'_>,
    ) -> Result<Option<KeyCredential>, StoreError> {
        let handle = presented.handle();
        let found = match self.credentials.recall_key(handle) {
            Some(remembered) => Some(remembered),
            None => self.credentials.find_key(handle).await?,
        };
        Ok(self.verified(found, presented))
    }

    /// What was found, if its secret is the one that is shown. Computes a MAC whether or not anything was found.
    fn verified(&self, found: Option<KeyCredential>, presented: &PresentedKey<'_>) -> Option<KeyCredential> {
        let key = found.as_ref().map(|found| &*found.key);
        let computed = self.mac_of(key, SecretPurpose::Access, presented);
        found.filter(|found| found.key.verifier == computed)
    }

    /// Whether this is the key's second secret. Computes a MAC whether or not there is such a key.
    pub(crate) fn verifies_login(&self, key: Option<&ApiKey>, secret: Option<&PresentedKey<'_>>) -> bool {
        let Some(presented) = secret else {
            return false;
        };
        let computed = self.mac_of(key, SecretPurpose::Login, presented);
        // Both secrets of a key carry its handle: one with another handle is none of this key's.
        key.is_some_and(|key| match key.binding {
            KeyBinding::Account { login_verifier: Some(verifier) } => {
                verifier == computed && presented.handle() == key.handle
            }
            KeyBinding::Account { login_verifier: None } | KeyBinding::Agent(_) => false,
        })
    }

    /// Writes down, some time, that the key was used now.
    pub(crate) fn used(&self, key: KeyId) {
        self.credentials.key_used(key);
    }

    fn mac_of(&self, key: Option<&ApiKey>, purpose: SecretPurpose, presented: &PresentedKey<'_>) -> Digest {
        let nil = uuid::Uuid::nil();
        KeyMacInput {
            purpose,
            key: key.map_or(KeyId::from_uuid(nil), |key| key.id),
            account: key.map_or(AccountId::from_uuid(nil), |key| key.account),
            agent: key.and_then(|key| key.binding.agent()),
            environment: key.map_or(Environment::Live, |key| key.environment),
            shown: *presented,
        }
        .mac(&*self.mac)
    }

    /// How the key stands now. The clock is asked only about one that ends by itself.
    pub(crate) fn status(&self, key: &ApiKey) -> KeyStatus {
        match key.expires_at {
            Some(_) => key.status(self.clock.now()),
            None => key.status(key.created_at),
        }
    }

    /// Whether a key whose secret was verified is good now: its own state first, then its agent's, then its account's.
    fn check_standing(&self, credential: &KeyCredential) -> Result<(), AuthenticateKeyError> {
        match self.status(&credential.key) {
            KeyStatus::Active | KeyStatus::Superseded => {}
            KeyStatus::Expired => return Err(AuthenticateKeyError::KeyExpired),
            KeyStatus::Revoked => return Err(AuthenticateKeyError::KeyRevoked),
        }
        if let Some(AgentStatus::Archived { .. }) = credential.agent.map(|agent| agent.status) {
            return Err(AuthenticateKeyError::AgentArchived);
        }
        credential.account.status.may_act()?;
        Ok(())
    }
}
