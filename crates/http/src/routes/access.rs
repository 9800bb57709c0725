//! Who may call a route, as data.

use keyward_domain::limits::LimitName;
use keyward_domain::scope::Scope;
use keyward_domain::text_enum;

use crate::limits::RouteLimit;

text_enum! {
    /// What can be shown to open a route.
    pub enum CredentialKind {
        /// An API key that acts for its whole account.
        AccountKey = "account key",
        /// An API key that is limited to one agent.
        AgentKey = "agent key",
        /// An API key that acts for its whole account, as a bearer token.
        BearerKey = "account key as bearer token",
        /// An access token that acts for its whole account.
        AccountToken = "account token",
        /// An access token that is limited to one agent.
        AgentToken = "agent token",
        /// A browser's session, in which somebody has logged in.
        Session = "session",
        /// The secret of whoever runs the server.
        AdminKey = "admin key",
    }
}

/// Any good credential of an account or of one of its agents, each in its own header.
pub(crate) const ANYBODY_KNOWN: &[CredentialKind] = &[
    CredentialKind::AccountKey,
    CredentialKind::AgentKey,
    CredentialKind::AccountToken,
    CredentialKind::AgentToken,
];

/// Who may call a route, how often, and what it leads to. It stands beside the route's path; the handler obeys it, and
/// `tests/it/route_coverage.rs` holds the one against the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) credentials: &'static [CredentialKind],
    pub(crate) scope: Option<Scope>,
    pub(super) use_case: &'static str,
    pub(super) limit: RouteLimit,
}

impl Access {
    /// Anyone, whatever is or is not shown. The use case is named `noun.verb`, as the domain has it.
    pub(crate) const fn public(use_case: &'static str, limit: RouteLimit) -> Self {
        Self { credentials: &[], scope: None, use_case, limit }
    }

    /// These kinds of credentials; one that is narrowed to scopes needs this one. Their accounts are limited by this.
    pub(crate) const fn to(
        credentials: &'static [CredentialKind],
        scope: Scope,
        use_case: &'static str,
        limit: LimitName,
    ) -> Self {
        Self { credentials, scope: Some(scope), use_case, limit: RouteLimit::PerAccount(limit) }
    }

    /// The same, where each key has a limit of its own. Without a scope for a route that only says whose it is.
    pub(crate) const fn per_key(
        credentials: &'static [CredentialKind],
        scope: Option<Scope>,
        use_case: &'static str,
        limit: LimitName,
    ) -> Self {
        Self { credentials, scope, use_case, limit: RouteLimit::PerKey(limit) }
    }

    /// The same, where the network is limited, before anybody is recognised.
    pub(crate) const fn per_network(
        credentials: &'static [CredentialKind],
        scope: Option<Scope>,
        use_case: &'static str,
        limit: LimitName,
    ) -> Self {
        Self { credentials, scope, use_case, limit: RouteLimit::PerNetwork(limit) }
    }

    /// These kinds of credentials, whatever their scopes: for a route that only says whose they are.
    pub(crate) const fn identified(
        credentials: &'static [CredentialKind],
        use_case: &'static str,
        limit: LimitName,
    ) -> Self {
        Self { credentials, scope: None, use_case, limit: RouteLimit::PerAccount(limit) }
    }

    /// Whoever is logged in with a browser. The network is limited, before the session is looked for.
    pub(crate) const fn signed_in(use_case: &'static str, limit: RouteLimit) -> Self {
        Self { credentials: &[CredentialKind::Session], scope: None, use_case, limit }
    }

    /// Whoever runs the server.
    pub(crate) const fn admin(use_case: &'static str) -> Self {
        Self { credentials: &[CredentialKind::AdminKey], scope: None, use_case, limit: RouteLimit::ADMIN }
    }
}
