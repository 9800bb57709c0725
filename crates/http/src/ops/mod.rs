//! What operators and proxies ask of the server.

mod docs;
mod forward_auth;
mod health;
mod openapi;

pub(crate) use docs::Docs;
pub(crate) use health::health;
pub(crate) use openapi::{ABOUT, health as health_described, words};

use crate::routes::{Access, Routes};

/// The routes of operations.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/health", Access::public("server.live"), openapi::health, health)
        .get("/ready", Access::public("server.ready"), openapi::ready, health::ready)
        .get("/.well-known/jwks.json", Access::public("signing_keys.publish"), openapi::jwks, health::jwks)
        .get("/openapi.json", Access::public("server.describe"), openapi::document, docs::document)
        .get("/docs", Access::public("server.describe"), openapi::page, docs::page)
        .get("/docs.css", Access::public("server.describe"), openapi::style, docs::style)
        // Proxies repeat the client's method, or use `GET`.
        .any(
            "/forward-auth",
            Access::identified("principals.authenticate"),
            openapi::forward_auth,
            forward_auth::forward_auth,
        )
}
