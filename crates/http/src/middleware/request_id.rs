//! Gives each request its id, its place in the trace, and its answer the headers that every answer carries.

use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::web;
use keyward_domain::ids::RequestId;
use tracing::Instrument;

use crate::state::State;

/// Outermost middleware: makes the request's id (an inbound one is never taken over: it is another program's
/// word) and puts it on the answer as `X-Request-Id` and `Request-Id`.
pub(crate) async fn with_request_id<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(state) = request.app_data::<web::Data<State>>() else {
        return Err(ErrorInternalServerError("the surfaces are mounted without their state"));
    };
    let id = RequestId::generate(state.clock.now(), &*state.entropy);
    request.extensions_mut().insert(id);
    let span = tracing::info_span!("request", request.id = %id, http.method = %request.method());
    let mut response = next.call(request).instrument(span.clone()).await?.map_into_boxed_body();
    span.in_scope(|| log(&response));
    add_headers(response.headers_mut(), id);
    Ok(response)
}

/// One line for a request that was answered; the cause of a failure is logged here and nowhere else. The line
/// names the route's template, never the path: a path may hold a secret.
fn log(response: &ServiceResponse<BoxBody>) {
    let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    let status = response.status().as_u16();
    match response.response().error() {
        Some(cause) if status >= 500 => {
            tracing::error!(http.route = route, http.status = status, %cause, "request failed")
        }
        _ => tracing::debug!(http.route = route, http.status = status, "request answered"),
    }
}

fn add_headers(headers: &mut HeaderMap, id: RequestId) {
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(HeaderName::from_static("request-id"), value.clone());
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
