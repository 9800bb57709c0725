//! What a browser is told at routes that the pages of any site may read (the Fetch standard, "CORS protocol").

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderName, HeaderValue,
};

/// What a page may read of an answer besides its body.
const EXPOSED: &str =
    "Request-Id, X-Request-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";
/// `*` stands for every header but `Authorization`, which such a route does not look at.
const ALLOWED: [(HeaderName, &str); 3] = [
    (ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"),
    (ACCESS_CONTROL_ALLOW_HEADERS, "*, Authorization"),
    (ACCESS_CONTROL_MAX_AGE, "86400"),
];

/// Lets any page read the answer.
///
/// Security: `*` and no other origin, and never with `Access-Control-Allow-Credentials`: a browser then sends no cookie
/// along, and nothing that the request says is reflected.
pub(super) fn dress(response: &mut ServiceResponse<BoxBody>) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

/// What a browser asks before a request that is not a simple one.
pub(super) async fn preflight() -> HttpResponse {
    let mut builder = HttpResponse::NoContent();
    for header in ALLOWED {
        builder.insert_header(header);
    }
    builder.finish()
}
