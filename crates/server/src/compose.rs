//! Which adapter serves which port: nothing but this file and those below it names adapters. Constructors in order,
//! nothing clever.

mod counters;
mod database;
mod post;

use std::sync::Arc;
use std::time::Duration;

use keyward_cache::{CacheOptions, CredentialCache, Lease};

pub(crate) use keyward_crypto::{AdminKeys, MasterKey, RootSecret};
use keyward_crypto::{
    Argon2idHasher, BcryptCost, BcryptHasher, HashingLimits, HashingPool, NameEntropy, OsEntropy,
    Sha256Checksums, Sha256TokenDigest,
};
use keyward_domain::accounts::PasswordHasher;
use keyward_domain::audit::AuditTrail;
use keyward_domain::backups::Checksums;
use keyward_domain::credentials::Credentials;
use keyward_domain::deployment::{Deployment, DeploymentStore, MasterKeyService, MasterKeyVault};
use keyward_domain::entropy::Entropy;
use keyward_domain::limits::LimitMac;
use keyward_domain::mail::{MailPolicy, MailPorts, Mailer};
use keyward_domain::metrics::Measured;
use keyward_domain::revocations::{RevocationListener, RevocationLog, RevocationNumber};
use keyward_domain::secret::Sealer;
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::tokens::{RotationPolicy, SigningAlgorithm, SubjectForm, TokenProfile};
use keyward_domain::{Domain, Ports};
pub use keyward_http::dialects::is_spoken;
use keyward_http::{AdminApi, DialectSettings, DialectsSettings, Metrics, TrustedProxies};
pub use keyward_http::{
    DialectName, MetricsAccess, PortalRegistration, PortalSettings, Registration, State, Supply, app,
    is_loopback,
};
pub(crate) use keyward_http::{InvalidSupply, PublishedSupply};
pub use keyward_jwt::ReadyKeys;
use keyward_jwt::{KeyPress, KeyRing, KeyRingPorts};
use keyward_limits::TrafficMemory;
pub(crate) use keyward_storage::{CopyAtRest, OpenError, RestorePlace};
use keyward_storage::{Poller, Store};

pub(crate) use self::counters::check_redis_url;
use self::counters::{Counters, exchange};
pub(crate) use self::database::{
    Database, check_database_url, create, database_file, open_error, open_existing,
};
pub use self::post::{Authority, DisposableMailboxes, DomainNames, Sender, SmtpUrl};
pub(crate) use self::post::{InvalidSender, InvalidSmtpUrl, Post};
use crate::clock::SystemClock;
use crate::config::{Config, PasswordScheme};
use crate::connections::ConnectionCounts;
use crate::diagnostics::RunningServer;
use crate::founding::StartError;
use crate::jobs::{Jobs, LimitJobs};
use crate::listeners::Listeners;
use crate::mail_worker::{Bell, MailWorker};
use crate::metrics::{EventLoops, MailCounts, Process};
use crate::supply_file::SupplyFile;

/// How often a start waits for the first poll, a quarter of a second each time. A database that has just recovered, or
/// whose disk stands still, is worth ten seconds: whoever started the server gets a refusal else.
const FIRST_POLLS: usize = 40;

/// What a test puts in the place of the machine.
#[derive(Clone)]
pub struct Seams {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives randomness.
    pub entropy: Arc<dyn Entropy>,
    /// For how long what is remembered may be trusted beside other servers.
    pub lease: Duration,
    /// Sends mail; `None`: as it is configured.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// Seals signing keys; `None`: under the master key.
    pub key_sealer: Option<Arc<dyn Sealer>>,
    /// Private halves of signing keys that are ready: what it does not give is made.
    pub ready_keys: ReadyKeys,
}

impl Seams {
    /// The machine's own clock and randomness.
    pub fn of_machine() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            lease: LEASE,
            mailer: None,
            key_sealer: None,
            ready_keys: Arc::new(|_| None),
        }
    }
}

/// For how long what is remembered may be trusted beside other servers: forty polls.
const LEASE: Duration = Duration::from_secs(1);

/// A whole server, short of listening.
pub struct Keyward {
    /// What the surfaces share.
    pub state: Arc<State>,
    /// Which database it stands on, for a person, without credentials.
    pub database: String,
    /// What it does by itself, now and then.
    pub jobs: Jobs,
    /// Sends the mail that waits.
    pub mail: MailWorker,
    /// Watches the event loops, each of which has to ask for it.
    pub(crate) event_loops: Arc<EventLoops>,
    /// Counts its connections.
    pub(crate) connections: Arc<ConnectionCounts>,
    store: Store,
    /// Hears what other servers end, for as long as this lives.
    _poller: Option<Poller>,
}

impl Keyward {
    /// The deployment that its database belongs to, for whoever has a master key of it.
    pub async fn deployment(&self) -> Result<Option<Deployment>, StoreError> {
        self.store.deployment().await
    }

    /// Lets the database finish what is queued. Every later request is 503.
    pub fn close(&self) {
        self.store.close();
    }
}

/// What a server keeps outside its database.
pub(crate) struct Secrets<'a> {
    pub(crate) root: &'a RootSecret,
    pub(crate) vault: Arc<dyn MasterKeyVault>,
    pub(crate) admin_keys: AdminKeys,
}

/// Puts every port on its adapter.
pub(crate) async fn compose(
    config: &Config,
    public_url: &str,
    database: Database,
    secrets: Secrets<'_>,
    seams: Seams,
) -> Result<Keyward, StartError> {
    let Secrets { root, vault, admin_keys } = secrets;
    let post = Post::open(config, public_url, seams.clock.clone())?;
    let trail = audit_trail(root, &seams);
    let diagnostics = RunningServer::new(config, database.clone(), trail.clone(), post.clone());
    let slots = Arc::new(database.store.clone());
    let cursors = root.cursor_sealer(seams.entropy.clone());
    let supply =
        Arc::new(PublishedSupply::new(config.supply.as_ref().map(SupplyFile::supply).unwrap_or_default()));
    let admin = AdminApi {
        authenticator: Arc::new(admin_keys),
        diagnostics: Arc::new(diagnostics),
        master_keys: MasterKeyService::new(slots, vault, seams.clock.clone(), trail),
        page_size: config.admin_page_size,
    };
    let Database { store, url } = database;
    let store_port = Arc::new(store.clone());
    let cache = Arc::new(credential_cache(config, &store, &seams));
    // Before anything is read: what is ended while the keys and tokens are read is heard of as well.
    let from = store.head().await.map_err(StartError::database(config))?.last;
    let sealed = || Arc::new(root.sealer(seams.entropy.clone())) as Arc<dyn Sealer>;
    let sealer = seams.key_sealer.clone().unwrap_or_else(sealed);
    let rotation = rotation(config);
    let (trail, clock) = (audit_trail(root, &seams), &*seams.clock);
    let key_press = KeyPress::with_ready(sealer.clone(), seams.ready_keys.clone());
    let ports = KeyRingPorts { store: &store, sealer, maker: &key_press, trail: &trail, clock };
    let opened = KeyRing::open_or_create(public_url, &rotation.algorithms, ports).await;
    let opened = opened.map_err(|error| StartError::SigningKeys(error.to_string()))?;
    let key_ring = Arc::new(opened.remembering(remembered_tokens(config)));
    let listeners: Arc<dyn RevocationListener> = Arc::new(Listeners(vec![key_ring.clone(), cache.clone()]));
    store.tell(listeners.clone());
    let poller = listen(&store, &cache, from, listeners, &seams).await;
    let poller = poller.map_err(StartError::database(config))?;
    let limit_mac: Arc<dyn LimitMac> = Arc::new(root.limit_mac());
    let traffic = Arc::new(TrafficMemory::new(config.limit_buckets));
    let exchange = exchange(config, &traffic, &limit_mac)?;
    let counters = Counters::open(&store, &limit_mac, clock.now()).await;
    let counters = counters.map_err(StartError::database(config))?;
    let bell = Arc::new(Bell::default());
    let mail = MailPorts {
        outbox: store_port.clone(),
        bell: bell.clone(),
        mailer: seams.mailer.clone().unwrap_or_else(|| post.mailer()),
        sealer: Arc::new(root.outbox_sealer(seams.entropy.clone())),
        tokens: store_port.clone(),
        token_digest: Arc::new(Sha256TokenDigest),
        policy: mail_policy(config, public_url),
    };
    let hashing = Arc::new(HashingPool::new(HashingLimits::default()));
    let event_loops = Arc::<EventLoops>::default();
    let connections = Arc::<ConnectionCounts>::default();
    let mails = Arc::new(MailCounts::new(seams.clock.clone()));
    let mut sources: Vec<Arc<dyn Measured>> = vec![
        cache.clone(),
        store_port.clone(),
        hashing.clone(),
        key_ring.clone(),
        event_loops.clone(),
        connections.clone(),
        mails.clone(),
        traffic.clone(),
        Arc::new(Process::started(seams.clock.now())),
    ];
    sources.extend(counters.measured);
    let domain = Domain::new(Ports {
        accounts: store_port.clone(),
        agents: store_port.clone(),
        keys: store_port.clone(),
        imports: store_port.clone(),
        credentials: cache.clone(),
        revocations: store_port.clone(),
        audit: store_port.clone(),
        backups: store_port.clone(),
        checksums: Arc::new(checksums()),
        disposable_domains: Arc::new(config.disposable.clone()),
        passwords: hasher(config.password_scheme, hashing, &seams),
        key_mac: Arc::new(root.key_mac()),
        audit_mac: Arc::new(root.audit_mac()),
        signer: key_ring.clone(),
        verifier: key_ring.clone(),
        signing_keys: store_port.clone(),
        signing_key_maker: Arc::new(key_press),
        rotation,
        exact_limiter: counters.limiter,
        traffic_limiter: traffic,
        limit_mac,
        limits: config.limits.clone(),
        key_policy: config.keys,
        idempotency: store_port.clone(),
        idempotency_sealer: Arc::new(root.idempotency_sealer(seams.entropy.clone())),
        mail,
        sessions: store_port.clone(),
        session_policy: config.sessions,
        clock: seams.clock.clone(),
        entropy: seams.entropy.clone(),
    });
    sources.push(Arc::new(domain.limits.clone()));
    let state = State {
        domain,
        health: store_port,
        published_keys: key_ring,
        clock: seams.clock,
        entropy: Arc::new(NameEntropy::new(seams.entropy)),
        public_url: public_url.trim_end_matches('/').to_owned(),
        github_url: config.github_url.clone(),
        dialects: dialects(config),
        portal: config.portal,
        proxies: TrustedProxies::at(config.trusted_proxies.iter().copied()),
        cursors: Arc::new(cursors),
        supply: supply.clone(),
        admin,
        metrics: Metrics { access: config.metrics_access, traffic: Arc::default(), sources },
    };
    let limits = LimitJobs { counters: counters.upkeep, exchange };
    let jobs = Jobs::new(cache, Arc::new(store.clone()), &state.domain, limits, state.clock.clone());
    let jobs = jobs.watching(config.supply.as_ref().map(|file| file.watched(supply)));
    let mail = MailWorker::new(state.domain.mail.clone(), bell, mails);
    Ok(Keyward {
        state: Arc::new(state),
        database: url.describe(),
        jobs,
        mail,
        event_loops,
        connections,
        store,
        _poller: poller,
    })
}

fn mail_policy(config: &Config, public_url: &str) -> MailPolicy {
    let (verification_lifetime, reset_lifetime) =
        (config.mail.verification_lifetime, config.mail.reset_lifetime);
    let links_per_hour = config.limits.enabled.then_some(config.mail.links_per_hour);
    MailPolicy { verification_lifetime, reset_lifetime, links_per_hour, ..MailPolicy::below(public_url) }
}

/// SQLite has one server, and what that one remembers is so. On PostgreSQL there may be others.
fn credential_cache(config: &Config, store: &Store, seams: &Seams) -> CredentialCache {
    let lease = if store.has_one_server() { Lease::Alone } else { Lease::AfterEachPoll(seams.lease) };
    let options = CacheOptions { capacity: config.cache_entries, lease };
    CredentialCache::new(Arc::new(store.clone()), seams.clock.clone(), options)
}

/// Begins to hear what is ended, everything behind `from`.
async fn listen(
    store: &Store,
    cache: &CredentialCache,
    from: RevocationNumber,
    listeners: Arc<dyn RevocationListener>,
    seams: &Seams,
) -> Result<Option<Poller>, StoreError> {
    cache.remember_revoked(&store.revoked_tokens(seams.clock.now()).await?);
    let poller = store
        .watch(from, listeners, seams.lease)
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let mut heard = cache.up_to_date().await;
    for _ in 1..FIRST_POLLS {
        if heard.is_ok() {
            break;
        }
        heard = cache.up_to_date().await;
    }
    heard.map(|()| poller)
}

/// As many as keys, but no more than a hundred thousand: they are larger and live for an hour.
fn remembered_tokens(config: &Config) -> usize {
    const MOST: u64 = 100_000;
    usize::try_from(config.cache_entries.min(MOST)).unwrap_or(usize::MAX)
}

/// The algorithms of all dialects that are spoken, and when their keys are exchanged.
fn rotation(config: &Config) -> RotationPolicy {
    let spoken = config.dialects.iter().filter(|(name, _)| is_spoken(**name));
    let mut algorithms: Vec<SigningAlgorithm> = spoken.map(|(_, dialect)| dialect.algorithm).collect();
    algorithms.sort();
    algorithms.dedup();
    let times = config.signing_keys;
    RotationPolicy { algorithms, rotate_after: times.rotate_after, lead: times.publish_time }
}

/// Makes the checksums of backups.
pub(crate) fn checksums() -> impl Checksums + 'static {
    Sha256Checksums
}

/// Writes and checks audit events under this root secret.
pub(crate) fn audit_trail(root: &RootSecret, seams: &Seams) -> AuditTrail {
    AuditTrail::new(Arc::new(root.audit_mac()), seams.entropy.clone())
}

fn hasher(scheme: PasswordScheme, pool: Arc<HashingPool>, seams: &Seams) -> Arc<dyn PasswordHasher> {
    match scheme {
        PasswordScheme::Argon2id => Arc::new(Argon2idHasher::new(pool, seams.entropy.clone())),
        PasswordScheme::Bcrypt => {
            Arc::new(BcryptHasher::new(BcryptCost::default(), pool, seams.entropy.clone()))
        }
    }
}

fn dialects(config: &Config) -> DialectsSettings {
    let settings = config.dialects.iter().map(|(&name, dialect)| {
        let tokens = TokenProfile {
            lifetime: dialect.token_lifetime,
            algorithm: dialect.algorithm,
            subject: SubjectForm::Account,
        };
        let (registration, reset_lifetime) = (dialect.registration, dialect.reset_lifetime);
        (name, DialectSettings { registration, tokens, reset_lifetime })
    });
    let hosts = config.dialect_hosts.iter().map(|(host, owner)| (host.clone(), owner.value));
    DialectsSettings { enabled: settings.collect(), hosts: hosts.collect() }
}
