//! Catches what no handler should let through: a panic becomes an answer, not a cut connection.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use futures_util::FutureExt;

use crate::fault::{self, Fault};
use crate::problem::because;
use crate::routes::Dress;

/// Answers 500 in the surface's words when a handler panics. What the panic said goes nowhere.
/// Whatever the answer, the surface dresses it. It wraps each resource, behind the router: in front of it the request may not be held on to.
pub(crate) async fn guarded<B: MessageBody + 'static>(
    dress: Option<Dress>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let http_request = request.request().clone();
    let mut answered = match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(answered) => answered?.map_into_boxed_body(),
        Err(_panic) => {
            let response = fault::render(&http_request, Fault::Internal);
            let response = because("a handler panicked", response); // The panic hook has logged where.
            ServiceResponse::new(http_request, response)
        }
    };
    if let Some(dress) = dress {
        dress(&mut answered);
    }
    Ok(answered)
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
    use actix_web::{App, HttpResponse, web};
    use serde_json::{Value, json};

    use super::*;

    async fn fall_over() -> HttpResponse {
        panic!("the secret is hunter2")
    }

    #[actix_web::test]
    async fn threat_d13_a_panic_is_a_500_that_says_nothing_and_the_next_request_is_answered() {
        let resource = web::resource("/fall-over").route(web::get().to(fall_over));
        let resource = resource.wrap(from_fn(|request, next| guarded(None, request, next)));
        let app = init_service(App::new().service(resource)).await;
        for _ in 0..2 {
            let response = call_service(&app, TestRequest::get().uri("/fall-over").to_request()).await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let body: Value = read_body_json(response).await;
            assert_eq!(body, json!({"title": "Internal Server Error", "status": 500}));
        }
    }
}
