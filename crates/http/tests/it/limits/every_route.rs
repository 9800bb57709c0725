//! No route without a limit that is kept.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use keyward_http::{CredentialKind, RouteLimit, RouteRow, route_table};
use keyward_testkit::app::{Database, Persona, TestApp};
use serde_json::json;

use super::client::{LOGIN, from, post, register};

/// One of everything, but of what the tests themselves need more of.
const ONE: &str = "[limits]\nanonymous = 1\noperations = 1\nadmin = 1\nforward_auth_free = 1\n\
    [limits.tradeready]\ngeneral = 1\nregister = 1\nlogin = 1\nmail = 1\nconfirm = 1\n\
    [limits.trucore]\ngeneral = 1\nsignup = 1\nlogin = 1\nmail = 1\nconfirm = 1\n\
    [limits.agora]\ngeneral = 1\n\
    [limits.portal]\npages = 1\nsignup = 1\nlogin = 1\nmail = 1\nconfirm = 1\n";

#[actix_web::test]
async fn threat_g1_the_second_request_is_refused_at_every_route_that_has_a_limit_of_one() {
    let app = TestApp::with_limits(Database::Sqlite, ONE).await;
    for (number, row) in route_table().into_iter().enumerate() {
        // Networks of this route's own: one to make the account, one to log in, one to ask from.
        let address = |last: u8| format!("10.{}.{}.{last}", number / 256, number % 256);
        let account = register(&app, &address(1), &format!("Account{number}"), None).await;
        let header = header(&app, &address(2), &row, &account).await;
        let first = ask(&app, &address(3), &row, &account, header.as_ref()).await;
        assert_ne!(first, 429, "{}", row.path);
        let second = ask(&app, &address(3), &row, &account, header.as_ref()).await;
        match row.limit {
            RouteLimit::Free(_) => assert_eq!(second, first, "{}", row.path),
            RouteLimit::PerNetwork(_)
            | RouteLimit::Guarded { .. }
            | RouteLimit::PerAccount(_)
            | RouteLimit::PerKey(_) => {
                assert_eq!(second, 429, "{}", row.path);
            }
        }
    }
}

async fn header(
    app: &TestApp,
    address: &str,
    row: &RouteRow,
    account: &Persona,
) -> Option<(&'static str, String)> {
    match row.credentials.first()? {
        CredentialKind::AdminKey => Some(("authorization", format!("Bearer {}", app.admin_key()))),
        CredentialKind::AccountToken => {
            let body = json!({"api_key": account.api_key, "api_secret": account.api_secret});
            let token = post(app, address, LOGIN, &body).await.text("/token");
            Some(("authorization", format!("Bearer {token}")))
        }
        CredentialKind::BearerKey => Some(("authorization", format!("Bearer {}", account.api_key))),
        CredentialKind::Session => None, // Its network is limited before anybody looks for it.
        CredentialKind::AccountKey | CredentialKind::AgentKey | CredentialKind::AgentToken => {
            Some(("x-api-key", account.api_key.clone()))
        }
    }
}

async fn ask(
    app: &TestApp,
    address: &str,
    row: &RouteRow,
    account: &Persona,
    header: Option<&(&'static str, String)>,
) -> u16 {
    let method = if row.methods == ["ANY"] { Method::GET } else { row.methods[0].parse().unwrap() };
    let path = row.path.replace("{account_id}", &account.account_id).replace("{agent_id}", &account.agent_id);
    let path = path.replace("{key_id}", &account.agent_id);
    let mut request = from(address, TestRequest::with_uri(&path).method(method)).set_json(json!({}));
    if let Some((name, value)) = header {
        request = request.insert_header((*name, value.as_str()));
    }
    app.send(request).await.status
}
