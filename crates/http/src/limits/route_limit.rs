//! The limit of a route, as data.

use keyward_domain::limits::LimitName;

/// What a request to a route takes something of. It stands beside the route's path: no route is without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteLimit {
    /// Nothing, and it is never refused. Its answer shows how this bucket of the client's network stands.
    Free(LimitName),
    /// One from this bucket of the client's network, in memory.
    PerNetwork(LimitName),
    /// One from each of these buckets of the client's network, exactly, over all servers. For routes that try a secret or
    /// make something.
    Guarded {
        /// What each request takes from.
        attempts: &'static [LimitName],
        /// What only those that succeed take from.
        successes: Option<LimitName>,
    },
    /// One from this bucket of the account that the request acts for, in memory: see `Cx::count`. Requests that act for
    /// nobody take from `anonymous`, wrong credentials from `failed_credentials`.
    PerAccount(LimitName),
    /// The same, but of the key that is shown or that the token was exchanged for; of the account, if there is none.
    PerKey(LimitName),
}

impl RouteLimit {
    /// For operations that are asked by whoever likes.
    pub(crate) const OPERATIONS: Self = Self::PerNetwork(LimitName::Operations);
    /// For the admin API.
    pub(crate) const ADMIN: Self = Self::PerNetwork(LimitName::Admin);

    /// One exact limit of each request from a network: the one line of a route that tries a secret.
    pub(crate) const fn guarded(attempts: &'static [LimitName]) -> Self {
        Self::Guarded { attempts, successes: None }
    }

    /// The same, where a success is a new account.
    pub(crate) const fn registering(attempts: &'static [LimitName]) -> Self {
        Self::Guarded { attempts, successes: Some(LimitName::NewAccounts) }
    }
}
