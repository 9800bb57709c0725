//! What operators and proxies ask of the server.

mod forward_auth;
mod health;
mod metrics;

pub(crate) use health::health;

use keyward_domain::limits::LimitName;

use crate::limits::RouteLimit;
use crate::routes::{Access, Routes};

/// For what tells an orchestrator whether to restart the server: a flood must not make it.
pub(crate) const NEVER_REFUSED: RouteLimit = RouteLimit::Free(LimitName::Operations);

const CHECKS: Access = Access::identified("principals.authenticate", LimitName::ForwardAuth);

/// The routes of operations.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/health", Access::public("server.live", NEVER_REFUSED), health)
        .get("/ready", Access::public("server.ready", NEVER_REFUSED), health::ready)
        .get(
            "/.well-known/jwks.json",
            Access::public("signing_keys.publish", RouteLimit::OPERATIONS),
            health::jwks,
        )
        // By configuration an admin key opens it instead.
        .get("/metrics", Access::public("server.measure", RouteLimit::OPERATIONS), metrics::metrics)
        // Proxies repeat the client's method, or use `GET`.
        .any("/forward-auth", CHECKS, forward_auth::forward_auth)
}
