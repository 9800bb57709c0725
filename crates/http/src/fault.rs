//! Refusals that come from no use case: nothing is there, the method is wrong, something broke. Each surface
//! says them in its own words.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use keyward_domain::limits::Limited;

use crate::{admin, dialects, limits, portal, problem};

/// What went wrong before or beside any use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No route has this path.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// A handler panicked.
    Internal,
    /// There is no room for more.
    Limited(Limited),
    /// Nobody knows whether there is.
    Unavailable,
}

impl Fault {
    /// The status that every surface answers with, unless its vendor rules otherwise.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Limited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// The refusal in the words of whichever surface the request was addressed to.
pub(crate) fn render(request: &HttpRequest, fault: Fault) -> HttpResponse {
    if portal::is_addressed(request) {
        return portal::fault(fault);
    }
    let dialect = dialects::addressed(request).filter(|_| !admin::owns(request.path()));
    dialect.map_or_else(|| problem::fault(fault), |dialect| (dialect.fault)(fault))
}

/// Answers where no route is. It stands unguarded: all that it does is what the guard would do.
pub(crate) async fn not_found(request: HttpRequest) -> HttpResponse {
    limits::unrouted(&request, Fault::NotFound)
}
