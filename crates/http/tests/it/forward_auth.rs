//! The question that a reverse proxy asks.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service};
use async_trait::async_trait;
use keyward_domain::Ports;
use keyward_domain::credentials::{
    AgentRecord, Credentials, KeyCredential, TokenStanding, TokenSubject, Uncached,
};
use keyward_domain::ids::{AgentId, KeyId, RequestId};
use keyward_domain::keys::KeyHandle;
use keyward_domain::request::RequestContext;
use keyward_domain::revocations::Subject;
use keyward_domain::store::StoreError;
use keyward_testkit::app::{Answer, Database, TestApp};
use keyward_testkit::builders::admin;
use keyward_testkit::domain::{TestDomain, alpha_bot};

use crate::fakes::state;

async fn ask(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    app.get("/forward-auth", headers).await
}

#[actix_web::test]
async fn every_kind_of_good_credential_is_let_through_with_its_identity() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let alpha = app.register("Alpha").await;
        let token = app.log_in(&alpha).await;

        let by_key = ask(&app, &[("x-api-key", &alpha.api_key)]).await;
        assert_eq!(by_key.status, 200);
        assert_eq!(by_key.header("x-keyward-account-id"), Some(alpha.account_id.as_str()));
        assert_eq!(by_key.header("x-keyward-credential"), Some("api-key"));
        assert_eq!(by_key.header("x-keyward-environment"), Some("live"));
        assert_eq!(by_key.header("x-keyward-agent-id"), None);

        let by_agent = ask(&app, &[("api-key", &alpha.agent_api_key)]).await;
        assert_eq!(by_agent.header("x-keyward-agent-id"), Some(alpha.agent_id.as_str()));

        let by_token = ask(&app, &[("authorization", &format!("Bearer {token}"))]).await;
        assert_eq!(by_token.header("x-keyward-credential"), Some("access-token"));
        assert_eq!(by_token.header("x-keyward-key-id"), by_key.header("x-keyward-key-id"));

        let key_as_bearer = ask(&app, &[("authorization", &format!("Bearer {}", alpha.agent_api_key))]).await;
        assert_eq!(key_as_bearer.header("x-keyward-agent-id"), Some(alpha.agent_id.as_str()));

        let both =
            [("x-api-key", alpha.agent_api_key.as_str()), ("authorization", &format!("Bearer {token}"))];
        assert_eq!(ask(&app, &both).await.header("x-keyward-agent-id"), Some(alpha.agent_id.as_str()));
    }
}

#[actix_web::test]
async fn every_method_is_answered_and_nothing_of_the_client_is_echoed() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = app.register("Alpha").await;
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
        let request = TestRequest::default().method(method.parse::<Method>().unwrap()).uri("/forward-auth");
        let request = request.insert_header(("x-api-key", alpha.api_key.as_str()));
        let answer = app.send(request.insert_header(("x-keyward-agent-id", "forged"))).await;
        assert_eq!((answer.status, answer.header("x-keyward-agent-id")), (200, None), "{method}");
    }
}

#[actix_web::test]
async fn every_other_credential_gets_one_and_the_same_401() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (alpha, beta) = (app.register("Alpha").await, app.register("Beta").await);
        let beta_token = format!("Bearer {}", app.log_in(&beta).await);
        let nothing = ask(&app, &[]).await;
        assert_eq!(nothing.status, 401);
        assert_eq!(nothing.header("www-authenticate"), Some("Bearer realm=\"keyward\""));
        let good = ("x-api-key", alpha.api_key.as_str());
        let refused: [&[(&str, &str)]; 7] = [
            &[("x-api-key", "garbage")],
            &[("x-api-key", &alpha.api_secret)],
            &[("authorization", "Bearer garbage")],
            &[good, ("authorization", "Bearer garbage")],
            &[good, ("authorization", &beta_token)],
            &[("x-api-key", "garbage"), ("authorization", &beta_token)],
            &[good, ("api-key", &beta.api_key)],
        ];
        for headers in refused {
            let answer = ask(&app, headers).await;
            assert_eq!(answer.without_limits(), nothing.without_limits(), "{headers:?}");
        }
        let wrong = ask(&app, &[("x-api-key", "garbage")]).await;
        suspend(&app, &beta.account_id).await;
        let suspended = ask(&app, &[("x-api-key", &beta.api_key)]).await;
        assert_eq!(suspended.without_request_id(), wrong.without_request_id());
        let suspended = ask(&app, &[("authorization", &beta_token)]).await;
        assert_eq!(suspended.without_request_id(), wrong.without_request_id());
    }
}

#[actix_web::test]
async fn an_account_may_name_one_of_its_agents() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (alpha, beta) = (app.register("Alpha").await, app.register("Beta").await);
        let bearer = format!("Bearer {}", app.log_in(&alpha).await);
        for credential in [("x-api-key", alpha.api_key.as_str()), ("authorization", &bearer)] {
            let answer = ask(&app, &[credential, ("X-AGENT-ID", &alpha.agent_id)]).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("x-keyward-agent-id"), Some(alpha.agent_id.as_str()));
            let empty = ask(&app, &[credential, ("x-agent-id", " ")]).await;
            assert_eq!((empty.status, empty.header("x-keyward-agent-id")), (200, None));
        }
        let bound = ("x-api-key", alpha.agent_api_key.as_str());
        for agent in [beta.agent_id.as_str(), "nobody", &alpha.agent_id] {
            let answer = ask(&app, &[bound, ("x-agent-id", agent)]).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("x-keyward-agent-id"), Some(alpha.agent_id.as_str()));
        }
    }
}

#[actix_web::test]
async fn threat_a1_every_agent_that_is_not_the_accounts_own_gets_one_and_the_same_403() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (alpha, beta) = (app.register("Alpha").await, app.register("Beta").await);
        let key = ("x-api-key", alpha.api_key.as_str());
        let foreign = ask(&app, &[key, ("x-agent-id", &beta.agent_id)]).await;
        assert_eq!((foreign.status, foreign.header("content-type")), (403, Some("application/problem+json")));
        for agent in ["0190b0c2-7c1e-7d3a-8f00-0123456789ab", "nobody", "%00", "\u{e9}"] {
            let answer = ask(&app, &[key, ("x-agent-id", agent)]).await;
            assert_eq!(answer.without_request_id(), foreign.without_request_id(), "{agent}");
        }
        let twice = TestRequest::get().uri("/forward-auth").insert_header(key);
        let twice = twice.append_header(("x-agent-id", alpha.agent_id.as_str()));
        let twice = app.send(twice.append_header(("x-agent-id", beta.agent_id.as_str()))).await;
        assert_eq!(twice.without_request_id(), foreign.without_request_id());
        let nobody = ask(&app, &[("x-api-key", "garbage"), ("x-agent-id", &alpha.agent_id)]).await;
        assert_eq!(nobody.status, 401);
    }
}

#[actix_web::test]
async fn an_agent_that_cannot_be_looked_up_is_503() {
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let credentials = Arc::new(NoAgents(Uncached::new(test.store.clone())));
    let app = init_service(keyward_http::app(state(&test, Ports { credentials, ..test.ports() }))).await;
    let request = TestRequest::get().uri("/forward-auth");
    let request = request.insert_header(("x-api-key", alpha.key.issued.text.expose().as_str()));
    let request = request.insert_header(("x-agent-id", AgentId::from_uuid(uuid::Uuid::nil()).to_string()));
    let answer = call_service(&app, request.to_request()).await;
    assert_eq!(answer.status().as_u16(), 503);
    assert!(answer.headers().contains_key("retry-after"));
}

/// Credentials of which the agents cannot be looked up.
struct NoAgents(Uncached);

#[async_trait]
impl Credentials for NoAgents {
    fn recall_key(&self, handle: KeyHandle) -> Option<KeyCredential> {
        self.0.recall_key(handle)
    }

    async fn find_key(&self, handle: KeyHandle) -> Result<Option<KeyCredential>, StoreError> {
        self.0.find_key(handle).await
    }

    fn recall_standing(&self, subject: TokenSubject) -> Option<TokenStanding> {
        self.0.recall_standing(subject)
    }

    async fn find_standing(&self, subject: TokenSubject) -> Result<TokenStanding, StoreError> {
        self.0.find_standing(subject).await
    }

    fn recall_agent(&self, _: AgentId) -> Option<AgentRecord> {
        None
    }

    async fn find_agent(&self, _: AgentId) -> Result<Option<AgentRecord>, StoreError> {
        Err(StoreError::Busy)
    }

    fn forget(&self, subject: Subject) {
        self.0.forget(subject);
    }

    fn key_used(&self, key: KeyId) {
        self.0.key_used(key);
    }

    async fn up_to_date(&self) -> Result<(), StoreError> {
        self.0.up_to_date().await
    }
}

async fn suspend(app: &TestApp, account: &str) {
    let context = RequestContext::of_ours(RequestId::from_uuid(uuid::Uuid::nil()));
    let actor = admin("test");
    app.domain().accounts.suspend(account.parse().unwrap(), &actor, &context).await.unwrap();
}
