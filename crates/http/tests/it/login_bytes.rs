//! What a failed login gives away: nothing.

use actix_web::test::TestRequest;
use keyward_testkit::app::{Answer, Database, TestApp};
use serde_json::json;

/// Where somebody logs in with a password.
const LOGINS: [&str; 2] = ["/tradeready/api/v1/auth/user-login", "/trucore/auth/login"];

async fn log_in(app: &TestApp, path: &str, email: &str, password: &str) -> Answer {
    app.post(path, &json!({"email": email, "password": password})).await.without_request_id()
}

#[actix_web::test]
async fn threat_e1_failed_logins_answer_with_the_same_bytes() {
    for database in Database::BOTH {
        let app = TestApp::start(database).await;
        let (alpha, gamma) = (app.register("Alpha").await, app.register("Gamma").await);
        let no_password = json!({"display_name": "Beta", "email": "beta@example.com"});
        app.post("/tradeready/api/v1/auth/register", &no_password).await;
        let bearer = format!("Bearer {}", app.admin_key());
        let suspend = TestRequest::post().uri(&format!("/admin/v1/accounts/{}/suspend", gamma.account_id));
        assert_eq!(app.send(suspend.insert_header(("authorization", bearer))).await.status, 200);
        for path in LOGINS {
            let wrong = log_in(&app, path, &alpha.email, "not-the-password").await;
            assert_eq!(wrong.status, 401, "{path}");
            assert_eq!(log_in(&app, path, "nobody@example.com", &alpha.password).await, wrong, "{path}");
            assert_eq!(log_in(&app, path, "beta@example.com", &alpha.password).await, wrong, "{path}");
            assert_eq!(log_in(&app, path, &gamma.email, &alpha.password).await, wrong, "{path}");
            assert_eq!(log_in(&app, path, &gamma.email, &gamma.password).await.status, 403, "{path}");
        }
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
