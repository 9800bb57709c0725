//! What Keyward promises, without HTTP, SQL, a runtime or a clock of its own.
//!
//! # The map
//!
//! Each noun has a folder: a file named after it holds its type and the transitions of its state (pure, taking
//! `now`), `store.rs` its port, and, where it has any, `service.rs` its use cases and `error.rs` one variant for
//! each thing that a caller treats differently.
//!
//! | noun | what it is |
//! |---|---|
//! | [`accounts`] | durable owners of agents and keys |
//! | [`agents`] | programs that act for an account |
//! | [`keys`] | API keys: shown once, stored as a MAC |
//! | [`credentials`] | what the check of a key or a token needs to know |
//! | [`tokens`] | short-lived signed tokens, and the keys that sign them |
//! | [`revocations`] | what has ended, so that nobody goes on trusting it |
//! | [`imports`] | what another system knew, taken over |
//! | [`limits`] | how much of something one subject may have in some time |
//! | [`mail`] | what is written to the people behind accounts |
//! | [`single_use`] | tokens by mail: what a mailed link proves by |
//! | [`sessions`] | people who are logged in with a browser |
//! | [`idempotency`] | what was answered, for requests that are sent again |
//! | [`deployment`] | the root secret of it all, and the master keys that open it |
//! | [`audit`] | what happened, committed with the deed |
//! | [`backups`] | the whole database as it stood at one moment |
//!
//! A program links this crate, picks an adapter for each of the [`Ports`], and has a [`Domain`]. The folder
//! `examples/` shows one that does so without HTTP.
//!
//! # How to add a use case
//!
//! 1. Say in the noun's `store.rs` what the database must do, as **one** method: one atomic step, which takes
//!    the [`AuditEvent`](audit::AuditEvent) of the deed. Write its contract in words there.
//! 2. Add its assertions to the port's contract suite in `keyward-testkit`; MemoryStore, SQLite and PostgreSQL
//!    all run them.
//! 3. Write the use case in `service.rs`: authorize, decide, call the port, return.
//! 4. Translate it in the dialects that have it.

pub mod accounts;
pub mod admin;
pub mod agents;
pub mod audit;
pub mod authentication;
pub mod backups;
pub mod credentials;
pub mod deployment;
pub mod diagnostics;
pub mod entropy;
pub mod environment;
pub mod idempotency;
pub mod ids;
pub mod imports;
pub mod keys;
pub mod limits;
pub mod mail;
pub mod metrics;
pub mod opaque;
pub mod principal;
pub mod request;
pub mod revocations;
pub mod scope;
pub mod secret;
pub mod sessions;
pub mod single_use;
pub mod sorted_lines;
pub mod store;
pub mod text;
pub mod time;
pub mod tokens;

use std::sync::Arc;

/// Every driven port, each with the adapter that serves it.
#[derive(Clone)]
pub struct Ports {
    /// Keeps accounts.
    pub accounts: Arc<dyn accounts::AccountStore>,
    /// Keeps agents.
    pub agents: Arc<dyn agents::AgentStore>,
    /// Keeps keys.
    pub keys: Arc<dyn keys::KeyStore>,
    /// Keeps what is imported.
    pub imports: Arc<dyn imports::ImportStore>,
    /// Tells how credentials stand: a cache, or [`credentials::Uncached`] over the store.
    pub credentials: Arc<dyn credentials::Credentials>,
    /// Keeps what has ended.
    pub revocations: Arc<dyn revocations::RevocationLog>,
    /// Reads the audit trail.
    pub audit: Arc<dyn audit::AuditStore>,
    /// Copies the whole database.
    pub backups: Arc<dyn backups::BackupStore>,
    /// Makes the checksums of backups.
    pub checksums: Arc<dyn backups::Checksums>,
    /// Knows throw-away mailboxes.
    pub disposable_domains: Arc<dyn accounts::DisposableDomains>,
    /// Hashes passwords.
    pub passwords: Arc<dyn accounts::PasswordHasher>,
    /// Computes the MACs of key secrets.
    pub key_mac: Arc<dyn keys::KeyMac>,
    /// Computes the MACs of audit rows.
    pub audit_mac: Arc<dyn audit::AuditMac>,
    /// Signs tokens.
    pub signer: Arc<dyn tokens::TokenSigner>,
    /// Verifies tokens.
    pub verifier: Arc<dyn tokens::TokenVerifier>,
    /// Keeps the keys that sign them.
    pub signing_keys: Arc<dyn tokens::SigningKeyStore>,
    /// Makes the keys that sign them.
    pub signing_key_maker: Arc<dyn tokens::SigningKeyMaker>,
    /// When the keys that sign them are rotated: no port, but what an operator decides.
    pub rotation: tokens::RotationPolicy,
    /// Counts what guards credentials.
    pub exact_limiter: Arc<dyn limits::ExactLimiter>,
    /// Counts general traffic.
    pub traffic_limiter: Arc<dyn limits::TrafficLimiter>,
    /// Names buckets and identities in a store.
    pub limit_mac: Arc<dyn limits::LimitMac>,
    /// How much of each thing there is: no port, but what an operator decides.
    pub limits: limits::LimitPolicy,
    /// What is decided about keys: no port, but what an operator decides.
    pub key_policy: keys::KeyPolicy,
    /// Keeps what was answered.
    pub idempotency: Arc<dyn idempotency::IdempotencyStore>,
    /// Seals what was answered.
    pub idempotency_sealer: Arc<dyn idempotency::IdempotencySealer>,
    /// Keeps, makes and sends mail.
    pub mail: mail::MailPorts,
    /// Keeps the sessions of browsers.
    pub sessions: Arc<dyn sessions::SessionStore>,
    /// How long sessions last: no port, but what an operator decides.
    pub session_policy: sessions::SessionPolicy,
    /// Tells the time.
    pub clock: Arc<dyn time::Clock>,
    /// Gives randomness.
    pub entropy: Arc<dyn entropy::Entropy>,
}

/// All use cases.
#[derive(Clone)]
pub struct Domain {
    /// Register, look at, list, suspend, resume, archive and erase accounts.
    pub accounts: accounts::AccountService,
    /// Make, look at, change and end agents, and limit a request to one.
    pub agents: agents::AgentService,
    /// List who acts under an account.
    pub identities: accounts::IdentityService,
    /// Say who makes a request, by key, token or both.
    pub authentication: authentication::AuthenticationService,
    /// Say who shows a key.
    pub keys: keys::KeyService,
    /// Take over what another system knew.
    pub imports: imports::ImportService,
    /// List, issue, rotate and revoke an account's own keys.
    pub own_keys: keys::KeyManagement,
    /// List and revoke anybody's keys, for admins.
    pub key_administration: keys::KeyAdministration,
    /// Issue tokens and say who shows one.
    pub tokens: tokens::TokenService,
    /// Say what may pass, and how much is left.
    pub limits: limits::LimitService,
    /// Ask for mail, and send it.
    pub mail: mail::MailService,
    /// Follow a mailed link.
    pub single_use_tokens: single_use::SingleUseTokenService,
    /// Log in with a browser, be recognised, log out.
    pub sessions: sessions::SessionService,
    /// Answer requests that are sent again.
    pub idempotency: idempotency::IdempotencyService,
    /// Rotate the keys that sign tokens.
    pub signing_keys: tokens::SigningKeyService,
    /// Make backups.
    pub backups: backups::BackupService,
    /// Write and check audit events.
    pub trail: audit::AuditTrail,
    /// Read the audit trail.
    pub audit: Arc<dyn audit::AuditStore>,
}

impl Domain {
    /// Puts the use cases on their ports.
    pub fn new(ports: Ports) -> Self {
        let trail = audit::AuditTrail::new(ports.audit_mac, ports.entropy.clone());
        let limits = limits::LimitService::new(
            ports.exact_limiter,
            ports.traffic_limiter,
            ports.limit_mac,
            ports.clock.clone(),
            ports.limits,
        );
        let single_use_tokens = single_use::SingleUseTokenService {
            tokens: ports.mail.tokens.clone(),
            token_digest: ports.mail.token_digest.clone(),
            passwords: ports.passwords.clone(),
            clock: ports.clock.clone(),
            trail: trail.clone(),
            limits: limits.clone(),
            session_policy: ports.session_policy,
        };
        let password_check = accounts::PasswordCheck {
            accounts: ports.accounts.clone(),
            passwords: ports.passwords.clone(),
            limits: limits.clone(),
            trail: trail.clone(),
        };
        let sessions = sessions::SessionService {
            sessions: ports.sessions,
            password_check: password_check.clone(),
            token_digest: ports.mail.token_digest.clone(),
            clock: ports.clock.clone(),
            entropy: ports.entropy.clone(),
            trail: trail.clone(),
            policy: ports.session_policy,
        };
        let token_digest = ports.mail.token_digest.clone();
        let mail = mail::MailService::new(
            ports.mail,
            ports.accounts.clone(),
            ports.clock.clone(),
            ports.entropy.clone(),
            trail.clone(),
        );
        let issuer = keys::KeyIssuer::new(ports.key_mac.clone(), ports.entropy.clone());
        let imports = imports::ImportService {
            imports: ports.imports,
            passwords: ports.passwords.clone(),
            clock: ports.clock.clone(),
            entropy: ports.entropy.clone(),
            trail: trail.clone(),
            issuer: issuer.clone(),
            key_mac: ports.key_mac.clone(),
            policy: ports.key_policy,
        };
        let idempotency = idempotency::IdempotencyService::new(
            ports.idempotency,
            ports.idempotency_sealer,
            ports.clock.clone(),
        );
        let token_issuer = tokens::TokenIssuer::new(ports.signer, ports.entropy.clone());
        let own_keys = keys::KeyManagement {
            keys: ports.keys.clone(),
            accounts: ports.accounts.clone(),
            credentials: ports.credentials.clone(),
            clock: ports.clock.clone(),
            issuer: issuer.clone(),
            trail: trail.clone(),
            idempotency: idempotency.clone(),
            policy: ports.key_policy,
        };
        let key_administration = keys::KeyAdministration {
            keys: ports.keys,
            credentials: ports.credentials.clone(),
            clock: ports.clock.clone(),
            trail: trail.clone(),
        };
        let mut keys = keys::KeyService::new(ports.credentials.clone(), ports.key_mac, ports.clock.clone());
        if ports.key_policy.accept_imported {
            keys = keys.accepting_imported(token_digest);
        }
        let tokens = tokens::TokenService {
            accounts: ports.accounts.clone(),
            credentials: ports.credentials.clone(),
            revocations: ports.revocations,
            password_check,
            issuer: token_issuer.clone(),
            verifier: ports.verifier,
            clock: ports.clock.clone(),
            keys: keys.clone(),
            trail: trail.clone(),
        };
        let signing_keys = tokens::SigningKeyService {
            store: ports.signing_keys,
            maker: ports.signing_key_maker,
            clock: ports.clock.clone(),
            trail: trail.clone(),
            policy: Arc::new(ports.rotation),
        };
        let backups = backups::BackupService {
            store: ports.backups,
            checksums: ports.checksums,
            clock: ports.clock.clone(),
            trail: trail.clone(),
        };
        let identities =
            accounts::IdentityService { accounts: ports.accounts.clone(), agents: ports.agents.clone() };
        Self {
            identities,
            accounts: accounts::AccountService {
                accounts: ports.accounts,
                credentials: ports.credentials.clone(),
                passwords: ports.passwords,
                clock: ports.clock.clone(),
                entropy: ports.entropy.clone(),
                issuer: issuer.clone(),
                trail: trail.clone(),
                mail: mail.clone(),
                disposable_domains: ports.disposable_domains,
                token_issuer,
                idempotency: idempotency.clone(),
                limits: limits.clone(),
            },
            agents: agents::AgentService {
                agents: ports.agents,
                credentials: ports.credentials,
                clock: ports.clock,
                entropy: ports.entropy,
                issuer,
                trail: trail.clone(),
                idempotency: idempotency.clone(),
            },
            authentication: authentication::AuthenticationService::new(
                keys.clone(),
                tokens.clone(),
                limits.clone(),
            ),
            keys,
            imports,
            own_keys,
            key_administration,
            tokens,
            limits,
            mail,
            single_use_tokens,
            sessions,
            idempotency,
            signing_keys,
            backups,
            trail,
            audit: ports.audit,
        }
    }
}
