//! Agents of others, and members that nobody may set.

use actix_web::test::TestRequest;
use keyward_testkit::app::{Answer, Database, TestApp};
use serde_json::{Map, Value, json};

use crate::agents::Manager;

const UNKNOWN: &str = "0190b0c2-7c1e-7d3a-8f00-0123456789ab";

/// Every request about one agent.
const ABOUT_ONE: [(&str, &str); 12] = [
    ("GET", ""),
    ("PUT", ""),
    ("POST", "/clone"),
    ("POST", "/archive"),
    ("GET", "/api-key"),
    ("POST", "/regenerate-key"),
    ("GET", "/risk-profile"),
    ("PUT", "/risk-profile"),
    ("GET", "/skill.md"),
    ("POST", "/reset"),
    ("HEAD", ""),
    ("DELETE", ""),
];

fn body() -> Value {
    json!({"display_name": "Stolen", "max_position_size_pct": 1, "daily_loss_limit_pct": 1, "max_open_orders": 1})
}

#[actix_web::test]
async fn threat_a2_foreign_unknown_and_unreadable_agents_get_the_same_bytes() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (alpha, beta) = (Manager::register(&app, "Alpha").await, Manager::register(&app, "Beta").await);
        let deleted = alpha.ask(&app, "POST", "", Some(&body())).await.text("/agent_id");
        assert_eq!(alpha.ask(&app, "DELETE", &format!("/{deleted}"), None).await.status, 204);
        let foreign = &beta.persona.agent_id;
        let before = beta.own(&app).await;
        let long = "a".repeat(2_000);
        let simple = foreign.replace('-', "");
        let others = [foreign, UNKNOWN, &deleted, &simple, &alpha.persona.account_id, "null", "%00", &long];
        for (method, path) in ABOUT_ONE {
            let ask = async |id: &str| {
                let answer = alpha.ask(&app, method, &format!("/{id}{path}"), Some(&body())).await;
                answer.without_request_id()
            };
            let expected = ask(UNKNOWN).await;
            assert_eq!(expected.status, 404, "{method} {path}");
            for other in others {
                assert_eq!(ask(other).await, expected, "{method} {path} {other}");
            }
        }
        assert_eq!(beta.own(&app).await, before);
        assert_eq!(app.get("/forward-auth", &[("x-api-key", &beta.persona.agent_api_key)]).await.status, 200);
    }
}

#[actix_web::test]
async fn threat_a1_whatever_x_agent_id_names_but_an_own_agent_gets_the_same_bytes() {
    let app = TestApp::start(Database::Sqlite).await;
    let (alpha, beta) = (app.register("Alpha").await, app.register("Beta").await);
    let bearer = format!("Bearer {}", app.log_in(&alpha).await);
    let ask = async |path: &str, agent: &str| -> Answer {
        let headers = [("authorization", bearer.as_str()), ("x-agent-id", agent)];
        app.get(path, &headers).await.without_request_id()
    };
    let expected = ask("/tradeready/api/v1/account/info", &beta.agent_id).await;
    assert_eq!(expected.status, 403);
    for path in ["/tradeready/api/v1/agents", "/tradeready/api/v1/agents/nonsense"] {
        for agent in [beta.agent_id.as_str(), UNKNOWN, "nonsense", &alpha.account_id] {
            assert_eq!(ask(path, agent).await, expected, "{path} {agent}");
        }
    }
    assert_eq!(ask("/tradeready/api/v1/agents", &alpha.agent_id).await.status, 200);
}

/// Members that no request may set, in every spelling that some framework would take.
const PRIVILEGED: [&str; 44] = [
    "id",
    "agent_id",
    "agentId",
    "account_id",
    "accountId",
    "account",
    "owner",
    "owner_id",
    "tenant_id",
    "user_id",
    "status",
    "state",
    "archived",
    "is_archived",
    "active",
    "is_active",
    "deleted",
    "deleted_at",
    "environment",
    "env",
    "sandbox",
    "live",
    "epoch",
    "generation",
    "api_key",
    "apiKey",
    "key",
    "key_id",
    "key_prefix",
    "api_key_preview",
    "verifier",
    "secret",
    "created_at",
    "createdAt",
    "updated_at",
    "updatedAt",
    "role",
    "roles",
    "is_admin",
    "admin",
    "scopes",
    "permissions",
    "trust_tier",
    "plan",
];

fn privileged(values: &[Value]) -> Map<String, Value> {
    let value = |number: usize| values[number % values.len()].clone();
    PRIVILEGED.iter().enumerate().map(|(number, name)| ((*name).to_owned(), value(number))).collect()
}

#[actix_web::test]
async fn threat_a3_no_request_sets_what_only_the_server_may_set() {
    let app = TestApp::start(Database::Sqlite).await;
    let (alpha, beta) = (Manager::register(&app, "Alpha").await, Manager::register(&app, "Beta").await);
    let foreign = json!(beta.persona.account_id);
    let values =
        [foreign, json!("archived"), json!("sandbox"), json!(true), json!(7), json!({"id": UNKNOWN})];
    let own = alpha.own(&app).await;
    let path = format!("/{}", alpha.persona.agent_id);

    let updated = alpha.ask(&app, "PUT", &path, Some(&Value::Object(privileged(&values)))).await;
    assert_eq!((updated.status, updated.json()), (200, own.clone()));

    let mut create = privileged(&values);
    create.insert("display_name".to_owned(), json!("Second"));
    let cloned = format!("{path}/clone?{}", PRIVILEGED.map(|name| format!("{name}={UNKNOWN}")).join("&"));
    for (path, body) in [("", create.clone()), (cloned.as_str(), create)] {
        let made = alpha.ask(&app, "POST", path, Some(&Value::Object(body))).await;
        assert_eq!(made.status, 201, "{made:?}");
        let id = made.text("/agent_id");
        let agent = alpha.ask(&app, "GET", &format!("/{id}"), None).await.json();
        for member in ["account_id", "status", "created_at", "updated_at", "risk_profile", "llm_model"] {
            assert_eq!(agent[member], own[member], "{member}");
        }
        assert_ne!(id, UNKNOWN);
        let key = made.text("/api_key");
        let answer =
            app.send(TestRequest::get().uri("/forward-auth").insert_header(("x-api-key", key))).await;
        assert_eq!(answer.header("x-keyward-account-id"), Some(alpha.persona.account_id.as_str()));
        assert_eq!(answer.header("x-keyward-agent-id"), Some(id.as_str()));
        assert_eq!(answer.header("x-keyward-environment"), Some("live"));
    }
    let listed = beta.ask(&app, "GET", "?include_archived=true", None).await.json();
    assert_eq!(listed["total"], 1);
}
