//! Text into values, one function for each kind. A refusal never repeats text that may hold a secret.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use keyward_domain::secret::Secret;
use keyward_domain::tokens::{LONGEST_LIFETIME_SECONDS, SigningAlgorithm};
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::PasswordScheme;
use crate::compose::{
    self, Authority, DialectName, DomainNames, InvalidSender, InvalidSmtpUrl, MasterKey, MetricsAccess,
    PortalRegistration, Registration, Sender, SmtpUrl,
};
use crate::supply_file::SupplyFile;

type Parsed<T> = Result<T, String>;

pub(super) fn address(text: &str) -> Parsed<SocketAddr> {
    text.parse().map_err(|_| format!("{text:?} is no address such as 127.0.0.1:8080"))
}

pub(super) fn path(text: &str) -> Parsed<PathBuf> {
    if text.is_empty() { Err("is empty".to_owned()) } else { Ok(PathBuf::from(text)) }
}

pub(super) fn text(text: &str) -> Parsed<String> {
    if text.trim().is_empty() { Err("is empty".to_owned()) } else { Ok(text.to_owned()) }
}

pub(super) fn secret(text: &str) -> Parsed<Secret<String>> {
    if text.is_empty() { Err("is empty".to_owned()) } else { Ok(Secret::new(text.to_owned())) }
}

pub(super) fn switch(text: &str) -> Parsed<bool> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{text:?} is neither on nor off")),
    }
}

/// What clients call the server by. Its pages, its cookies and the answers at its root know of no path before them.
pub(super) fn public_url(text: &str) -> Parsed<String> {
    let url = web_url(text)?;
    match Url::parse(&url).is_ok_and(|url| url.path() == "/") {
        true => Ok(url),
        false => Err("must have no path: the server answers at the root of its host".to_owned()),
    }
}

/// An origin, perhaps with a path, without a slash at its end.
pub(super) fn web_url(text: &str) -> Parsed<String> {
    let url = Url::parse(text).map_err(|_| "is no URL".to_owned())?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if is_web && is_bare {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    } else {
        Err("must be http:// or https://, a host, and at most a path".to_owned())
    }
}

/// Whether a URL's host is this machine itself.
pub(super) fn is_loopback(url: &str) -> bool {
    Url::parse(url).ok().as_ref().and_then(Url::host_str).is_some_and(compose::is_loopback)
}

pub(super) fn database_url(text: &str) -> Parsed<Secret<String>> {
    compose::check_database_url(text)?;
    Ok(Secret::new(text.to_owned()))
}

pub(super) fn connections(text: &str) -> Parsed<u32> {
    number(text, 1, 100)
}

pub(super) fn total_connections(text: &str) -> Parsed<usize> {
    number(text, 16, 1_000_000).map(|number| number as usize)
}

pub(super) fn connections_per_address(text: &str) -> Parsed<usize> {
    number(text, 1, 1_000_000).map(|number| number as usize)
}

pub(super) fn cache_entries(text: &str) -> Parsed<u64> {
    number(text, 1_000, 100_000_000).map(u64::from)
}

pub(super) fn limit_buckets(text: &str) -> Parsed<usize> {
    number(text, 10_000, 100_000_000).map(|buckets| usize::try_from(buckets).unwrap_or(usize::MAX))
}

pub(super) fn page_size(text: &str) -> Parsed<u16> {
    number(text, 1, 200).map(|rows| u16::try_from(rows).unwrap_or(200))
}

pub(super) fn master_key(text: &str) -> Parsed<Secret<String>> {
    MasterKey::parse(text).map_err(|error| error.to_string())?;
    Ok(Secret::new(text.to_owned()))
}

pub(super) fn admin_key(text: &str) -> Parsed<Secret<String>> {
    if text.chars().count() < 32 { Err("has fewer than 32 characters".to_owned()) } else { secret(text) }
}

pub(super) fn smtp_url(text: &str) -> Parsed<SmtpUrl> {
    text.parse().map_err(|error: InvalidSmtpUrl| error.to_string())
}

pub(super) fn sender(text: &str) -> Parsed<Sender> {
    text.parse().map_err(|error: InvalidSender| error.to_string())
}

/// Certificates in PEM, read now: a mistake should not wait for the first mail.
pub(super) fn authority(path: &str) -> Parsed<Authority> {
    let pem = fs::read(path).map_err(|error| format!("{path}: {}", error.kind()))?;
    Authority::from_pem(&pem).map_err(|error| format!("{path}: {error}"))
}

/// Domains, one a line, read now: with a list that cannot be read a server would take everybody.
pub(super) fn domain_names(path: &str) -> Parsed<DomainNames> {
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {}", error.kind()))?;
    DomainNames::parse(&text).map_err(|error| format!("{path}: {error}"))
}

/// What Agora publishes, read now.
pub(super) fn supply_file(path: &str) -> Parsed<SupplyFile> {
    SupplyFile::read(Path::new(path)).map_err(|error| error.to_string())
}

pub(super) fn redis_url(text: &str) -> Parsed<Secret<String>> {
    compose::check_redis_url(text)?;
    Ok(Secret::new(text.to_owned()))
}

/// Networks in CIDR notation. Security: one that covers every address would let anybody choose their own.
pub(super) fn networks(text: &str) -> Parsed<Vec<(IpAddr, u8)>> {
    let network = |item: &str| {
        let refuse = || format!("{item:?} is no network such as 10.0.0.0/8");
        let (address, bits) = item.split_once('/').ok_or_else(refuse)?;
        let address = IpAddr::from_str(address).map_err(|_| refuse())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits: u8 = bits.parse().ok().filter(|bits| *bits <= most).ok_or_else(refuse)?;
        // `::ffff:0:0/96` are the IPv4 addresses, written as IPv6 ones (RFC 4291, section 2.5.5.2).
        let is_all_of_ipv4 = bits <= 96 && address.to_canonical().is_ipv4() && address.is_ipv6();
        if bits == 0 || is_all_of_ipv4 {
            Err(format!("{item} is every address there is"))
        } else {
            Ok((address, bits))
        }
    };
    items(text).map(network).collect()
}

/// A number of requests. A minute has 60,000,000 microseconds: no more than one for each.
pub(super) fn limit(text: &str) -> Parsed<NonZeroU32> {
    number(text, 1, 10_000_000).and_then(|number| NonZeroU32::new(number).ok_or_else(|| "is zero".to_owned()))
}

pub(super) fn most_keys(text: &str) -> Parsed<u32> {
    number(text, 1, 1_000_000)
}

pub(super) fn log_filter(text: &str) -> Parsed<String> {
    EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|_| format!("{text:?} is no tracing filter"))
}

pub(super) fn password_scheme(text: &str) -> Parsed<PasswordScheme> {
    match text {
        "argon2id" => Ok(PasswordScheme::Argon2id),
        "bcrypt" => Ok(PasswordScheme::Bcrypt),
        _ => Err(format!("{text:?} is neither argon2id nor bcrypt")),
    }
}

pub(super) fn dialect_name(text: &str) -> Parsed<DialectName> {
    text.parse().map_err(|_| format!("{text:?} is no dialect"))
}

/// A host's name as it is compared: lower-case, in A-labels, without a port or a dot at its end.
pub(super) fn host(text: &str) -> Parsed<String> {
    let host = Host::parse(text.trim_end_matches('.')).map_err(|_| "is no host name".to_owned())?;
    Ok(host.to_string())
}

pub(super) fn dialect_names(text: &str) -> Parsed<Vec<DialectName>> {
    items(text).map(dialect_name).collect()
}

pub(super) fn portal_registration(text: &str) -> Parsed<PortalRegistration> {
    text.parse().map_err(|_| format!("{text:?} is neither open nor closed"))
}

pub(super) fn registration(text: &str) -> Parsed<Registration> {
    text.parse().map_err(|_| format!("{text:?} is none of open, approval, closed"))
}

pub(super) fn metrics_access(text: &str) -> Parsed<MetricsAccess> {
    text.parse().map_err(|_| format!("{text:?} is neither open nor admin"))
}

pub(super) fn lifetime(text: &str) -> Parsed<Duration> {
    number(text, 60, LONGEST_LIFETIME_SECONDS).map(|seconds| Duration::from_secs(u64::from(seconds)))
}

/// From a minute to a week.
pub(super) fn a_week_at_most(text: &str) -> Parsed<Duration> {
    number(text, 60, 604_800).map(|seconds| Duration::from_secs(u64::from(seconds)))
}

pub(super) fn rotate_after(text: &str) -> Parsed<Duration> {
    number(text, 1, 3_650).map(|days| Duration::from_secs(u64::from(days) * 86_400))
}

/// A JWK Set may be cached for a third of it.
pub(super) fn publish_time(text: &str) -> Parsed<Duration> {
    number(text, 10, 1_440).map(|minutes| Duration::from_secs(u64::from(minutes) * 60))
}

pub(super) fn algorithm(text: &str) -> Parsed<SigningAlgorithm> {
    text.parse().map_err(|_| format!("{text:?} is none of EdDSA, ES256, RS256"))
}

fn number(text: &str, least: u32, most: u32) -> Parsed<u32> {
    let number: Option<u32> = text.parse().ok();
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("must be {least} to {most}"))
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}
