//! TradeReady's agents: what outlasts one request.

use std::collections::BTreeSet;

use actix_web::test::TestRequest;
use keyward_domain::store::StoreError;
use keyward_testkit::app::{Answer, Database, Persona, TestApp};
use keyward_testkit::domain::{TestDomain, alpha_bot, one_hour};
use serde_json::{Value, json};

use crate::fakes::state;

const AGENTS: &str = "/tradeready/api/v1/agents";
const INFO: &str = "/tradeready/api/v1/account/info";

/// An account with a token, and what it asks by it.
pub(crate) struct Manager {
    pub(crate) persona: Persona,
    bearer: String,
}

impl Manager {
    pub(crate) async fn register(app: &TestApp, name: &str) -> Self {
        let persona = app.register(name).await;
        let bearer = format!("Bearer {}", app.log_in(&persona).await);
        Self { persona, bearer }
    }

    /// Asks below `/agents`, with a JSON body where there is one.
    pub(crate) async fn ask(&self, app: &TestApp, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = TestRequest::default().method(method.parse().unwrap()).uri(&format!("{AGENTS}{path}"));
        let request = request.insert_header(("authorization", self.bearer.as_str()));
        app.send(match body {
            Some(body) => request.set_json(body),
            None => request,
        })
        .await
    }

    pub(crate) async fn own(&self, app: &TestApp) -> Value {
        self.ask(app, "GET", &format!("/{}", self.persona.agent_id), None).await.json()
    }
}

async fn status_of(app: &TestApp, key: &str) -> u16 {
    app.get(INFO, &[("x-api-key", key)]).await.status
}

#[actix_web::test]
async fn an_ended_agent_s_key_is_refused_on_the_next_request() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        for (method, end) in [("POST", "/archive"), ("DELETE", "")] {
            let alpha = Manager::register(&app, &format!("Alpha{method}")).await;
            let (key, id) = (&alpha.persona.agent_api_key, &alpha.persona.agent_id);
            assert_eq!(status_of(&app, key).await, 200);
            let ended = alpha.ask(&app, method, &format!("/{id}{end}"), None).await;
            assert!(ended.status == 200 || ended.status == 204, "{ended:?}");
            assert_eq!(status_of(&app, key).await, 401, "{method} {end}");
            let selected = [("x-api-key", alpha.persona.api_key.as_str()), ("x-agent-id", id.as_str())];
            assert_eq!(app.get(INFO, &selected).await.status, 403, "{method} {end}");
            assert_eq!(status_of(&app, &alpha.persona.api_key).await, 200);
        }
    }
}

#[actix_web::test]
async fn threat_k5_of_regenerations_at_once_one_key_survives() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let alpha = Manager::register(&app, "Alpha").await;
        let path = format!("/{}/regenerate-key", alpha.persona.agent_id);
        let asked = (0..16).map(|_| alpha.ask(&app, "POST", &path, None));

        let answers = futures_util::future::join_all(asked).await;

        let mut alive = 0;
        for answer in &answers {
            match answer.status {
                200 => alive += usize::from(status_of(&app, &answer.text("/api_key")).await == 200),
                409 => assert_eq!(answer.text("/error/code"), "CONFLICT"),
                status => panic!("{status}: {answer:?}"),
            }
        }
        assert_eq!(alive, 1, "{database:?}");
        assert_eq!(status_of(&app, &alpha.persona.agent_api_key).await, 401);
        let again = alpha.ask(&app, "POST", &path, None).await;
        assert_eq!(status_of(&app, &again.text("/api_key")).await, 200);
    }
}

#[actix_web::test]
async fn a_drawn_picture_that_is_sent_back_stays_drawn() {
    let app = TestApp::start(Database::Sqlite).await;
    let (alpha, beta) = (Manager::register(&app, "Alpha").await, Manager::register(&app, "Beta").await);
    let path = format!("/{}", alpha.persona.agent_id);
    let drawn = alpha.own(&app).await["avatar_url"].clone();
    let renamed = json!({"display_name": "Zulu", "avatar_url": drawn});
    let renamed = alpha.ask(&app, "PUT", &path, Some(&renamed)).await;
    assert_eq!(renamed.status, 200);
    assert_ne!(renamed.json()["avatar_url"], drawn, "the initial is another");
    assert!(renamed.text("/avatar_url").starts_with("data:image/svg+xml,"));

    let foreign = json!({"avatar_url": beta.own(&app).await["avatar_url"]});
    let refused = alpha.ask(&app, "PUT", &path, Some(&foreign)).await;
    assert_eq!((refused.status, refused.text("/error/details/field").as_str()), (422, "avatar_url"));
}

#[actix_web::test]
async fn the_page_for_an_agent_names_the_public_url_and_no_secret() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = Manager::register(&app, "Alpha").await;
    let name = json!({"display_name": "[click](javascript:alert(1)) `x` <b>"});
    let path = format!("/{}", alpha.persona.agent_id);
    assert_eq!(alpha.ask(&app, "PUT", &path, Some(&name)).await.status, 200);
    let request = TestRequest::get().uri(&format!("{AGENTS}{path}/skill.md"));
    let request = request.insert_header(("authorization", alpha.bearer.as_str()));
    let answer = app.send(request.insert_header(("host", "evil.example"))).await;
    assert_eq!(answer.header("content-type"), Some("text/markdown; charset=utf-8"));
    let page = String::from_utf8(answer.body).unwrap();
    assert!(page.contains("http://127.0.0.1:8080/tradeready/api/v1"), "{page}");
    let key = &alpha.persona.agent_api_key;
    assert!(page.contains(&key[..12]) && !page.contains(&key[..13]), "{page}");
    assert!(!page.contains("evil.example") && !page.contains("](") && !page.contains("<b>"), "{page}");
}

#[actix_web::test]
async fn a_long_list_is_read_in_pages() {
    let app = TestApp::start(Database::Sqlite).await;
    let alpha = Manager::register(&app, "Alpha").await;
    for number in 0..4 {
        let body = json!({"display_name": format!("Agent {number}")});
        assert_eq!(alpha.ask(&app, "POST", "", Some(&body)).await.status, 201);
    }
    let mut seen = BTreeSet::new();
    for offset in [0, 2, 4] {
        let page = alpha.ask(&app, "GET", &format!("?limit=2&offset={offset}"), None).await.json();
        let agents = page["agents"].as_array().unwrap();
        assert_eq!(page["total"], agents.len());
        seen.extend(agents.iter().map(|agent| agent["id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen.len(), 5);
}

#[actix_web::test]
async fn threat_d5_an_outage_of_the_agents_is_503_and_never_a_verdict() {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let (key, secret) = (&registered.key.issued.text, registered.key.login_secret.as_ref().unwrap());
    let token = test.domain.tokens.exchange_key(key.expose(), secret.expose(), &one_hour()).await.unwrap();
    let service = actix_web::test::init_service(keyward_http::app(state(&test, test.ports()))).await;
    test.store.set_outage_of("AgentStore::find_profile", StoreError::Busy);
    test.store.set_outage_of("AgentStore::list", StoreError::Unavailable("gone".to_owned()));
    test.store.set_outage_of("AgentStore::create", StoreError::Busy);
    test.store.set_outage_of("AgentStore::delete", StoreError::Busy);
    let id = registered.agent.unwrap().0.id;
    let one = format!("{AGENTS}/{id}");
    for (method, path) in [
        ("GET", AGENTS),
        ("POST", AGENTS),
        ("GET", one.as_str()),
        ("PUT", &one),
        ("DELETE", &one),
        ("POST", &format!("{one}/archive")),
        ("POST", &format!("{one}/regenerate-key")),
    ] {
        let request = TestRequest::default().method(method.parse().unwrap()).uri(path);
        let request = request.insert_header(("authorization", format!("Bearer {}", token.text.expose())));
        let request = request.set_json(json!({"display_name": "Late"}));
        let answer = actix_web::test::call_service(&service, request.to_request()).await;
        assert_eq!(answer.status(), 503, "{method} {path}");
        assert!(answer.headers().contains_key("retry-after"), "{method} {path}");
    }
}
