//! Every setting there is: its names, its default and what it means. `keyward.example.toml` and
//! `docs/configuration.md` are made from this list.

mod dialects;

use keyward_domain::accounts::Plan;

pub(super) use self::dialects::*;
use super::limits;
use crate::compose::DialectName;

/// One setting.
#[derive(Debug, Clone)]
pub(super) struct Setting {
    /// Its key in `keyward.toml`, with dots between tables.
    pub(super) key: &'static str,
    /// Its environment variable, if it has one.
    pub(super) variable: Option<&'static str>,
    /// Its default as text; `None` for none, or for one that derives from another setting.
    pub(super) default: Option<&'static str>,
    /// What the default is, where that is no plain text.
    pub(super) default_note: &'static str,
    /// What it means.
    pub(super) meaning: &'static str,
    /// Whether a `…_FILE` variable may name a file that holds it. Such a value is never printed.
    pub(super) has_file_form: bool,
}

const fn plain(
    key: &'static str,
    variable: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting {
        key,
        variable: Some(variable),
        default: Some(default),
        default_note: "",
        meaning,
        has_file_form: false,
    }
}

const fn optional(
    key: &'static str,
    variable: &'static str,
    default_note: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting { key, variable: Some(variable), default: None, default_note, meaning, has_file_form: false }
}

const fn secret(
    key: &'static str,
    variable: &'static str,
    default_note: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting { key, variable: Some(variable), default: None, default_note, meaning, has_file_form: true }
}

pub(super) const fn file_only(key: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting { key, variable: None, default: Some(default), default_note: "", meaning, has_file_form: false }
}

pub(super) const LISTEN: Setting = plain(
    "listen",
    "KEYWARD_LISTEN",
    "127.0.0.1:8080",
    "Address to listen on. Port 0 picks a free one and prints it.",
);
pub(super) const PUBLIC_URL: Setting = optional(
    "public_url",
    "KEYWARD_PUBLIC_URL",
    "`http://` and the listen address",
    "What clients call the server by, without a path: the only source of links, issuer and audience, never the Host header.",
);
pub(super) const INSECURE_HTTP: Setting = plain(
    "insecure_http",
    "KEYWARD_INSECURE_HTTP",
    "off",
    "`on` admits a public URL that is plain http and not loopback. TLS then ends at a proxy in front.",
);
pub(super) const DATA_DIR: Setting = plain(
    "data_dir",
    "KEYWARD_DATA_DIR",
    "./keyward-data",
    "Where the SQLite file, the master key, the admin key and the mail outbox are kept. Created with mode 0700.",
);
pub(super) const DATABASE_URL: Setting = optional(
    "database_url",
    "KEYWARD_DATABASE_URL",
    "`sqlite:` and `keyward.db` in the data directory",
    "`sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`, whose own `sslmode` decides TLS.",
);
pub(super) const DATABASE_CONNECTIONS: Setting =
    file_only("database.connections", "8", "The most connections to PostgreSQL, 1 to 100.");
pub(super) const CONNECTIONS_TOTAL: Setting = file_only(
    "connections.total",
    "10000",
    "The most connections of clients, 16 to 1000000. A limit of open files that is lower counts instead.",
);
pub(super) const CONNECTIONS_PER_ADDRESS: Setting = file_only(
    "connections.per_address",
    "256",
    "The most connections from one IPv4 address or IPv6 network of 64 bits, 1 to 1000000. Loopback and the networks of \
     `trusted_proxies` may have any number.",
);
pub(super) const CACHE_ENTRIES: Setting = file_only(
    "cache.entries",
    "200000",
    "The most keys, the most agents and the most accounts that are remembered, 1000 to 100000000, and of tokens as many up \
     to 100000. A key takes some 400 bytes, made when it is needed.",
);
pub(super) const LIMIT_BUCKETS: Setting = file_only(
    "limits.buckets",
    "400000",
    "The most subjects whose general requests are counted, 10000 to 100000000. One takes some 50 bytes; those that have \
     asked for least in the last time go first.",
);
pub(super) const MASTER_KEY: Setting = secret(
    "master_key",
    "KEYWARD_MASTER_KEY",
    "made on the first start, in `master.key` in the data directory",
    "32 bytes in base64. It opens the root secret in the database, from which every other secret at rest derives: keep a \
     copy in a safe place. With a wrong one the server refuses to start.",
);
pub(super) const ADMIN_KEY: Setting = secret(
    "admin_key",
    "KEYWARD_ADMIN_KEY",
    "made on the first start, in `admin.key` in the data directory",
    "Bearer secret of the admin API, at least 32 characters. More of them, each under its holder's name, are files in \
     `admin.keys` in the data directory.",
);
pub(super) const ADMIN_PAGE_SIZE: Setting = file_only(
    "admin.page_size",
    "50",
    "How many rows a page of the admin API has where the request does not say, 1 to 200.",
);
pub(super) const SERVER_URL: Setting = optional(
    "url",
    "KEYWARD_URL",
    "`http://` and the listen address",
    "Where commands such as `keyward accounts` find the running server.",
);
pub(super) const SMTP_URL: Setting = optional(
    "smtp_url",
    "KEYWARD_SMTP_URL",
    "none: each mail is a file in `outbox` in the data directory",
    "`smtps://USER:PASSWORD@HOST` (TLS) or `smtp://HOST:PORT` (STARTTLS is required, but not of a server on loopback). \
     `?tls=required`, `?tls=opportunistic` and `?tls=none` after `smtp://` say otherwise; a password is never sent \
     without TLS.",
);
pub(super) const MAIL_FROM: Setting = plain(
    "mail_from",
    "KEYWARD_MAIL_FROM",
    "Keyward <no-reply@localhost>",
    "Sender of mail: `ADDRESS` or `NAME <ADDRESS>`.",
);
pub(super) const VERIFICATION_LIFETIME: Setting = file_only(
    "mail.verification_lifetime_seconds",
    "86400",
    "How long a mailed link that verifies an address is good, 60 to 604800 seconds.",
);
pub(super) const RESET_LIFETIME: Setting = file_only(
    "mail.reset_lifetime_seconds",
    "3600",
    "How long a mailed link that resets a password is good, 60 to 604800 seconds, where no dialect says otherwise.",
);
pub(super) const PORTAL_REGISTRATION: Setting = file_only(
    "portal.registration",
    "open",
    "Who may sign up at the portal's pages: `open` for anybody, `closed` for nobody. Each dialect has a setting of its own.",
);
pub(super) const LINKS_PER_HOUR: Setting = file_only(
    "mail.links_per_hour",
    "5",
    "How many links of a kind an account is mailed in an hour, 1 to 10000000. What is asked for beyond it is dropped, so that \
     the newest link stays good.",
);
pub(super) const SESSION_IDLE: Setting = file_only(
    "sessions.idle_seconds",
    "1800",
    "After how long without a request somebody is logged out of the portal, 60 to 604800 seconds.",
);
pub(super) const SESSION_LIFETIME: Setting = file_only(
    "sessions.lifetime_seconds",
    "43200",
    "After how long somebody is logged out of the portal whatever they do, 60 to 604800 seconds.",
);
pub(super) const MAIL_CA_FILE: Setting = Setting {
    key: "mail.ca_file",
    variable: None,
    default: None,
    default_note: "none: those that the system trusts",
    meaning: "PEM file with the authority that vouches for the mail server's certificate, and no other then does.",
    has_file_form: false,
};
pub(super) const DISPOSABLE_ALLOW: Setting = optional(
    "email.disposable_allow",
    "KEYWARD_EMAIL_DISPOSABLE_ALLOW",
    "none",
    "File of domains, one a line, whose mailboxes are taken although they are on the list of throw-away ones.",
);
pub(super) const DISPOSABLE_DENY: Setting = optional(
    "email.disposable_deny",
    "KEYWARD_EMAIL_DISPOSABLE_DENY",
    "none",
    "File of domains, one a line, whose mailboxes are refused as throw-away ones are. Of names in the two files that fit an \
     address the longest counts.",
);
pub(super) const GITHUB_CLIENT_ID: Setting = optional(
    "github_client_id",
    "KEYWARD_GITHUB_CLIENT_ID",
    "none",
    "The OAuth app by which an operator claims an agent. Not used by this version yet.",
);
pub(super) const GITHUB_CLIENT_SECRET: Setting = secret(
    "github_client_secret",
    "KEYWARD_GITHUB_CLIENT_SECRET",
    "none",
    "That app's secret. Not used by this version yet.",
);
pub(super) const GITHUB_URL: Setting = plain(
    "github_url",
    "KEYWARD_GITHUB_URL",
    "https://github.com",
    "Where a browser signs in: another for GitHub Enterprise Server. Not used by this version yet.",
);
pub(super) const GITHUB_API_URL: Setting = plain(
    "github_api_url",
    "KEYWARD_GITHUB_API_URL",
    "https://api.github.com",
    "Where the server asks who signed in. Not used by this version yet.",
);
pub(super) const AGENT_SECRET: Setting = secret(
    "agent_secret",
    "KEYWARD_AGENT_SECRET",
    "none: legacy registration is closed",
    "Shared secret of the legacy registration. Not used by this version yet.",
);
pub(super) const TRUSTED_PROXIES: Setting = optional(
    "trusted_proxies",
    "KEYWARD_TRUSTED_PROXIES",
    "none",
    "Networks of proxies (CIDR, comma-separated) whose `X-Forwarded-For` counts: its rightmost address that is in none of \
     them is where the client is. Without it every client behind a proxy is at the proxy's own address. They may have any number of connections.",
);
pub(super) const RATE_LIMITS: Setting = plain(
    "rate_limits",
    "KEYWARD_RATE_LIMITS",
    "on",
    "`off`, for benchmarks and tests, counts and refuses nothing. Answers tell the limits all the same.",
);
pub(super) const REDIS_URL: Setting = optional(
    "redis_url",
    "KEYWARD_REDIS_URL",
    "none: each server counts general requests by itself",
    "`redis://USER:PASSWORD@HOST:PORT/DATABASE`, by which several servers tell one another of general requests ten times \
     a second. Limits on logins and the like need none: they are counted in the database.",
);
pub(super) const LOG: Setting = plain(
    "log",
    "KEYWARD_LOG",
    "info",
    "Which log lines are written, as a `tracing` filter such as `info,actix_http=debug`.",
);
pub(super) const METRICS_ACCESS: Setting = file_only(
    "metrics.access",
    "open",
    "Who may read `/metrics`: `open` for whoever reaches it, `admin` for whoever shows an admin key as bearer token.",
);
pub(super) const PASSWORD_SCHEME: Setting = file_only(
    "passwords.scheme",
    "argon2id",
    "What new passwords are hashed with: `argon2id` or `bcrypt`. Others are hashed anew at the next login.",
);
pub(super) const ACCEPT_IMPORTED: Setting = file_only(
    "keys.accept_imported",
    "off",
    "`on` lets keys of other systems be imported (`keyward import keys`), and looks at them when they are shown.",
);
pub(super) const VERIFIED_ONLY: Setting = file_only(
    "keys.verified_only",
    "off",
    "`on` lets only accounts whose e-mail address is verified create, rotate and revoke keys, by TruCore's routes and in the \
     portal. Agents, and keys of their own with them, are made by every account; one without an address, such as an \
     organization, has its keys revoked by an admin.",
);

/// How many keys an account may have.
pub(super) fn most_keys(plan: Plan) -> Setting {
    let (key, default, meaning) = match plan {
        Plan::Free => (
            "keys.most_free",
            "10",
            "How many good keys an account on the free plan may have, 1 to 1000000. Its agents' keys do not count.",
        ),
        Plan::Pro => ("keys.most_pro", "100", "The same on the plan `pro`."),
        Plan::Enterprise => ("keys.most_enterprise", "10000", "The same on the plan `enterprise`."),
    };
    file_only(key, default, meaning)
}

pub(super) const ROTATE_AFTER_DAYS: Setting = file_only(
    "signing_keys.rotate_after_days",
    "90",
    "How long a key signs tokens before the next one takes over, 1 to 3650 days.",
);
pub(super) const PUBLISH_MINUTES: Setting = file_only(
    "signing_keys.publish_minutes",
    "15",
    "How long the next key is in the JWKS before it signs, 10 to 1440 minutes: longer than those who verify tokens \
     themselves cache it.",
);
pub(super) const DIALECTS_ENABLED: Setting = file_only(
    "dialects.enabled",
    "toromarket, tradeready, agora, agrenting, trucore",
    "The dialects that are spoken. Those that this version does not speak yet are mounted nowhere.",
);

/// Every setting, in the order in which the reference lists them.
pub(super) fn all() -> Vec<Setting> {
    let mut all = vec![
        LISTEN,
        PUBLIC_URL,
        INSECURE_HTTP,
        DATA_DIR,
        DATABASE_URL,
        MASTER_KEY,
        ADMIN_KEY,
        LOG,
        RATE_LIMITS,
        REDIS_URL,
        TRUSTED_PROXIES,
        SMTP_URL,
        MAIL_FROM,
        GITHUB_CLIENT_ID,
        GITHUB_CLIENT_SECRET,
        GITHUB_URL,
        GITHUB_API_URL,
        AGENT_SECRET,
        SERVER_URL,
        MAIL_CA_FILE,
        VERIFICATION_LIFETIME,
        RESET_LIFETIME,
        LINKS_PER_HOUR,
        PORTAL_REGISTRATION,
        SESSION_IDLE,
        SESSION_LIFETIME,
        DISPOSABLE_ALLOW,
        DISPOSABLE_DENY,
        CONNECTIONS_TOTAL,
        CONNECTIONS_PER_ADDRESS,
        DATABASE_CONNECTIONS,
        CACHE_ENTRIES,
        ADMIN_PAGE_SIZE,
        METRICS_ACCESS,
        PASSWORD_SCHEME,
        VERIFIED_ONLY,
        ACCEPT_IMPORTED,
        most_keys(Plan::Free),
        most_keys(Plan::Pro),
        most_keys(Plan::Enterprise),
        ROTATE_AFTER_DAYS,
        PUBLISH_MINUTES,
    ];
    all.push(LIMIT_BUCKETS);
    all.extend(limits::all().map(|(_, _, setting)| setting));
    all.push(DIALECTS_ENABLED);
    for &name in DialectName::ALL {
        all.extend([registration(name), token_lifetime(name), algorithm(name)]);
        all.extend(reset_lifetime(name));
        all.extend((name == DialectName::Agora).then_some(AGORA_METRICS_FILE));
    }
    all
}
