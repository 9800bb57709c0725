//! Which dialects are spoken, where and how: decided by the operator, read by the surfaces.

use std::collections::BTreeMap;

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
        /// Nobody.
        Closed = "closed",
    }
}

/// One dialect's settings.
#[derive(Debug, Clone, Copy)]
pub struct DialectSettings {
    /// Who may register.
    pub registration: Registration,
    /// How its tokens are made.
    pub tokens: TokenProfile,
}

/// All dialects' settings.
#[derive(Debug, Clone, Default)]
pub struct DialectsSettings {
    /// The dialects that are spoken; any other is not mounted.
    pub enabled: BTreeMap<DialectName, DialectSettings>,
    /// Hosts, lower-case, whose root is one dialect alone.
    pub hosts: BTreeMap<String, DialectName>,
}

impl DialectsSettings {
    /// The dialect that alone owns the host this request is for, if any does.
    pub(crate) fn of_host(&self, request: &RequestHead) -> Option<DialectName> {
        if self.hosts.is_empty() {
            return None;
        }
        let stated = request.headers().get(HOST).and_then(|value| value.to_str().ok());
        let host = stated.or_else(|| request.uri.host())?;
        let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
        self.hosts.get(&name.to_ascii_lowercase()).copied()
    }
}
