//! Every HTTP surface over the one domain: a library that the server mounts and the tests drive.
//!
//! # The map
//!
//! | where | what |
//! |---|---|
//! | [`dialects`] | one folder for each vendor: a translation, not a feature |
//! | `admin/` | the admin API: accounts, keys and the audit trail of everybody |
//! | `ops/` | what operators and proxies ask: health, readiness, figures, JWKS, forward-auth |
//! | `portal/` | pages for people: sign up, log in, keys |
//! | `metrics/` | what is counted of requests |
//! | `middleware/` | what happens to every request: its id, panics, the log line |
//! | `routes/` | routes as data: each with who may call it, and the table of them all |
//! | `limits/` | where a request comes from, what stands before its handler, what its answer says of limits |
//! | `openapi/` | what is said of each route, and the document of it all |
//! | `extract/` | reading credentials and bodies, once, for all surfaces |
//!
//! # How to add a route
//!
//! Wire types in the dialect's `wire.rs`, into the domain in `from_wire.rs`, out of it in `to_wire.rs`, a line in
//! `routes.rs` with its `Access`, its `RouteLimit` and its description, its refusals in `error.rs`, a case in
//! `tests/it/coverage/cases.rs`, and a golden transcript. The handler reads the body, calls one use case and renders; a
//! rule in it is in the wrong house.
//!
//! The description is a function in the surface's `openapi.rs`:
//!
//! ```ignore
//! pub(super) fn verify_email() -> Operation {
//!     Operation::new("verify_email", "Verify an e-mail address") // A name that is unique within the surface; a line.
//!         .text("More, for people. `code` in backticks.")
//!         .body::<wire::VerifyEmail>()                            // Or `body_ignored`, or nothing: it reads none.
//!         .answer::<wire::Message>(200, "It is verified.")        // Or `content` for no JSON, or `empty`.
//!         .refuses([error::INVALID_VERIFICATION_TOKEN])           // The very constants that are sent.
//! }
//! ```
//!
//! Wire types derive `ToSchema` with `#[schema(as = tradeready::VerifyEmail)]`, and say what serde does not know: an
//! `Option` that is written as `null` is `#[schema(required)]`, one that is left out `#[schema(nullable = false)]`, a
//! secret `#[schema(value_type = String, format = Password)]`; doc comments are the text that people read. Not said in a
//! description: who may call (the `Access` does), parameters of the path (they are ids), and what every route of the
//! surface may refuse: 429, 500 and 503; with a body 413 and 422; with credentials 401 and 403 (`words` in `openapi.rs`
//! does). An answer that is not as described fails whatever test gets it.

mod admin;
pub mod dialects;
mod extract;
mod fault;
mod id_value;
mod limits;
mod metrics;
mod middleware;
mod openapi;
mod ops;
mod portal;
mod problem;
mod routes;
mod settings;
mod state;
mod supply;

use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, web};

pub use admin::AdminApi;
pub use dialects::DialectName;
pub use limits::{RouteLimit, TrustedProxies};
pub use metrics::{Metrics, MetricsAccess, Traffic};
pub use openapi::document as openapi_document;
pub use portal::is_loopback;
pub use routes::{CredentialKind, RouteRow, route_table};
pub use settings::{DialectSettings, DialectsSettings, PortalRegistration, PortalSettings, Registration};
pub use state::State;
pub use supply::{InvalidSupply, PublishedSupply, Supply};

use crate::metrics::Worker;
use crate::routes::{Hosts, Surface};

/// The surfaces that are ours alone. Nothing else is mounted but these and [`dialects`].
const OURS: &[Surface] = &[
    Surface {
        name: "operations",
        about: ops::ABOUT,
        routes: ops::routes,
        words: ops::words,
        hosts: Hosts::Any,
    },
    Surface {
        name: admin::NAME,
        about: admin::ABOUT,
        routes: admin::routes,
        words: admin::words,
        hosts: Hosts::Any,
    },
    Surface {
        name: "portal",
        about: portal::ABOUT,
        routes: portal::routes,
        words: portal::words,
        hosts: Hosts::NoDialects,
    },
];

/// The whole app: every surface, in the order in which they are asked. Operations answer at any host, then the
/// hosts that belong to one dialect alone, then the portal, then each dialect's base path, then all of them together
/// at the root.
/// Each call is for one worker, which counts for itself.
pub fn app(
    state: Arc<State>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let worker = state.metrics.traffic.worker();
    let state = web::Data::from(state);
    App::new()
        .app_data(state.clone())
        .app_data(Arc::clone(&worker))
        .app_data(web::Data::new(ops::Docs::default()))
        .app_data(web::Data::new(portal::Site::of(&state)))
        .wrap(from_fn(middleware::with_request_id))
        .configure(|config| mount_ours(config, Hosts::Any, &worker))
        .configure(|config| dialects::mount_at_hosts(config, &state.dialects, &worker))
        .configure(|config| mount_ours(config, Hosts::NoDialects, &worker))
        .configure(|config| dialects::mount(config, &state.dialects, &worker))
        .default_service(web::to(fault::not_found))
}

fn mount_ours(config: &mut web::ServiceConfig, hosts: Hosts, worker: &Worker) {
    for surface in OURS.iter().filter(|surface| surface.hosts == hosts) {
        (surface.routes)().mount(config, surface.name, worker);
    }
}
