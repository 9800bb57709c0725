//! Every value that an operator decides, checked, and how it is read from the layers.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyward_domain::accounts::Plan;
use keyward_domain::keys::KeyPolicy;
use keyward_domain::limits::LimitPolicy;
use keyward_domain::secret::Secret;
use keyward_domain::sessions::SessionPolicy;
use keyward_domain::tokens::SigningAlgorithm;

use super::source::{Environment, Layers};
use super::{limits, parse, settings as setting};
use crate::compose::{
    Authority, DialectName, DisposableMailboxes, MetricsAccess, PortalSettings, Registration, Sender, SmtpUrl,
};
use crate::supply_file::SupplyFile;

/// Everything that an operator decides, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub listen: Sourced<SocketAddr>,
    /// What clients call the server by: source of links, issuer and audience. `None`: derived from the address
    /// that was really bound.
    pub public_url: Option<String>,
    /// Whether a public URL in plain http beyond loopback is meant.
    pub insecure_http: bool,
    /// Where files are kept.
    pub data_dir: Sourced<PathBuf>,
    /// `sqlite:PATH` or `postgres://…`.
    pub database_url: Sourced<Secret<String>>,
    /// How many connections to PostgreSQL at most.
    pub database_connections: u32,
    /// How many keys, agents and accounts are remembered, each.
    pub cache_entries: u64,
    /// How many subjects are counted whose requests have no limit of their own.
    pub limit_buckets: usize,
    /// Where servers tell one another of general requests; `None`: each counts by itself.
    pub redis_url: Option<Sourced<Secret<String>>>,
    /// The master key, as base64 text, if it was configured.
    pub master_key: Option<Sourced<Secret<String>>>,
    /// The admin key, if it was configured.
    pub admin_key: Option<Secret<String>>,
    /// How many rows a page of the admin API has where the request does not say.
    pub admin_page_size: u16,
    /// Where commands find the running server; `None`: at the listen address.
    pub server_url: Option<Sourced<String>>,
    /// Where mail goes; `None`: files in the data directory.
    pub smtp_url: Option<SmtpUrl>,
    /// What mails say.
    pub mail: MailConfig,
    /// How the portal is.
    pub portal: PortalSettings,
    /// How long people stay logged in at the portal.
    pub sessions: SessionPolicy,
    /// Who mail comes from.
    pub mail_from: Sender,
    /// Who alone vouches for the mail server; `None`: whom the system trusts.
    pub mail_authority: Option<Authority>,
    /// Which mailboxes are throw-away ones.
    pub disposable: DisposableMailboxes,
    /// The OAuth app for claims, if there is one.
    pub github: Option<GithubApp>,
    /// Where GitHub's pages are, with or without an app there.
    pub github_url: String,
    /// Who may read the figures.
    pub metrics_access: MetricsAccess,
    /// What new passwords are hashed with.
    pub password_scheme: PasswordScheme,
    /// What is decided about API keys.
    pub keys: KeyPolicy,
    /// How the keys that sign tokens are rotated.
    pub signing_keys: SigningKeysConfig,
    /// The dialects that are spoken.
    pub dialects: BTreeMap<DialectName, DialectConfig>,
    /// What Agora publishes of the supply of its token, and where that stands; `None`: nothing of everything.
    pub supply: Option<SupplyFile>,
    /// Hosts whose root is one dialect alone.
    pub dialect_hosts: BTreeMap<String, Sourced<DialectName>>,
    /// How much of each thing there is, and whether that holds.
    pub limits: LimitPolicy,
    /// Where the proxies are whose word counts, as first addresses and numbers of bits.
    pub trusted_proxies: Vec<(IpAddr, u8)>,
    /// How many connections there may be.
    pub connections: ConnectionsConfig,
    /// A `tracing` filter, known to parse.
    pub log: String,
    /// Variables that begin like ours and are none: most likely misspelled.
    pub unknown_variables: Vec<String>,
}

/// A value with the place that a person must change to change it: a variable, or the file's key.
#[derive(Debug, Clone)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// The place.
    pub origin: String,
}

/// The OAuth app by which operators prove who they are.
#[derive(Debug, Clone)]
pub struct GithubApp {
    /// Where a browser is sent.
    pub url: String,
    /// Where the server asks.
    pub api_url: String,
}

/// What new passwords are hashed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordScheme {
    /// argon2id, 19 MiB, two passes.
    Argon2id,
    /// bcrypt, cost 12.
    Bcrypt,
}

/// What mails say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailConfig {
    /// How long a link that verifies an address is good.
    pub verification_lifetime: Duration,
    /// How long a link that resets a password is good.
    pub reset_lifetime: Duration,
    /// How many links of a kind an account is mailed in an hour, while there are limits.
    pub links_per_hour: NonZeroU32,
}

/// How the keys that sign tokens are rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SigningKeysConfig {
    /// How long a key signs.
    pub rotate_after: Duration,
    /// How long the next one is in the JWKS before it signs.
    pub publish_time: Duration,
}

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionsConfig {
    /// In all.
    pub total: usize,
    /// From one address.
    pub per_address: usize,
}

/// One dialect's settings.
#[derive(Debug, Clone, Copy)]
pub struct DialectConfig {
    /// Who may register.
    pub registration: Registration,
    /// How long its tokens live.
    pub token_lifetime: Duration,
    /// What signs its tokens.
    pub algorithm: SigningAlgorithm,
    /// How long a link that resets a password is good which was asked for there, if it is another time than elsewhere.
    pub reset_lifetime: Option<Duration>,
}

/// One line that says which value is refused and why. Never prints a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {why}")]
pub struct ConfigError {
    /// The variable or the file's key.
    pub origin: String,
    /// What is wrong with it.
    pub why: String,
}

impl Config {
    /// Reads the configuration. `file` is what `--config` named; without it `./keyward.toml` counts if it is there.
    pub fn load(file: Option<&Path>, environment: Environment) -> Result<Self, ConfigError> {
        let layers = Layers::read(file, environment)?;
        layers.refuse_unknown_keys()?;
        let data_dir = layers.get_with_origin(&setting::DATA_DIR, parse::path)?;
        let config = Self {
            listen: layers.get_with_origin(&setting::LISTEN, parse::address)?,
            public_url: layers.get_optional(&setting::PUBLIC_URL, parse::public_url)?,
            insecure_http: layers.get(&setting::INSECURE_HTTP, parse::switch)?,
            database_url: layers
                .get_sourced(&setting::DATABASE_URL, parse::database_url)?
                .unwrap_or_else(|| default_database(&data_dir.value)),
            database_connections: layers.get(&setting::DATABASE_CONNECTIONS, parse::connections)?,
            cache_entries: layers.get(&setting::CACHE_ENTRIES, parse::cache_entries)?,
            limit_buckets: layers.get(&setting::LIMIT_BUCKETS, parse::limit_buckets)?,
            redis_url: layers.get_sourced(&setting::REDIS_URL, parse::redis_url)?,
            master_key: layers.get_sourced(&setting::MASTER_KEY, parse::master_key)?,
            admin_key: layers.get_optional(&setting::ADMIN_KEY, parse::admin_key)?,
            admin_page_size: layers.get(&setting::ADMIN_PAGE_SIZE, parse::page_size)?,
            server_url: layers.get_sourced(&setting::SERVER_URL, parse::web_url)?,
            smtp_url: layers.get_optional(&setting::SMTP_URL, parse::smtp_url)?,
            mail: MailConfig {
                verification_lifetime: layers.get(&setting::VERIFICATION_LIFETIME, parse::a_week_at_most)?,
                reset_lifetime: layers.get(&setting::RESET_LIFETIME, parse::a_week_at_most)?,
                links_per_hour: layers.get(&setting::LINKS_PER_HOUR, parse::limit)?,
            },
            portal: PortalSettings {
                registration: layers.get(&setting::PORTAL_REGISTRATION, parse::portal_registration)?,
            },
            sessions: SessionPolicy {
                idle: layers.get(&setting::SESSION_IDLE, parse::a_week_at_most)?,
                lifetime: layers.get(&setting::SESSION_LIFETIME, parse::a_week_at_most)?,
            },
            mail_from: layers.get(&setting::MAIL_FROM, parse::sender)?,
            mail_authority: layers.get_optional(&setting::MAIL_CA_FILE, parse::authority)?,
            github_url: layers.get(&setting::GITHUB_URL, parse::web_url)?,
            disposable: Self::disposable(&layers)?,
            github: Self::github(&layers)?,
            metrics_access: layers.get(&setting::METRICS_ACCESS, parse::metrics_access)?,
            password_scheme: layers.get(&setting::PASSWORD_SCHEME, parse::password_scheme)?,
            keys: Self::keys(&layers)?,
            signing_keys: SigningKeysConfig {
                rotate_after: layers.get(&setting::ROTATE_AFTER_DAYS, parse::rotate_after)?,
                publish_time: layers.get(&setting::PUBLISH_MINUTES, parse::publish_time)?,
            },
            dialects: Self::dialects(&layers)?,
            supply: layers.get_optional(&setting::AGORA_METRICS_FILE, parse::supply_file)?,
            dialect_hosts: layers.table("dialects.hosts", parse::host, parse::dialect_name)?,
            limits: limits::policy(&layers, layers.get(&setting::RATE_LIMITS, parse::switch)?)?,
            trusted_proxies: layers
                .get_optional(&setting::TRUSTED_PROXIES, parse::networks)?
                .unwrap_or_default(),
            connections: ConnectionsConfig {
                total: layers.get(&setting::CONNECTIONS_TOTAL, parse::total_connections)?,
                per_address: layers.get(&setting::CONNECTIONS_PER_ADDRESS, parse::connections_per_address)?,
            },
            log: layers.get(&setting::LOG, parse::log_filter)?,
            unknown_variables: layers.unknown_variables(),
            data_dir,
        };
        Self::check_unused(&layers)?;
        config.check_public_url(&layers)?;
        config.check_hosts()?;
        Ok(config)
    }

    /// The public URL, given the address that was really bound.
    pub fn public_url_at(&self, bound: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{bound}"))
    }

    fn disposable(layers: &Layers) -> Result<DisposableMailboxes, ConfigError> {
        let allowed = layers.get_optional(&setting::DISPOSABLE_ALLOW, parse::domain_names)?;
        let denied = layers.get_optional(&setting::DISPOSABLE_DENY, parse::domain_names)?;
        DisposableMailboxes::new(allowed.unwrap_or_default(), denied.unwrap_or_default())
            .map_err(|error| layers.error(&setting::DISPOSABLE_DENY, &error.to_string()))
    }

    fn keys(layers: &Layers) -> Result<KeyPolicy, ConfigError> {
        let mut policy = KeyPolicy::default();
        policy.verified_only = layers.get(&setting::VERIFIED_ONLY, parse::switch)?;
        policy.accept_imported = layers.get(&setting::ACCEPT_IMPORTED, parse::switch)?;
        for &plan in Plan::ALL {
            policy = policy.with_most(plan, layers.get(&setting::most_keys(plan), parse::most_keys)?);
        }
        Ok(policy)
    }

    fn github(layers: &Layers) -> Result<Option<GithubApp>, ConfigError> {
        let id = layers.get_optional(&setting::GITHUB_CLIENT_ID, parse::text)?;
        let secret = layers.get_optional(&setting::GITHUB_CLIENT_SECRET, parse::secret)?;
        let url = layers.get(&setting::GITHUB_URL, parse::web_url)?;
        let api_url = layers.get(&setting::GITHUB_API_URL, parse::web_url)?;
        match (id, secret) {
            (Some(_), Some(_)) => Ok(Some(GithubApp { url, api_url })),
            (None, None) => Ok(None),
            (Some(_), None) => {
                Err(layers.error(&setting::GITHUB_CLIENT_ID, "needs KEYWARD_GITHUB_CLIENT_SECRET beside it"))
            }
            (None, Some(_)) => {
                Err(layers.error(&setting::GITHUB_CLIENT_SECRET, "needs KEYWARD_GITHUB_CLIENT_ID beside it"))
            }
        }
    }

    fn dialects(layers: &Layers) -> Result<BTreeMap<DialectName, DialectConfig>, ConfigError> {
        let enabled = layers.get(&setting::DIALECTS_ENABLED, parse::dialect_names)?;
        let settings = |name: DialectName| {
            let config = DialectConfig {
                registration: layers.get(&setting::registration(name), parse::registration)?,
                token_lifetime: layers.get(&setting::token_lifetime(name), parse::lifetime)?,
                algorithm: layers.get(&setting::algorithm(name), parse::algorithm)?,
                reset_lifetime: setting::reset_lifetime(name)
                    .map(|setting| layers.get(&setting, parse::a_week_at_most))
                    .transpose()?,
            };
            Ok((name, config))
        };
        enabled.into_iter().map(settings).collect()
    }

    /// Values that nothing reads yet are checked all the same: a mistake in them should not wait for a release.
    fn check_unused(layers: &Layers) -> Result<(), ConfigError> {
        layers.get_optional(&setting::AGENT_SECRET, parse::secret)?;
        Ok(())
    }

    /// A host that belongs to a dialect that is not spoken would answer nobody.
    fn check_hosts(&self) -> Result<(), ConfigError> {
        match self.dialect_hosts.values().find(|owner| !self.dialects.contains_key(&owner.value)) {
            Some(Sourced { value, origin }) => {
                let why = format!("{value} is not among dialects.enabled");
                Err(ConfigError { origin: origin.clone(), why })
            }
            None => Ok(()),
        }
    }

    /// Security: whoever listens on the way reads keys sent in plain http. Beyond loopback that must be meant.
    fn check_public_url(&self, layers: &Layers) -> Result<(), ConfigError> {
        let url = self.public_url_at(self.listen.value);
        if url.starts_with("https://") || self.insecure_http || parse::is_loopback(&url) {
            return Ok(());
        }
        let why = format!(
            "{url} is plain http and not loopback: use https, or set KEYWARD_INSECURE_HTTP=on if TLS ends at a proxy"
        );
        let origin = if self.public_url.is_some() { setting::PUBLIC_URL } else { setting::LISTEN };
        Err(layers.error(&origin, &why))
    }
}

fn default_database(data_dir: &Path) -> Sourced<Secret<String>> {
    let path = data_dir.join("keyward.db").display().to_string();
    Sourced { value: Secret::new(format!("sqlite:{path}")), origin: path }
}
