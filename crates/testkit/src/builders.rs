//! Valid things to put into a store, no two of them alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keyward_domain::accounts::{
    Account, AccountEmail, AccountStatus, DisplayName, EmailAddress, Epoch, Plan, Registration,
    StartingBalance,
};
use keyward_domain::admin::AdminName;
use keyward_domain::agents::{Agent, AgentAttributes, AgentName, AgentStatus};
use keyward_domain::audit::{Action, Actor, AuditEvent, AuditMac, AuditTrail, Deed, Target};
use keyward_domain::deployment::{Fingerprint, Slot, WrappedRoot};
use keyward_domain::entropy::random_bytes;
use keyward_domain::environment::Environment;
use keyward_domain::idempotency::IdempotencyRecord;
use keyward_domain::ids::{AccountId, AgentId, KeyId, MailId, RequestId, SessionId, TokenId};
use keyward_domain::keys::{
    ApiKey, Generation, KeyBinding, KeyHandle, KeyLabel, KeyPrefix, KeyPurpose, KeyState,
};
use keyward_domain::mail::{MailKind, OutboxEntry, Recipient, SealedIdentity};
use keyward_domain::principal::CredentialStamp;
use keyward_domain::request::RequestContext;
use keyward_domain::scope::Scopes;
use keyward_domain::secret::Digest;
use keyward_domain::sessions::Session;
use keyward_domain::single_use::{SingleUseBinding, SingleUsePurpose, SingleUseToken};
use keyward_domain::time::Instant;
use keyward_domain::tokens::{
    HandOver, HandOverEvents, KeyStamp, KeyThumbprint, SigningAlgorithm, SigningKey, SigningKeyState,
};

use crate::clock::FakeClock;
use crate::entropy::SeededEntropy;
use crate::macs::FakeMac;

/// Makes valid things. Each has an id, a handle and an address of its own; a test changes the field that it is
/// about.
pub struct Samples {
    entropy: Arc<SeededEntropy>,
    mac: Arc<FakeMac>,
    trail: AuditTrail,
    made: AtomicU64,
}

impl Samples {
    /// The same things in every run.
    pub fn new() -> Self {
        let entropy = Arc::new(SeededEntropy::new(0x006b_6579_7761_7264));
        let mac = Arc::new(FakeMac::new(1));
        let trail = AuditTrail::new(mac.clone(), entropy.clone());
        Self { entropy, mac, trail, made: AtomicU64::new(0) }
    }

    /// The trail that signs the sample events.
    pub const fn trail(&self) -> &AuditTrail {
        &self.trail
    }

    /// `seconds` after the moment at which every test begins.
    pub fn at(&self, seconds: u64) -> Instant {
        Instant::from_unix_micros(FakeClock::START).unwrap().saturating_add(Duration::from_secs(seconds))
    }

    /// An account with an e-mail address, without a password, with a key that has a second secret.
    pub fn registration(&self) -> Registration {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let address = EmailAddress::parse(&format!("Account-{number}@Example.com")).unwrap();
        let account = Account {
            id: self.account_id(),
            display_name: DisplayName::parse(&format!("Account {number}")).unwrap(),
            email: Some(AccountEmail { address, verified_at: None }),
            status: AccountStatus::Active,
            epoch: Epoch::FIRST,
            starting_balance: StartingBalance::default(),
            plan: Plan::Free,
            created_at: self.at(0),
        };
        let key = self.key(account.id, KeyBinding::Account { login_verifier: Some(self.digest()) });
        Registration { account, password: None, key, agent: None, mail: None, idempotency: None }
    }

    /// The same with an agent and its key.
    pub fn registration_with_agent(&self) -> Registration {
        let mut registration = self.registration();
        registration.agent = Some(self.agent(&registration.account));
        registration
    }

    /// A mail to this account that is due at that moment.
    pub fn mail_to(&self, account: AccountId, at: Instant) -> OutboxEntry {
        OutboxEntry::new(self.mail_id(), MailKind::VerifyAddress, Recipient::Account(account), at)
    }

    /// A mail to somebody or nobody that is due at that moment.
    pub fn mail_to_somebody(&self, at: Instant) -> OutboxEntry {
        let sealed = SealedIdentity::new(random_bytes::<48>(&*self.entropy).to_vec());
        OutboxEntry::new(self.mail_id(), MailKind::ResetPassword, Recipient::Typed(sealed), at)
    }

    /// A token of this account, made at that moment and good for an hour.
    pub fn single_use_token(
        &self,
        account: &Account,
        purpose: SingleUsePurpose,
        at: Instant,
    ) -> SingleUseToken {
        SingleUseToken {
            digest: self.digest(),
            binding: match purpose {
                SingleUsePurpose::VerifyAddress => SingleUseBinding::VerifyAddress,
                SingleUsePurpose::ResetPassword => SingleUseBinding::ResetPassword { epoch: account.epoch },
            },
            account: account.id,
            address: account.email.as_ref().expect("an address").address.clone(),
            created_at: at,
            expires_at: at.saturating_add(Duration::from_secs(3_600)),
            used_at: None,
        }
    }

    /// A session of this account that begins at that moment and is over after half a day.
    pub fn session(&self, account: &Account, at: Instant) -> Session {
        Session {
            id: SessionId::generate(at, &*self.entropy),
            digest: self.digest(),
            account: account.id,
            epoch: account.epoch,
            began_at: at,
            last_seen_at: at,
            expires_at: at.saturating_add(Duration::from_secs(12 * 3_600)),
        }
    }

    /// An active agent of this account with its key.
    pub fn agent(&self, account: &Account) -> (Agent, ApiKey) {
        let agent = Agent {
            id: self.agent_id(),
            account: account.id,
            name: AgentName::first_of(&account.display_name),
            environment: Environment::Live,
            status: AgentStatus::Active,
            epoch: Epoch::FIRST,
            starting_balance: account.starting_balance,
            attributes: AgentAttributes::default(),
            created_at: account.created_at,
            updated_at: account.created_at,
        };
        let key = self.key(account.id, KeyBinding::Agent(agent.id));
        (agent, key)
    }

    /// An active key of this account.
    pub fn key(&self, account: AccountId, binding: KeyBinding) -> ApiKey {
        ApiKey {
            id: self.key_id(),
            handle: KeyHandle::generate(&*self.entropy),
            prefix: KeyPrefix::parse("ak_live_").unwrap(),
            account,
            binding,
            environment: Environment::Live,
            verifier: self.digest(),
            generation: Generation::FIRST,
            state: KeyState::Active,
            label: KeyLabel::default(),
            scopes: Scopes::ALL,
            purpose: KeyPurpose::General,
            expires_at: None,
            created_at: self.at(0),
            last_used_at: None,
        }
    }

    /// What is kept of a request of this account that was answered at `created_at`.
    pub fn answer(&self, account: AccountId, created_at: Instant) -> IdempotencyRecord {
        IdempotencyRecord {
            lookup: self.digest(),
            body: self.digest(),
            account,
            sealed: random_bytes::<48>(&*self.entropy).to_vec(),
            created_at,
            expires_at: created_at.saturating_add(IdempotencyRecord::LIFETIME),
        }
    }

    /// A signing key that came into use at `created_at`.
    pub fn signing_key(&self, algorithm: SigningAlgorithm, created_at: Instant) -> SigningKey {
        let kid = KeyThumbprint::new(format!("Kid_{:016x}-{algorithm}", self.entropy.next()));
        SigningKey {
            kid,
            algorithm,
            sealed: random_bytes::<96>(&*self.entropy).to_vec(),
            state: SigningKeyState::Active { since: created_at },
            created_at,
        }
    }

    /// A signing key that was published at `created_at`.
    pub fn next_signing_key(&self, algorithm: SigningAlgorithm, created_at: Instant) -> SigningKey {
        let state = SigningKeyState::Published { at: created_at };
        SigningKey { state, ..self.signing_key(algorithm, created_at) }
    }

    /// One key takes over from another at that moment, with the events of that.
    pub fn hand_over(&self, from: &SigningKey, to: &SigningKey, at: Instant) -> (HandOver, HandOverEvents) {
        let events = HandOverEvents {
            retired: self.signing_key_event(Action::SigningKeyRetired, from, at),
            activated: self.signing_key_event(Action::SigningKeyActivated, to, at),
        };
        let (algorithm, from, to) = (to.algorithm, from.kid.clone(), to.kid.clone());
        (HandOver { algorithm, from, to, at }, events)
    }

    /// The event that goes with a registration.
    pub fn registered(&self, registration: &Registration) -> AuditEvent {
        let account = registration.account.id;
        let context = self.context();
        let (action, target) = (Action::AccountRegistered, Target::Account(account));
        let deed = Deed::to_account(&Actor::Anonymous, action, &target, account);
        self.trail.event(self.at(0), deed, Some(&context))
    }

    /// An event that concerns this account, at that moment.
    pub fn event(&self, action: Action, account: AccountId, at: Instant) -> AuditEvent {
        let (actor, target) = (admin("root"), Target::Account(account));
        let deed = Deed::to_account(&actor, action, &target, account);
        self.trail.event(at, deed, Some(&self.context()))
    }

    /// The event with the MAC that its fields call for.
    pub fn signed(&self, event: AuditEvent) -> AuditEvent {
        AuditEvent { mac: AuditMac::mac(&*self.mac, &event.signed_bytes()), ..event }
    }

    /// The event of a signing key that came into use.
    pub fn activated(&self, key: &SigningKey) -> AuditEvent {
        self.signing_key_event(Action::SigningKeyActivated, key, key.created_at)
    }

    /// The event of something that the server did to a signing key.
    pub fn signing_key_event(&self, action: Action, key: &SigningKey, at: Instant) -> AuditEvent {
        let target = Target::SigningKey(key.kid.clone());
        let deed = Deed { actor: &Actor::System, action, target: &target, account: None };
        self.trail.event(at, deed, None)
    }

    /// Names a key that nobody has.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(self.digest())
    }

    /// A slot for a master key of its own.
    pub fn slot(&self, added_at: Instant) -> Slot {
        let sealed = self.digest().as_bytes().to_vec();
        Slot { wrapped: WrappedRoot { master_key: self.fingerprint(), sealed }, added_at }
    }

    /// The event of something that an admin did to a master key.
    pub fn master_key_event(&self, action: Action, key: Fingerprint, at: Instant) -> AuditEvent {
        let (actor, target) = (admin("root"), Target::MasterKey(key));
        let deed = Deed { actor: &actor, action, target: &target, account: None };
        self.trail.event(at, deed, Some(&self.context()))
    }

    /// A request.
    pub fn context(&self) -> RequestContext {
        RequestContext::of_ours(RequestId::generate(self.at(0), &*self.entropy))
    }

    /// An account id that names nothing yet.
    pub fn account_id(&self) -> AccountId {
        AccountId::generate(self.at(0), &*self.entropy)
    }

    /// An agent id that names nothing yet.
    pub fn agent_id(&self) -> AgentId {
        AgentId::generate(self.at(0), &*self.entropy)
    }

    /// A key id that names nothing yet.
    pub fn key_id(&self) -> KeyId {
        KeyId::generate(self.at(0), &*self.entropy)
    }

    /// A token id that names nothing yet.
    pub fn token_id(&self) -> TokenId {
        TokenId::generate(self.at(0), &*self.entropy)
    }

    /// A mail's id that names nothing yet.
    pub fn mail_id(&self) -> MailId {
        MailId::generate(self.at(0), &*self.entropy)
    }

    /// A digest of nothing in particular.
    pub fn digest(&self) -> Digest {
        Digest::new(random_bytes(&*self.entropy))
    }
}

impl Default for Samples {
    fn default() -> Self {
        Self::new()
    }
}

/// Asked for with a session of this epoch.
pub const fn in_epoch(epoch: Epoch) -> CredentialStamp {
    CredentialStamp::InEpoch { epoch, key: None }
}

/// Asked for with this key.
pub const fn by_key(key: &ApiKey) -> CredentialStamp {
    CredentialStamp::Key(KeyStamp { id: key.id, generation: key.generation })
}

/// The admin of this name.
pub fn admin(name: &str) -> Actor {
    Actor::Admin(AdminName::parse(name).unwrap())
}
