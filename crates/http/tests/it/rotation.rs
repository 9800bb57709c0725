//! Signing keys rotate on two servers over one PostgreSQL: no valid token is refused, no deleted key's token accepted.

use std::time::Duration;

use keyward_domain::audit::Actor;
use keyward_domain::ids::RequestId;
use keyward_domain::request::RequestContext;
use keyward_domain::tokens::SigningAlgorithm;
use keyward_testkit::app::TestApp;
use keyward_testkit::postgres::PostgresDatabase;
use serde_json::Value;

/// Both servers have the same one.
const CONFIG: &str = "master_key = \"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"";
const ALGORITHM: &[SigningAlgorithm] = &[SigningAlgorithm::EdDsa];

struct Pair {
    one: TestApp,
    other: TestApp,
    _database: PostgresDatabase,
}

impl Pair {
    async fn start() -> Self {
        let database = PostgresDatabase::create();
        let one = TestApp::with_url(Some(database.url()), None, CONFIG).await;
        let other = TestApp::with_url(Some(database.url()), None, CONFIG).await;
        Self { one, other, _database: database }
    }

    fn advance(&self, by: Duration) {
        self.one.clock().advance(by);
        self.other.clock().advance(by);
    }

    async fn is_good_at_both(&self, token: &str) -> bool {
        status(&self.one, token).await == 200 && status(&self.other, token).await == 200
    }

    /// Waits until the other server publishes as many keys: the promise is a bound of one second.
    async fn publishes(&self, keys: usize) {
        let published = async {
            while published(&self.other).await != keys {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(1), published).await.expect("within a second");
    }
}

async fn status(app: &TestApp, token: &str) -> u16 {
    app.get("/forward-auth", &[("authorization", &format!("Bearer {token}"))]).await.status
}

/// How many keys of the algorithm are published.
async fn published(app: &TestApp) -> usize {
    let jwks = app.get("/.well-known/jwks.json", &[]).await.json();
    let keys = jwks["keys"].as_array().expect("keys").iter();
    keys.filter(|key| key["alg"] == ALGORITHM[0].as_str()).count()
}

fn context() -> RequestContext {
    RequestContext::of_ours(RequestId::from_uuid(uuid::Uuid::nil()))
}

fn kid(token: &str) -> String {
    use base64::Engine;
    let header = token.split('.').next().unwrap();
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn threat_j14_a_rotation_refuses_no_valid_token_on_any_server() {
    let pair = Pair::start().await;
    let alpha = pair.one.register("Alpha").await;
    let before = pair.one.log_in(&alpha).await;
    assert!(pair.is_good_at_both(&before).await);

    let next = pair.one.domain().signing_keys.rotate(ALGORITHM, &Actor::System, &context()).await.unwrap();
    assert_eq!(next.len(), 1);
    assert_eq!(published(&pair.one).await, 2, "published before the answer");
    pair.publishes(2).await;
    let meanwhile = pair.other.log_in(&alpha).await;
    assert_eq!(kid(&meanwhile), kid(&before), "published is not yet in use");

    pair.advance(Duration::from_secs(16 * 60));
    pair.one.jobs().rotate_signing_keys().await.unwrap();
    pair.other.jobs().rotate_signing_keys().await.unwrap();
    let after = pair.one.log_in(&alpha).await;
    assert_ne!(kid(&after), kid(&before));
    for token in [&before, &meanwhile, &after] {
        assert!(pair.is_good_at_both(token).await);
    }
    assert_eq!(published(&pair.one).await, 2, "the retired key goes on verifying");

    pair.advance(Duration::from_secs(32 * 86_400));
    pair.other.jobs().rotate_signing_keys().await.unwrap();
    assert_eq!(published(&pair.other).await, 1, "and is deleted when every token of it is over");
    let last = pair.other.log_in(&alpha).await;
    assert!(pair.is_good_at_both(&last).await);
}

#[actix_web::test]
async fn threat_j14_a_deleted_key_s_tokens_are_refused_at_once_and_elsewhere_within_a_second() {
    let pair = Pair::start().await;
    let alpha = pair.one.register("Alpha").await;
    let token = pair.one.log_in(&alpha).await;
    assert!(pair.is_good_at_both(&token).await);

    pair.one.domain().signing_keys.replace(ALGORITHM, &Actor::System, &context()).await.unwrap();

    assert_eq!(status(&pair.one, &token).await, 401);
    let refused = async {
        while status(&pair.other, &token).await != 401 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(1), refused).await.expect("within a second");
    let fresh = pair.one.log_in(&alpha).await;
    assert!(pair.is_good_at_both(&fresh).await);
}
