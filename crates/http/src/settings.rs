//! Which dialects are spoken, where and how: decided by the operator, read by the surfaces.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::dev::RequestHead;
use actix_web::http::header::HOST;
use keyward_domain::text_enum;
use keyward_domain::tokens::TokenProfile;

use crate::dialects::DialectName;

text_enum! {
    /// Who may register at a dialect.
    pub enum Registration {
        /// Anybody.
        Open = "open",
        /// Whoever an admin has approved. Nobody can be approved yet, so nobody is admitted.
        Approval = "approval",
        /// Nobody.
        Closed = "closed",
    }
}

text_enum! {
    /// Who may sign up at the portal.
    pub enum PortalRegistration {
        /// Anybody.
        Open = "open",
        /// Nobody.
        Closed = "closed",
    }
}

/// The portal's settings.
#[derive(Debug, Clone, Copy)]
pub struct PortalSettings {
    /// Who may sign up.
    pub registration: PortalRegistration,
}

impl Default for PortalSettings {
    /// Anybody may sign up.
    fn default() -> Self {
        Self { registration: PortalRegistration::Open }
    }
}

/// One dialect's settings.
#[derive(Debug, Clone, Copy)]
pub struct DialectSettings {
    /// Who may register.
    pub registration: Registration,
    /// How its tokens are made.
    pub tokens: TokenProfile,
    /// How long a link that resets a password is good which was asked for there, if it is another time than elsewhere.
    pub reset_lifetime: Option<Duration>,
}

/// All dialects' settings.
#[derive(Debug, Clone, Default)]
pub struct DialectsSettings {
    /// The dialects that are spoken; any other is not mounted.
    pub enabled: BTreeMap<DialectName, DialectSettings>,
    /// Hosts, lower-case and without a port, whose root is one dialect alone. If that one is not spoken, there
    /// is nothing at its host but operations.
    pub hosts: BTreeMap<String, DialectName>,
}

impl DialectsSettings {
    /// The dialect that alone owns the host this request is for, if any does.
    pub(crate) fn of_host(&self, request: &RequestHead) -> Option<DialectName> {
        if self.hosts.is_empty() {
            return None;
        }
        // RFC 9112, section 3.2.2: the host of an absolute target wins over the header.
        let target = request.uri.host();
        let host =
            target.or_else(|| request.headers().get(HOST).and_then(|value| value.to_str().ok()).map(name))?;
        // RFC 3986, section 3.2.2: the dot at the end of a full name may be there or not.
        let host = host.strip_suffix('.').unwrap_or(host);
        self.hosts.get(&host.to_ascii_lowercase()).copied()
    }
}

/// The value of a `Host` header without its port.
fn name(host: &str) -> &str {
    match host.trim().rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some(_) | None => host.trim(), // A colon before anything else is within an IPv6 address.
    }
}
