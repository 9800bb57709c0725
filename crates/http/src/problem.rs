//! Problem details (RFC 9457): how the surfaces that are ours alone refuse.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::fault::Fault;

/// Seconds after which to try again when the database or the hashing queue could not keep up.
pub(crate) const RETRY_AFTER_SECONDS: &str = "1";

/// A problem of type `about:blank`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem<'a> {
    /// The status's own phrase.
    title: &'a str,
    status: u16,
    /// What is wrong with this request, where that may be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<&'a str>,
}

impl<'a> Problem<'a> {
    fn new(status: StatusCode, detail: Option<&'a str>) -> Self {
        Self { title: status.canonical_reason().unwrap_or("Error"), status: status.as_u16(), detail }
    }

    /// What a problem looks like, for who reads about it. An empty detail is none.
    pub(crate) fn example(status: u16, detail: &str) -> Value {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let problem = Problem::new(status, Some(detail).filter(|detail| !detail.is_empty()));
        serde_json::to_value(problem).unwrap_or_default()
    }
}

/// A problem of type `about:blank`: the title is the status's own phrase.
pub(crate) fn problem(status: StatusCode, detail: Option<&str>) -> HttpResponse {
    let mut builder = HttpResponse::build(status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        builder.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS));
    }
    builder.insert_header(("Content-Type", "application/problem+json")).json(Problem::new(status, detail))
}

/// A fault as a problem.
pub(crate) fn fault(fault: Fault) -> HttpResponse {
    problem(fault.status(), None)
}
