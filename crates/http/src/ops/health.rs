//! Liveness and readiness.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, Responder};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

use crate::extract::Cx;
use crate::openapi::one_of;
use crate::problem::{because, problem};

/// That all is well.
#[derive(Serialize, ToSchema)]
pub(super) struct Health {
    #[schema(schema_with = status)]
    status: &'static str,
    #[schema(example = "0.1.0")]
    version: &'static str,
}

fn status() -> Schema {
    one_of(["ok", "ready"])
}

/// `GET /health`: the process runs. Says nothing about the database, so that an outage there makes no
/// orchestrator restart a healthy server.
pub(crate) async fn health() -> impl Responder {
    HttpResponse::Ok().json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// `GET /ready`: the database answers and has this program's schema, else 503.
pub(super) async fn ready(cx: Cx) -> HttpResponse {
    match cx.health.ready().await {
        Ok(()) => HttpResponse::Ok().json(Health { status: "ready", version: env!("CARGO_PKG_VERSION") }),
        Err(cause) => {
            because(cause, problem(StatusCode::SERVICE_UNAVAILABLE, Some("The database cannot be used.")))
        }
    }
}
