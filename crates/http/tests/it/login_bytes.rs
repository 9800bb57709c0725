//! What a failed login gives away: nothing.

use keyward_testkit::app::{Answer, Database, TestApp};
use serde_json::json;

async fn user_login(app: &TestApp, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    app.post("/tradeready/api/v1/auth/user-login", &body).await.without_request_id()
}

#[actix_web::test]
async fn threat_e1_failed_logins_answer_with_the_same_bytes() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let alpha = app.register("Alpha").await;
        let no_password = json!({"display_name": "Beta", "email": "beta@example.com"});
        app.post("/tradeready/api/v1/auth/register", &no_password).await;
        let wrong = user_login(&app, &alpha.email, "not-the-password").await;
        assert_eq!(wrong.status, 401);
        assert_eq!(user_login(&app, "nobody@example.com", &alpha.password).await, wrong);
        assert_eq!(user_login(&app, "beta@example.com", &alpha.password).await, wrong);
    }
}

#[actix_web::test]
async fn threat_a1_a_foreign_an_unknown_and_an_unreadable_agent_answer_with_the_same_bytes() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (alpha, beta) = (app.register("Alpha").await, app.register("Beta").await);
        let mut answers = Vec::new();
        for agent in [beta.agent_id.as_str(), "0190b0c2-7c1e-7d3a-8f00-0123456789ab", "nobody", "%00", "{}"] {
            let headers = [("x-api-key", alpha.api_key.as_str()), ("X-AGENT-ID", agent)];
            answers.push(app.get("/tradeready/api/v1/account/info", &headers).await.without_request_id());
        }
        assert_eq!(answers[0].status, 403);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    }
}
