//! What is Agora's alone, beyond what its transcripts show.

mod cross_origin;
mod session;
mod supply;

use actix_web::test::TestRequest;
use keyward_testkit::app::{Answer, TestApp};
use serde_json::json;

pub(crate) const TOKEN: &str = "/agora/v0/auth/token";
pub(crate) const ACCOUNTS: &str = "/agora/v0/accounts";

/// An organization: its account's id, and its key.
pub(crate) async fn organization(app: &TestApp, name: &str) -> (String, String) {
    let request = TestRequest::post().uri("/admin/v1/organizations").set_json(json!({"name": name}));
    let answer = app.send(request.insert_header(bearing(&app.admin_key()))).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    (answer.text("/account_id"), answer.text("/api_key"))
}

pub(crate) async fn exchange(app: &TestApp, key: &str) -> Answer {
    app.send(TestRequest::post().uri(TOKEN).insert_header(bearing(key))).await
}

/// A session JWT for the key.
pub(crate) async fn session(app: &TestApp, key: &str) -> String {
    exchange(app, key).await.text("/sessionJwt")
}

pub(crate) async fn accounts(app: &TestApp, token: &str) -> Answer {
    app.send(TestRequest::get().uri(ACCOUNTS).insert_header(bearing(token))).await
}

pub(crate) fn bearing(secret: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {secret}"))
}

/// The status, and why, where nobody was recognised.
fn verdict(answer: &Answer) -> (u16, Option<String>) {
    let reason =
        answer.json().pointer("/context/reason").and_then(|reason| reason.as_str().map(str::to_owned));
    (answer.status, reason)
}
