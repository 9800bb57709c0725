//! The whole domain on fakes.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use keyward_domain::accounts::{
    DisplayName, DisposablePolicy, EmailAddress, NewPassword, RegisterAccount, RegisteredAccount,
    StartingBalance,
};
use keyward_domain::audit::{AuditEvent, AuditStore, AuditTrail};
use keyward_domain::credentials::Uncached;
use keyward_domain::deployment::{Fingerprint, MasterKeyService, TakeOver};
use keyward_domain::idempotency::{IdempotencyKey, IdempotentRequest};
use keyward_domain::ids::{AccountId, RequestId};
use keyward_domain::keys::{AccountKeyStyle, KeyPolicy, KeyPrefix};
use keyward_domain::limits::LimitPolicy;
use keyward_domain::mail::{MailPolicy, MailPorts, OutgoingMail};
use keyward_domain::request::RequestContext;
use keyward_domain::secret::{Digest, Secret};
use keyward_domain::sessions::SessionPolicy;
use keyward_domain::time::Clock;
use keyward_domain::tokens::{RotationPolicy, SigningAlgorithm, SubjectForm, TokenProfile};
use keyward_domain::{Domain, Ports};

use crate::backups::{FakeBackups, FakeChecksums};
use crate::clock::FakeClock;
use crate::disposable::FakeDisposableDomains;
use crate::entropy::SeededEntropy;
use crate::limits::MemoryLimiter;
use crate::macs::FakeMac;
use crate::mail::{CountingBell, FakeMailer};
use crate::memory::MemoryStore;
use crate::passwords::FakePasswordHasher;
use crate::sealer::FakeSealer;
use crate::tokens::{FakeKeyMaker, FakeTokens};
use crate::vault::FakeVault;

/// Every use case over a store in memory. It derefs to its fakes: `test.clock`, `test.store`.
pub struct TestDomain {
    /// The use cases.
    pub domain: Domain,
    fakes: Fakes,
}

/// A fake for each port.
pub struct Fakes {
    /// What keeps everything.
    pub store: Arc<MemoryStore>,
    /// What time it is.
    pub clock: Arc<FakeClock>,
    /// What is drawn.
    pub entropy: Arc<SeededEntropy>,
    /// What hashes passwords.
    pub passwords: Arc<FakePasswordHasher>,
    /// What computes the MACs of keys.
    pub key_mac: Arc<FakeMac>,
    /// What computes the MACs of audit events.
    pub audit_mac: Arc<FakeMac>,
    /// What signs and verifies tokens.
    pub tokens: Arc<FakeTokens>,
    /// What makes keys that sign them.
    pub key_maker: Arc<FakeKeyMaker>,
    /// What counts.
    pub limiter: Arc<MemoryLimiter>,
    /// What computes the MACs of what is counted.
    pub limit_mac: Arc<FakeMac>,
    /// What sends mail.
    pub mailer: Arc<FakeMailer>,
    /// What wakes whoever sends it.
    pub bell: Arc<CountingBell>,
    /// What seals what was answered.
    pub idempotency_sealer: Arc<FakeSealer>,
    /// What computes the digests of single-use tokens.
    pub token_digest: Arc<FakeMac>,
}

impl Deref for TestDomain {
    type Target = Fakes;

    fn deref(&self) -> &Fakes {
        &self.fakes
    }
}

impl Fakes {
    /// The ports that the domain stands on, for a test that replaces one. Limits are off.
    pub fn ports(&self) -> Ports {
        Ports {
            accounts: self.store.clone(),
            agents: self.store.clone(),
            keys: self.store.clone(),
            imports: self.store.clone(),
            credentials: Arc::new(Uncached::new(self.store.clone())),
            revocations: self.store.clone(),
            audit: self.store.clone(),
            backups: Arc::new(FakeBackups::default()),
            checksums: Arc::new(FakeChecksums),
            disposable_domains: Arc::new(FakeDisposableDomains),
            passwords: self.passwords.clone(),
            key_mac: self.key_mac.clone(),
            audit_mac: self.audit_mac.clone(),
            signer: self.tokens.clone(),
            verifier: self.tokens.clone(),
            signing_keys: self.store.clone(),
            signing_key_maker: self.key_maker.clone(),
            rotation: rotation(),
            exact_limiter: self.limiter.clone(),
            traffic_limiter: self.limiter.clone(),
            limit_mac: self.limit_mac.clone(),
            limits: LimitPolicy::default().enabled(false),
            key_policy: KeyPolicy::default(),
            idempotency: self.store.clone(),
            idempotency_sealer: self.idempotency_sealer.clone(),
            mail: MailPorts {
                outbox: self.store.clone(),
                bell: self.bell.clone(),
                mailer: self.mailer.clone(),
                sealer: Arc::new(FakeSealer::new(3)),
                tokens: self.store.clone(),
                token_digest: self.token_digest.clone(),
                policy: MailPolicy { links_per_hour: None, ..MailPolicy::below("https://id.example.com") },
            },
            sessions: self.store.clone(),
            session_policy: SessionPolicy::default(),
            clock: self.clock.clone(),
            entropy: self.entropy.clone(),
        }
    }
}

impl TestDomain {
    /// The seed of everything that a new test domain draws.
    pub const SEED: u64 = 2_026;

    /// A domain in which nothing has happened, the same in every run.
    pub fn new() -> Self {
        let entropy = Arc::new(SeededEntropy::new(Self::SEED));
        let fakes = Fakes {
            store: Arc::new(MemoryStore::new()),
            clock: Arc::new(FakeClock::new()),
            key_maker: Arc::new(FakeKeyMaker::new(entropy.clone())),
            entropy,
            passwords: Arc::new(FakePasswordHasher::new()),
            key_mac: Arc::new(FakeMac::new(1)),
            audit_mac: Arc::new(FakeMac::new(2)),
            tokens: Arc::new(FakeTokens::new()),
            limiter: Arc::new(MemoryLimiter::new()),
            limit_mac: Arc::new(FakeMac::new(3)),
            mailer: Arc::new(FakeMailer::new()),
            bell: Arc::new(CountingBell::default()),
            idempotency_sealer: Arc::new(FakeSealer::new(5)),
            token_digest: Arc::new(FakeMac::new(4)),
        };
        Self { domain: Domain::new(fakes.ports()), fakes }
    }

    /// A new request.
    pub fn context(&self) -> RequestContext {
        RequestContext::of_ours(RequestId::generate(self.clock.now(), &*self.entropy))
    }

    /// A new request that its client may repeat: one for each of these keys, all with the same body.
    pub fn repeatable(&self, key: &str) -> RequestContext {
        let request = IdempotentRequest {
            key: IdempotencyKey::parse(key).unwrap(),
            surface: "test",
            method: "POST".to_owned(),
            path: "/things".to_owned(),
            body: Secret::new(b"{}".to_vec()),
        };
        RequestContext { repeatable: Some(Arc::new(request)), ..self.context() }
    }

    /// The use cases of the master key, for a server with these keys.
    pub fn master_keys(&self, vault: Arc<FakeVault>) -> MasterKeyService {
        let trail = AuditTrail::new(self.audit_mac.clone(), self.entropy.clone());
        MasterKeyService::new(self.store.clone(), vault, self.clock.clone(), trail)
    }

    /// The same, for a server that keeps its key itself.
    pub fn own_master_keys(&self) -> MasterKeyService {
        let running = Fingerprint::new(Digest::new([7; 32]));
        self.master_keys(Arc::new(FakeVault::new(running, TakeOver::AtOnce, self.entropy.clone())))
    }

    /// Registers an account that nothing speaks against.
    pub async fn register(&self, command: RegisterAccount) -> RegisteredAccount {
        self.domain.accounts.register(command, &self.context()).await.unwrap().outcome
    }

    /// Sends everything that is due, and gives what was sent since it was last asked.
    pub async fn send_mail(&self) -> Vec<OutgoingMail> {
        loop {
            let due = self.domain.mail.claim(u16::MAX).await.unwrap();
            if due.is_empty() {
                return self.mailer.take();
            }
            for entry in due {
                self.domain.mail.deliver(&entry).await.unwrap();
            }
        }
    }

    /// The whole trail of an account, or of all, newest first.
    pub async fn trail(&self, account: impl Into<Option<AccountId>>) -> Vec<AuditEvent> {
        AuditStore::page(&*self.store, account.into(), None, u16::MAX).await.unwrap()
    }
}

impl Default for TestDomain {
    fn default() -> Self {
        Self::new()
    }
}

/// Who registers in TradeReady's document: an address, a password, a key with a second secret, a first agent.
pub fn alpha_bot() -> RegisterAccount {
    RegisterAccount {
        display_name: DisplayName::parse("AlphaBot").unwrap(),
        email: Some(EmailAddress::parse("alpha@example.com").unwrap()),
        password: Some(NewPassword::parse(ALPHA_PASSWORD, &[]).unwrap()),
        starting_balance: StartingBalance::default(),
        key_style: AccountKeyStyle { prefix: prefix("ak_live_"), login_prefix: Some(prefix("sk_live_")) },
        first_agent: Some(prefix("ak_live_")),
        disposable: DisposablePolicy::Allow,
        session: None,
    }
}

/// The password of [`alpha_bot`].
pub const ALPHA_PASSWORD: &str = "my-secure-password";

/// Somebody else, with the same of everything.
pub fn beta_bot() -> RegisterAccount {
    RegisterAccount {
        display_name: DisplayName::parse("BetaBot").unwrap(),
        email: Some(EmailAddress::parse("beta@example.com").unwrap()),
        ..alpha_bot()
    }
}

/// Tokens of an hour, signed with Ed25519.
pub const fn one_hour() -> TokenProfile {
    TokenProfile {
        lifetime: Duration::from_secs(3_600),
        algorithm: SigningAlgorithm::EdDsa,
        subject: SubjectForm::Account,
    }
}

/// Keys that sign for 90 days, the next one published 15 minutes before, for two algorithms.
pub fn rotation() -> RotationPolicy {
    RotationPolicy {
        algorithms: vec![SigningAlgorithm::EdDsa, SigningAlgorithm::Rs256],
        rotate_after: Duration::from_secs(90 * 86_400),
        lead: Duration::from_secs(15 * 60),
    }
}

fn prefix(text: &str) -> KeyPrefix {
    KeyPrefix::parse(text).unwrap()
}
