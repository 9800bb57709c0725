//! What an account has booked.

use keyward_domain::accounts::Plan;
use keyward_domain::request::RequestContext;
use keyward_testkit::app::{Database, TestApp};
use keyward_testkit::builders::admin;

use super::client::{get, left, register};

#[actix_web::test]
async fn a_change_of_plan_is_a_fresh_bucket_of_the_new_size_on_the_next_request() {
    for database in Database::BOTH {
        let toml = "[limits]\nforward_auth_free = 2\nforward_auth_pro = 5\n";
        let app = TestApp::with_limits(database, toml).await;
        let alpha = register(&app, "192.0.2.1", "Alpha", None).await;
        let key = [("x-api-key", alpha.api_key.as_str())];
        let check = async || {
            let answer = get(&app, "192.0.2.1", "/forward-auth", &key).await;
            (answer.status, left(&answer))
        };
        assert_eq!(
            [check().await, check().await, check().await],
            [(200, (2, 1)), (200, (2, 0)), (429, (2, 0))]
        );
        let context = RequestContext::of_ours(keyward_domain::ids::RequestId::from_uuid(uuid::Uuid::nil()));
        let id = alpha.account_id.parse().unwrap();
        app.domain().accounts.set_plan(id, Plan::Pro, &admin("test"), &context).await.unwrap();
        assert_eq!(check().await, (200, (5, 4)));
    }
}
