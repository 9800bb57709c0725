//! Gives each request its id, its place in the trace, and its answer the headers that every answer carries.

use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::{ErrorInternalServerError, InternalError};
use actix_web::http::header::{CACHE_CONTROL, HeaderMap, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::web;
use keyward_domain::ids::RequestId;
use tracing::Instrument;
use tracing::field::Empty;

use super::unread::{Unread, closing_if_unread};
use crate::id_value::id_value;
use crate::limits::{self, Arrival};
use crate::metrics::{Running, Worker, method_name};
use crate::problem::problem;
use crate::state::State;

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Outermost middleware: makes the request's id (an inbound one is never taken over: it is another program's
/// word) and puts it on the answer as `X-Request-Id` and `Request-Id`.
pub(crate) async fn with_request_id<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let (Some(state), Some(worker)) =
        (request.app_data::<web::Data<State>>(), request.app_data::<Arc<Worker>>())
    else {
        return Err(ErrorInternalServerError("the surfaces are mounted without their state"));
    };
    let state = state.clone();
    let running = Running::begin(Arc::clone(worker));
    let now = state.clock.now();
    let id = RequestId::generate(now, &*state.entropy);
    let arrival = Arrival::new(id, now, state.proxies.client(request.head()));
    request.extensions_mut().insert(arrival);
    Unread::set_aside(&mut request);
    #[cfg(feature = "sabotage-leak-debug")]
    tracing::trace!(headers = ?request.headers(), "a request came");
    // Given out in error lines as well: the span is there for those who debug, and costs nothing where nobody does.
    let span = tracing::debug_span!(
        "request",
        request.id = %id,
        http.method = method_name(request.method()),
        account.id = Empty,
        agent.id = Empty,
    );
    let method = request.method().clone();
    match next.call(request).instrument(span.clone()).await {
        Ok(answered) => {
            let mut response = closing_if_unread(answered.map_into_boxed_body());
            let duration = running.answered(response.request(), response.status());
            span.in_scope(|| log(&response, id, duration));
            let arrival = Arrival::of(response.request()).unwrap_or(arrival);
            add_headers(response.headers_mut(), &arrival, &state);
            Ok(response)
        }
        Err(error) => {
            running.refused(&method, error.as_response_error().status_code());
            Err(span.in_scope(|| dressed(error, &arrival, &state)))
        }
    }
}

/// The error with an answer of its own that carries the headers. No service of ours fails so: handlers,
/// extractors and the guard answer. Whatever does is in front of them, and has taken the request with it.
fn dressed(error: actix_web::Error, arrival: &Arrival, state: &State) -> actix_web::Error {
    let status = error.as_response_error().status_code();
    tracing::error!(request.id = %arrival.id, http.status = status.as_u16(), cause = %error, "a request had no answer");
    let mut response = problem(status, None);
    add_headers(response.headers_mut(), arrival, state);
    InternalError::from_response(error, response).into()
}

/// One line for a request that was answered; the cause of a failure is logged here and nowhere else.
///
/// Security: the line names the route's template and one of the known methods. What the client sent in their place may
/// be a secret.
fn log(response: &ServiceResponse<BoxBody>, id: RequestId, duration: Duration) {
    // Called within the macros, which do so only if the line is wanted.
    let route = || response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    let micros = || u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    match response.response().error() {
        Some(cause) if status >= 500 => tracing::error!(
            request.id = %id,
            http.method = method_name(response.request().method()),
            http.route = route(),
            http.status = status,
            duration_us = micros(),
            %cause,
            "request failed"
        ),
        _ => tracing::debug!(
            http.route = route(),
            http.status = status,
            duration_us = micros(),
            "request answered"
        ),
    }
}

fn add_headers(headers: &mut HeaderMap, arrival: &Arrival, state: &State) {
    limits::describe(headers, || arrival.standing(state));
    let value = id_value(arrival.id.as_uuid().into_bytes());
    headers.insert(REQUEST_ID, value.clone());
    headers.insert(X_REQUEST_ID, value);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use actix_web::dev::Service;
    use actix_web::http::StatusCode;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, init_service};
    use actix_web::{App, HttpResponse};
    use keyward_domain::tokens::{JwkSet, PublishedKeys};
    use keyward_testkit::admin::{FakeAdmins, FakeDiagnostics};
    use keyward_testkit::domain::TestDomain;
    use keyward_testkit::sealer::FakeSealer;

    use super::*;
    use crate::admin::AdminApi;
    use crate::limits::TrustedProxies;
    use crate::metrics::Metrics;
    use crate::settings::{DialectsSettings, PortalSettings};

    struct NoKeys;

    impl PublishedKeys for NoKeys {
        fn jwks(&self) -> JwkSet {
            JwkSet { json: "{}".into(), fingerprint: "none".into() }
        }
    }

    fn state() -> web::Data<State> {
        let test = TestDomain::new();
        web::Data::new(State {
            domain: test.domain.clone(),
            health: test.store.clone(),
            published_keys: Arc::new(NoKeys),
            clock: test.clock.clone(),
            entropy: test.entropy.clone(),
            public_url: String::new(),
            github_url: String::new(),
            dialects: DialectsSettings::default(),
            portal: PortalSettings::default(),
            proxies: TrustedProxies::default(),
            cursors: Arc::new(FakeSealer::new(1)),
            supply: Arc::default(),
            admin: AdminApi {
                authenticator: Arc::new(FakeAdmins),
                diagnostics: Arc::new(FakeDiagnostics),
                master_keys: test.own_master_keys(),
                page_size: 50,
            },
            metrics: Metrics::default(),
        })
    }

    async fn fail(
        _: ServiceRequest,
        _: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
        Err(ErrorInternalServerError("the secret is hunter2"))
    }

    #[actix_web::test]
    async fn an_error_without_an_answer_gets_one_with_the_headers_and_without_the_cause() {
        let state = state();
        let worker = state.metrics.traffic.worker();
        let app =
            App::new().app_data(state).app_data(worker).wrap(from_fn(fail)).wrap(from_fn(with_request_id));
        let app = init_service(app.default_service(web::to(HttpResponse::Ok))).await;
        let error = app.call(TestRequest::get().to_request()).await.unwrap_err();
        let response = error.error_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        for header in
            ["x-ratelimit-limit", "request-id", "x-request-id", "x-content-type-options", "cache-control"]
        {
            assert!(response.headers().contains_key(header), "{header}");
        }
        let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
        assert!(!body.windows(6).any(|window| window == b"hunter"));
    }
}
