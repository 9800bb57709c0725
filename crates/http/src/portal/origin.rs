//! Where a request is addressed to, and where a form came from.

use std::net::{Ipv4Addr, Ipv6Addr};

use actix_web::http::Uri;
use actix_web::http::header::{HeaderName, ORIGIN};

use super::Site;
use crate::extract::Cx;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A scheme, a host in lower case and a port: what browsers call an origin (RFC 6454, section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of this address.
    pub(super) fn of(address: &str) -> Option<Self> {
        let uri: Uri = address.trim_end_matches('/').parse().ok()?;
        let scheme = uri.scheme_str()?.to_ascii_lowercase();
        let port = uri.port_u16().or(match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        })?;
        Some(Self { host: host_of(uri.host()?), scheme, port })
    }

    pub(super) fn is_https(&self) -> bool {
        self.scheme == "https"
    }

    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether a request that names this host is addressed to here. The port may be another one: a proxy's, or one that
    /// a container is reached by.
    pub(super) fn is_addressed_by(&self, host: &str) -> bool {
        let Some(named) = host.parse::<Uri>().ok().and_then(|uri| uri.host().map(host_of)) else {
            return false;
        };
        named == self.host || (self.is_loopback() && is_loopback(&named))
    }
}

/// RFC 3986, section 3.2.2: a host's case says nothing, nor does the dot at the end of a full name.
fn host_of(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

/// Whether a host, in lower case and as URLs have it, is the machine itself: what browsers keep a `Secure` cookie of without
/// TLS (W3C Secure Contexts, section 3.1), and what plain http is let to. The configuration asks it too.
pub fn is_loopback(host: &str) -> bool {
    let v6 = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match (v6, host.parse::<Ipv4Addr>()) {
        (Some(address), _) => address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
        (None, Ok(address)) => address.is_loopback(),
        (None, Err(_)) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Whether a form was sent by a page of ours.
///
/// Security: browsers say where a form came from. One that does not, says nothing for itself, so it is refused. `null` is
/// what they say for a page that has no referrer to tell (Fetch, "serializing a request origin"), such as one with a token
/// in its address; whether that page was ours, `Sec-Fetch-Site` says, which no page can set.
pub(super) fn is_from_here(cx: &Cx, site: &Site) -> bool {
    let fetched_from = cx.header(SEC_FETCH_SITE).ok().flatten();
    match cx.header(ORIGIN) {
        Ok(None | Some("null")) => fetched_from == Some("same-origin"),
        Ok(Some(text)) => {
            let is_ours = Origin::of(text).is_some_and(|origin| {
                Some(&origin) == site.origin.as_ref() || is_same_loopback(&origin, cx.host(), site)
            });
            is_ours && fetched_from.is_none_or(|from| from == "same-origin")
        }
        Err(_) => false,
    }
}

/// Loopback has several names, and the one that the browser uses is as good as the configured one.
fn is_same_loopback(origin: &Origin, host: Option<&str>, site: &Site) -> bool {
    let Some(configured) = site.origin.as_ref().filter(|configured| configured.is_loopback()) else {
        return false;
    };
    let here = host.and_then(|host| Origin::of(&format!("{}://{host}", configured.scheme)));
    origin.is_loopback() && Some(origin) == here.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_a9_only_the_own_host_is_known_and_all_names_of_loopback_are_one() {
        let public = Origin::of("https://id.example.com").unwrap();
        for host in ["id.example.com", "ID.example.com:443", "id.example.com.", "id.example.com:8443"] {
            assert!(public.is_addressed_by(host), "{host}");
        }
        for host in [
            "example.com",
            "id.example.com.evil.com",
            "evil-id.example.com",
            "localhost",
            "127.0.0.1",
            "",
            "id.example.com@evil.com",
            "id.example.com/evil",
            "evil.com#id.example.com",
            "[::1]",
        ] {
            assert!(!public.is_addressed_by(host), "{host}");
        }
        let local = Origin::of("http://127.0.0.1:8080/").unwrap();
        for host in [
            "localhost",
            "127.0.0.1:8080",
            "[::1]:8080",
            "LOCALHOST:9000",
            "127.0.0.2",
            "keyward.localhost:8080",
        ] {
            assert!(local.is_addressed_by(host), "{host}");
        }
        for host in
            ["127.0.0.1.evil.com", "localhost.evil.com", "evillocalhost", "128.0.0.1", "0.0.0.0", "[::2]"]
        {
            assert!(!local.is_addressed_by(host), "{host}");
        }
    }

    #[test]
    fn an_origin_has_the_port_of_its_scheme() {
        assert_eq!(Origin::of("https://a.example"), Origin::of("HTTPS://A.example:443/"));
        assert_ne!(Origin::of("http://a.example"), Origin::of("https://a.example"));
        assert_ne!(Origin::of("http://a.example"), Origin::of("http://a.example:8080"));
        for nothing in ["null", "", "a.example", "file:///x", "//a.example"] {
            assert_eq!(Origin::of(nothing), None, "{nothing}");
        }
    }
}
