//! Nobody knows whether there is room.

use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use keyward_domain::Ports;
use keyward_domain::limits::LimitPolicy;
use keyward_domain::store::StoreError;
use keyward_testkit::domain::TestDomain;
use serde_json::{Value, json};

use super::client::{LOGIN, REGISTER, USER_LOGIN};
use crate::fakes::state;

#[actix_web::test]
async fn threat_d5_limits_that_cannot_be_looked_at_are_503_and_neither_a_pass_nor_a_429() {
    let test = TestDomain::new();
    let ports = Ports { limits: LimitPolicy::default(), ..test.ports() };
    let app = init_service(keyward_http::app(state(&test, ports))).await;
    let outages = [StoreError::Busy, StoreError::Unavailable("down".to_owned())];
    for outage in outages {
        test.limiter.fail_with(Some(outage));
        for (path, body) in [
            (REGISTER, json!({"display_name": "A"})),
            (LOGIN, json!({"api_key": "ak_live_x", "api_secret": "sk_live_x"})),
            (USER_LOGIN, json!({"email": "a@example.com", "password": "not-the-password"})),
        ] {
            let answer = call_service(&app, TestRequest::post().uri(path).set_json(body).to_request()).await;
            assert_eq!(answer.status().as_u16(), 503, "{path}");
            for header in ["retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"] {
                assert!(answer.headers().contains_key(header), "{path}: {header}");
            }
            let body: Value = read_body_json(answer).await;
            assert_eq!(body["error"]["code"], "SERVICE_UNAVAILABLE", "{path}");
        }
    }
    assert_eq!(test.passwords.work().verifies, 0);
    assert!(test.trail(None).await.is_empty());
    test.limiter.fail_with(None);
    let body = json!({"display_name": "A"});
    let answer = call_service(&app, TestRequest::post().uri(REGISTER).set_json(body).to_request()).await;
    assert_eq!(answer.status().as_u16(), 201);
}
