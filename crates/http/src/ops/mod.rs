//! What operators and proxies ask of the server.

mod forward_auth;
mod health;

use actix_web::web::ServiceConfig;

pub(crate) use health::health;

use crate::routes::Routes;

/// Mounts the routes of operations: at any host, under no dialect.
pub(crate) fn mount(config: &mut ServiceConfig) {
    Routes::default()
        .get("/health", health)
        .get("/ready", health::ready)
        .get("/.well-known/jwks.json", health::jwks)
        // Proxies repeat the client's method, or use `GET`.
        .any("/forward-auth", forward_auth::forward_auth)
        .mount(config);
}
