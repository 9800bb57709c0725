//! Makes keys: draws handle and secrets, and keeps only their MACs.

use std::sync::Arc;

use super::text::Minted;
use super::{
    ApiKey, CreateKey, ForeignKey, Generation, KeyBinding, KeyHandle, KeyLabel, KeyMac, KeyMacInput,
    KeyPrefix, KeyPurpose, KeyState, KeySummary, PresentedKey, RevocationReason, SecretPurpose,
};
use crate::entropy::Entropy;
use crate::environment::Environment;
use crate::ids::{AccountId, AgentId, KeyId};
use crate::imports::ForeignKeyRecord;
use crate::principal::Owner;
use crate::scope::Scopes;
use crate::secret::{Digest, Secret};
use crate::time::Instant;

/// How a dialect's account-level keys look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountKeyStyle {
    /// What the key begins with.
    pub prefix: KeyPrefix,
    /// What the second secret begins with, if keys of this dialect have one.
    pub login_prefix: Option<KeyPrefix>,
}

/// A key fresh from the press: the only moment at which its text exists.
#[derive(Debug)]
pub struct IssuedKey {
    /// What is kept of it.
    pub key: ApiKey,
    /// The whole text, shown once.
    pub text: Secret<String>,
}

/// A fresh account-level key, with its second secret if it has one.
#[derive(Debug)]
pub struct IssuedAccountKey {
    /// The key.
    pub issued: IssuedKey,
    /// The second secret, shown once.
    pub login_secret: Option<Secret<String>>,
}

/// Makes keys.
#[derive(Clone)]
pub struct KeyIssuer {
    mac: Arc<dyn KeyMac>,
    entropy: Arc<dyn Entropy>,
}

impl KeyIssuer {
    /// An issuer that keeps MACs by `mac`.
    pub fn new(mac: Arc<dyn KeyMac>, entropy: Arc<dyn Entropy>) -> Self {
        Self { mac, entropy }
    }

    /// A new account-level key. The handle is drawn, not yet known to be unique.
    pub fn for_account(
        &self,
        now: Instant,
        style: &AccountKeyStyle,
        account: AccountId,
        environment: Environment,
    ) -> IssuedAccountKey {
        let mut issued = self.issue(now, &style.prefix, account, None, environment);
        let login_secret = style.login_prefix.as_ref().map(|prefix| {
            let minted = Minted::draw(prefix, issued.key.handle, &*self.entropy);
            let verifier = self.verifier_of(&issued.key, SecretPurpose::Login, minted.presented());
            issued.key.binding = KeyBinding::Account { login_verifier: Some(verifier) };
            minted.text()
        });
        IssuedAccountKey { issued, login_secret }
    }

    /// A new key that is bound to one agent.
    pub fn for_agent(
        &self,
        now: Instant,
        prefix: &KeyPrefix,
        account: AccountId,
        agent: AgentId,
        environment: Environment,
    ) -> IssuedKey {
        self.issue(now, prefix, account, Some(agent), environment)
    }

    /// A new account-level key, as its owner asks for it.
    pub(super) fn as_asked(
        &self,
        now: Instant,
        prefix: &KeyPrefix,
        owner: Owner,
        command: &CreateKey,
    ) -> IssuedKey {
        let mut issued = self.issue(now, prefix, owner.account, None, owner.environment);
        issued.key.label = command.label.clone();
        issued.key.scopes = command.scopes;
        issued.key.purpose = command.purpose;
        issued.key.expires_at = command.expires_at;
        issued
    }

    /// A new key like an old one. It has no second secret, even if the old one had: whoever rotates is shown one.
    pub(super) fn in_place_of(&self, now: Instant, prefix: &KeyPrefix, old: &KeySummary) -> IssuedKey {
        let mut issued = self.issue(now, prefix, old.account, old.agent, old.environment);
        issued.key.label = old.label.clone();
        issued.key.scopes = old.scopes;
        issued.key.purpose = old.purpose;
        issued.key.expires_at = old.expires_at;
        issued
    }

    /// A key of another system, as its export has it.
    pub(crate) fn imported(
        &self,
        now: Instant,
        account: AccountId,
        foreign: &ForeignKey,
        record: &ForeignKeyRecord,
    ) -> ApiKey {
        let state = match record.enabled {
            true => KeyState::Active,
            false => KeyState::Revoked { at: now, reason: RevocationReason::Requested },
        };
        let mut key = ApiKey {
            id: KeyId::generate(now, &*self.entropy),
            handle: foreign.handle(),
            prefix: ForeignKey::prefix(),
            account,
            binding: KeyBinding::Account { login_verifier: None },
            environment: Environment::Live,
            verifier: Digest::new([0; 32]),
            generation: Generation::FIRST,
            state,
            label: record.label.clone(),
            scopes: record.scopes,
            purpose: KeyPurpose::General,
            expires_at: record.expires_at,
            created_at: now,
            last_used_at: None,
        };
        key.verifier = self.verifier_of(&key, SecretPurpose::Access, foreign.presented());
        key
    }

    fn issue(
        &self,
        now: Instant,
        prefix: &KeyPrefix,
        account: AccountId,
        agent: Option<AgentId>,
        environment: Environment,
    ) -> IssuedKey {
        let handle = KeyHandle::generate(&*self.entropy);
        let minted = Minted::draw(prefix, handle, &*self.entropy);
        let mut key = ApiKey {
            id: KeyId::generate(now, &*self.entropy),
            handle,
            prefix: prefix.clone(),
            account,
            binding: agent.map_or(KeyBinding::Account { login_verifier: None }, KeyBinding::Agent),
            environment,
            verifier: Digest::new([0; 32]),
            generation: Generation::FIRST,
            state: KeyState::Active,
            label: KeyLabel::default(),
            scopes: Scopes::ALL,
            purpose: KeyPurpose::General,
            expires_at: None,
            created_at: now,
            last_used_at: None,
        };
        key.verifier = self.verifier_of(&key, SecretPurpose::Access, minted.presented());
        IssuedKey { key, text: minted.text() }
    }

    fn verifier_of(&self, key: &ApiKey, purpose: SecretPurpose, shown: PresentedKey<'_>) -> Digest {
        KeyMacInput {
            purpose,
            key: key.id,
            account: key.account,
            agent: key.binding.agent(),
            environment: key.environment,
            shown,
        }
        .mac(&*self.mac)
    }
}
