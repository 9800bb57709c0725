//! A port that falls over, behind the whole app.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use keyward_domain::Ports;
use keyward_domain::time::Instant;
use keyward_domain::tokens::{AccessToken, TokenRejected, TokenVerifier};
use keyward_testkit::domain::{TestDomain, alpha_bot};
use serde_json::{Value, json};

use crate::fakes::state;

struct Falling;

impl TokenVerifier for Falling {
    fn verify(&self, _: &str, _: Instant) -> Result<AccessToken, TokenRejected> {
        panic!("the secret is hunter2")
    }
}

#[actix_web::test]
async fn threat_d13_a_panic_behind_any_route_is_a_500_in_its_words_and_the_next_request_is_served() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let ports = Ports { verifier: Arc::new(Falling), ..test.ports() };
    let app = init_service(keyward_http::app(state(&test, ports))).await;
    let problem = json!({"title": "Internal Server Error", "status": 500});
    let envelope = json!({"error": {"code": "INTERNAL_ERROR", "message": "An unexpected error occurred."}});
    for (path, body) in [
        ("/forward-auth", &problem),
        ("/tradeready/api/v1/account/info", &envelope),
        ("/api/v1/account/info", &envelope),
    ] {
        let request = TestRequest::get().uri(path).insert_header(("authorization", "Bearer whatever"));
        let answer = call_service(&app, request.to_request()).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        for header in ["request-id", "x-request-id", "x-ratelimit-limit", "x-ratelimit-reset"] {
            assert!(answer.headers().contains_key(header), "{path} {header}");
        }
        assert_eq!(read_body_json::<Value, _>(answer).await, *body, "{path}");

        let key = alpha.key.issued.text.expose().as_str();
        let next = TestRequest::get().uri("/forward-auth").insert_header(("x-api-key", key));
        assert_eq!(call_service(&app, next.to_request()).await.status(), StatusCode::OK, "after {path}");
    }
}
