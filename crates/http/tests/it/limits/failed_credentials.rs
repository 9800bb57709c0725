//! What turns out to be no good.

use keyward_testkit::app::{Database, TestApp};

use super::client::{INFO, get, left, register};

const FEW: &str = "[limits]\nfailed_credentials = 3\n";
const GARBAGE: [(&str, &str); 3] = [
    ("x-api-key", "ak_live_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ("authorization", "Bearer eyJhbGciOiJub25lIn0.e30."),
    ("x-api-key", "garbage"),
];

#[actix_web::test]
async fn threat_g1_wrong_credentials_of_a_network_are_few_and_remembered_ones_get_in_beside_them() {
    for database in Database::BOTH {
        let app = TestApp::with_limits(database, FEW).await;
        let alpha = register(&app, "192.0.2.1", "Alpha", None).await;
        let beta = register(&app, "192.0.2.1", "Beta", None).await;
        let remembered = [("x-api-key", alpha.api_key.as_str())];
        assert_eq!(get(&app, "192.0.2.9", "/forward-auth", &remembered).await.status, 200);
        for (wrong, remaining) in GARBAGE.into_iter().zip((0..3).rev()) {
            let answer = get(&app, "192.0.2.9", "/forward-auth", &[wrong]).await;
            assert_eq!((answer.status, left(&answer)), (401, (3, remaining)));
        }
        // A good key that is not remembered is not looked for.
        let unknown_here = [("x-api-key", beta.api_key.as_str())];
        for path in ["/forward-auth", INFO] {
            for shown in [&[GARBAGE[0]][..], &[GARBAGE[1]], &[GARBAGE[2]], &unknown_here] {
                let refused = get(&app, "192.0.2.9", path, shown).await;
                assert_eq!((refused.status, left(&refused)), (429, (3, 0)), "{path} {shown:?}");
                assert_eq!(refused.header("retry-after"), Some("20"));
            }
            assert_eq!(get(&app, "192.0.2.9", path, &remembered).await.status, 200, "{path}");
        }
        assert_eq!(get(&app, "192.0.2.8", "/forward-auth", &unknown_here).await.status, 200);
        assert_eq!(
            get(&app, "192.0.2.9", "/forward-auth", &unknown_here).await.status,
            200,
            "remembered now"
        );
    }
}

#[actix_web::test]
async fn good_credentials_take_nothing_from_what_is_for_wrong_ones() {
    let app = TestApp::with_limits(Database::Sqlite, FEW).await;
    let alpha = register(&app, "192.0.2.1", "Alpha", None).await;
    let key = [("x-api-key", alpha.api_key.as_str())];
    for _ in 0..20 {
        assert_eq!(get(&app, "192.0.2.9", "/forward-auth", &key).await.status, 200);
    }
    assert_eq!(left(&get(&app, "192.0.2.9", "/forward-auth", &[GARBAGE[0]]).await), (3, 2));
}

#[actix_web::test]
async fn threat_g1_wrong_admin_keys_of_a_network_are_few_and_a_right_one_gets_in() {
    let app = TestApp::with_limits(Database::Sqlite, "").await;
    let ask =
        async |shown: &str| get(&app, "192.0.2.9", "/admin/v1/accounts", &[("authorization", shown)]).await;
    for remaining in (0..10).rev() {
        let answer = ask("Bearer guessed").await;
        assert_eq!((answer.status, left(&answer)), (401, (10, remaining)));
    }
    for shown in ["Bearer guessed", "Basic x", ""] {
        let refused = ask(shown).await;
        assert_eq!((refused.status, left(&refused)), (429, (10, 0)), "{shown}");
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
        assert_eq!(refused.header("retry-after"), Some("6"));
    }
    let right = ask(&format!("Bearer {}", app.admin_key())).await;
    assert_eq!((right.status, left(&right).0), (200, 600));
}
