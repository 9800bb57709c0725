//! Every HTTP surface over the one domain: a library that the server mounts and the tests drive.
//!
//! # The map
//!
//! | where | what |
//! |---|---|
//! | [`dialects`] | one folder for each vendor: a translation, not a feature |
//! | `admin/` | the admin API: accounts, keys and the audit trail of everybody |
//! | `ops/` | what operators and proxies ask: health, readiness, JWKS, forward-auth |
//! | `middleware/` | what happens to every request: its id, panics, the log line |
//! | `routes/` | routes as data: each with who may call it, and the table of them all |
//! | `extract/` | reading credentials and bodies, once, for all surfaces |
//!
//! # How to add a route
//!
//! Wire types in the dialect's `wire.rs`, into the domain in `from_wire.rs`, out of it in `to_wire.rs`, a line in
//! `mod.rs` with its `Access`, its refusals in `error.rs`, a case in `tests/it/coverage/cases.rs`, and a golden
//! transcript. The handler reads the body, calls one use case and renders; a rule in it is in the wrong house.

mod admin;
pub mod dialects;
mod extract;
mod fault;
mod id_value;
mod middleware;
mod ops;
mod problem;
mod routes;
mod settings;
mod state;

use std::sync::Arc;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::{App, Error, web};

pub use admin::AdminApi;
pub use dialects::DialectName;
pub use routes::{CredentialKind, RouteRow, route_table};
pub use settings::{DialectSettings, DialectsSettings, Registration};
pub use state::State;

use crate::routes::Surface;

/// The surfaces that are ours alone. Nothing else is mounted but these and [`dialects`].
const OURS: &[Surface] =
    &[Surface { name: "operations", routes: ops::routes }, Surface { name: "admin", routes: admin::routes }];

/// The whole app: every surface, in the order in which they are asked. Operations answer at any host, then the
/// hosts that belong to one dialect alone, then each dialect's base path, then all of them together at the root.
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
    let state = web::Data::from(state);
    App::new()
        .app_data(state.clone())
        .wrap(from_fn(middleware::with_request_id))
        .configure(|config| OURS.iter().for_each(|surface| (surface.routes)().mount(config)))
        .configure(|config| dialects::mount(config, &state.dialects))
        .default_service(web::to(fault::not_found))
}
