//! Another Rust service with Keyward inside: accounts, keys and tokens without HTTP.
//!
//! It links the domain and the adapters that it likes, puts them together, and calls the use cases. Run it with
//! `cargo run -p keyward-domain --example embedded`; it keeps its database in a directory that is gone afterwards.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyward_crypto::{
    Argon2idHasher, HashingLimits, HashingPool, OsEntropy, RootSecret, Sha256Checksums, Sha256TokenDigest,
};
use keyward_domain::accounts::{
    DisplayName, DisposableDomains, DisposablePolicy, EmailAddress, RegisterAccount, StartingBalance,
};
use keyward_domain::audit::AuditTrail;
use keyward_domain::authentication::Presented;
use keyward_domain::credentials::Uncached;
use keyward_domain::entropy::Entropy;
use keyward_domain::ids::RequestId;
use keyward_domain::keys::{AccountKeyStyle, KeyPolicy, KeyPrefix};
use keyward_domain::limits::{LimitMac, LimitPolicy};
use keyward_domain::mail::{MailBell, MailFailed, MailPolicy, MailPorts, Mailer, OutgoingMail};
use keyward_domain::request::RequestContext;
use keyward_domain::secret::Sealer;
use keyward_domain::sessions::SessionPolicy;
use keyward_domain::time::{Clock, Instant};
use keyward_domain::tokens::{RotationPolicy, SigningAlgorithm, SubjectForm, TokenProfile};
use keyward_domain::{Domain, Ports};
use keyward_jwt::{KeyPress, KeyRing, KeyRingPorts};
use keyward_limits::{ExactMemory, TrafficMemory};
use keyward_storage::{DatabaseUrl, Store, StoreOptions};
use time::OffsetDateTime;

/// This service's clock.
struct WallClock;

impl Clock for WallClock {
    #[allow(clippy::disallowed_methods, reason = "a service of its own has a clock of its own")]
    fn now(&self) -> Instant {
        OffsetDateTime::now_utc().into()
    }
}

/// This service knows its people and sends them no mail.
struct NoMail;

#[async_trait]
impl Mailer for NoMail {
    async fn send(&self, _mail: &OutgoingMail) -> Result<(), MailFailed> {
        Err(MailFailed::ForGood("no mail is sent here".to_owned()))
    }
}

impl MailBell for NoMail {
    fn ring(&self) {}
}

impl DisposableDomains for NoMail {
    fn has_mailbox(&self, _address: &EmailAddress) -> bool {
        false
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let url = DatabaseUrl::sqlite(directory.path().join("service.db"));
    let domain = embed(&url, "https://service.example").await?;
    let context = RequestContext::of_ours(RequestId::generate(WallClock.now(), &OsEntropy));

    let registered = domain.accounts.register(newcomer()?, &context).await?;
    println!("registered {:?}", registered.account.id);

    let key = registered.key.issued.text.expose();
    let secret = registered.key.login_secret.as_ref().ok_or("this style of key has a second secret")?;
    let by_key =
        domain.authentication.authenticate(Presented { key: Some(key), token: None }, &context).await?;
    println!("its key speaks for {:?}", by_key.account);

    let profile = TokenProfile {
        lifetime: Duration::from_secs(900),
        algorithm: SigningAlgorithm::Es256,
        subject: SubjectForm::Account,
    };
    let issued = domain.tokens.exchange_key(key, secret.expose(), &profile).await?;
    let token = Some(issued.text.expose().as_str());
    let by_token = domain.authentication.authenticate(Presented { key: None, token }, &context).await?;
    println!("its token speaks for {:?} until {}", by_token.account, issued.token.expires_at);

    for event in domain.audit.page(Some(by_key.account), None, 10).await? {
        println!(
            "the trail says {} at {}, intact: {}",
            event.action,
            event.at,
            domain.trail.is_intact(&event)
        );
    }
    Ok(())
}

/// Puts every port on an adapter, as a program's composition root does.
async fn embed(url: &DatabaseUrl, issuer: &str) -> Result<Domain, Box<dyn Error>> {
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    // A real service keeps it in a vault, or wrapped under a `MasterKey`: without it no key in the database verifies.
    let root = RootSecret::generate(&*entropy);
    let store = Arc::new(Store::open(url, StoreOptions::default())?);
    store.migrate()?;
    let trail = AuditTrail::new(Arc::new(root.audit_mac()), entropy.clone());
    let sealer: Arc<dyn Sealer> = Arc::new(root.sealer(entropy.clone()));
    let rotation = RotationPolicy {
        algorithms: vec![SigningAlgorithm::Es256],
        rotate_after: Duration::from_secs(90 * 86_400),
        lead: Duration::from_secs(15 * 60),
    };
    let key_press = KeyPress::new(sealer.clone());
    let (clock, maker) = (&WallClock, &key_press);
    let ports = KeyRingPorts { store: &*store, sealer, maker, trail: &trail, clock };
    let key_ring = Arc::new(KeyRing::open_or_create(issuer, &rotation.algorithms, ports).await?);
    let pool = Arc::new(HashingPool::new(HashingLimits::default()));
    let limit_mac: Arc<dyn LimitMac> = Arc::new(root.limit_mac());
    // What has changed is written down by its `keep_up`, which a real service calls every second.
    let exact = ExactMemory::load(store.clone(), limit_mac.clone(), 100_000, WallClock.now()).await?;
    let mail = MailPorts {
        outbox: store.clone(),
        bell: Arc::new(NoMail),
        mailer: Arc::new(NoMail),
        sealer: Arc::new(root.outbox_sealer(entropy.clone())),
        tokens: store.clone(),
        token_digest: Arc::new(Sha256TokenDigest),
        policy: MailPolicy::below(issuer),
    };
    Ok(Domain::new(Ports {
        accounts: store.clone(),
        agents: store.clone(),
        keys: store.clone(),
        imports: store.clone(),
        credentials: Arc::new(Uncached::new(store.clone())),
        revocations: store.clone(),
        audit: store.clone(),
        backups: store.clone(),
        checksums: Arc::new(Sha256Checksums),
        disposable_domains: Arc::new(NoMail),
        passwords: Arc::new(Argon2idHasher::new(pool, entropy.clone())),
        key_mac: Arc::new(root.key_mac()),
        audit_mac: Arc::new(root.audit_mac()),
        signer: key_ring.clone(),
        verifier: key_ring,
        signing_keys: store.clone(),
        signing_key_maker: Arc::new(key_press),
        rotation,
        exact_limiter: Arc::new(exact),
        traffic_limiter: Arc::new(TrafficMemory::new(100_000)),
        limit_mac,
        limits: LimitPolicy::default(),
        key_policy: KeyPolicy::default(),
        idempotency: store.clone(),
        idempotency_sealer: Arc::new(root.idempotency_sealer(entropy.clone())),
        mail,
        sessions: store,
        session_policy: SessionPolicy::default(),
        clock: Arc::new(WallClock),
        entropy,
    }))
}

fn newcomer() -> Result<RegisterAccount, Box<dyn Error>> {
    let style = AccountKeyStyle {
        prefix: KeyPrefix::parse("svc_live_")?,
        login_prefix: Some(KeyPrefix::parse("svc_secret_")?),
    };
    Ok(RegisterAccount {
        display_name: DisplayName::parse("An agent of the service")?,
        email: None,
        password: None,
        starting_balance: StartingBalance::default(),
        key_style: style,
        first_agent: None,
        disposable: DisposablePolicy::Allow,
        session: None,
    })
}
