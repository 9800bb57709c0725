//! What operators and proxies ask of the server.

mod forward_auth;
mod health;
mod metrics;

pub(crate) use health::health;

use crate::routes::{Access, Routes};

/// The routes of operations.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/health", Access::public("server.live"), health)
        .get("/ready", Access::public("server.ready"), health::ready)
        .get("/.well-known/jwks.json", Access::public("signing_keys.publish"), health::jwks)
        // By configuration an admin key opens it instead.
        .get("/metrics", Access::public("server.measure"), metrics::metrics)
        // Proxies repeat the client's method, or use `GET`.
        .any("/forward-auth", Access::identified("principals.authenticate"), forward_auth::forward_auth)
}
