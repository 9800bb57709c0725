//! Clients at addresses of their own.

use std::net::IpAddr;

use actix_web::test::TestRequest;
use keyward_testkit::app::{Answer, Persona, TestApp};
use serde_json::{Value, json};

pub(super) const REGISTER: &str = "/tradeready/api/v1/auth/register";
pub(super) const LOGIN: &str = "/tradeready/api/v1/auth/login";
pub(super) const USER_LOGIN: &str = "/tradeready/api/v1/auth/user-login";
pub(super) const INFO: &str = "/tradeready/api/v1/account/info";

/// The request, from this address.
pub(super) fn from(address: &str, request: TestRequest) -> TestRequest {
    let address: IpAddr = address.parse().expect("an address");
    request.peer_addr((address, 1_234).into())
}

pub(super) async fn post(app: &TestApp, address: &str, path: &str, body: &Value) -> Answer {
    app.send(from(address, TestRequest::post().uri(path).set_json(body))).await
}

pub(super) async fn get(app: &TestApp, address: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = from(address, TestRequest::get().uri(path));
    app.send(headers.iter().fold(request, |request, header| request.append_header(*header))).await
}

/// An account that somebody made elsewhere.
pub(super) async fn register(app: &TestApp, address: &str, name: &str, password: Option<&str>) -> Persona {
    let email = format!("{}@example.com", name.to_lowercase());
    let body = json!({"display_name": name, "email": email, "password": password});
    let answer = post(app, address, REGISTER, &body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    Persona {
        account_id: answer.text("/account_id"),
        email,
        password: password.unwrap_or_default().to_owned(),
        api_key: answer.text("/api_key"),
        api_secret: answer.text("/api_secret"),
        agent_id: answer.text("/agent_id"),
        agent_api_key: answer.text("/agent_api_key"),
        mailed_token: String::new(),
    }
}

/// A header as a number.
pub(super) fn number(answer: &Answer, header: &str) -> u64 {
    let value = answer.header(header).unwrap_or_else(|| panic!("no {header} in {answer:?}"));
    value.parse().unwrap_or_else(|_| panic!("{header} is {value}"))
}

/// The answer's limit and how much of it is left.
pub(super) fn left(answer: &Answer) -> (u64, u64) {
    (number(answer, "x-ratelimit-limit"), number(answer, "x-ratelimit-remaining"))
}
