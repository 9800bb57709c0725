//! Hashing that is slow, or busy: who waits for it, and who does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::http::header;
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use async_trait::async_trait;
use futures_util::FutureExt;
use keyward_domain::Ports;
use keyward_domain::accounts::{
    NewPassword, Password, PasswordError, PasswordHash, PasswordHasher, PasswordVerdict, UnusableHash,
};
use keyward_testkit::domain::{ALPHA_PASSWORD, TestDomain, alpha_bot};
use keyward_testkit::passwords::FakePasswordHasher;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::fakes::state;

/// Hashes nothing until it is let go.
struct Blocked {
    gate: Semaphore,
    asked: AtomicUsize,
    then: Arc<FakePasswordHasher>,
}

impl Blocked {
    async fn wait(&self) {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
    }
}

#[async_trait]
impl PasswordHasher for Blocked {
    async fn hash(&self, password: &NewPassword) -> Result<PasswordHash, PasswordError> {
        self.wait().await;
        self.then.hash(password).await
    }

    async fn rehash(&self, password: &Password) -> Result<PasswordHash, PasswordError> {
        self.wait().await;
        self.then.rehash(password).await
    }

    fn check(&self, foreign: &PasswordHash) -> Result<(), UnusableHash> {
        self.then.check(foreign)
    }

    async fn expect(&self, stored: &[PasswordHash]) {
        self.then.expect(stored).await;
    }

    async fn verify<'a>(
        &self,
        password: &Password,
        stored: Option<&'a PasswordHash>,
    ) -> Result<PasswordVerdict, PasswordError> {
        self.wait().await;
        self.then.verify(password, stored).await
    }
}

fn password_login() -> TestRequest {
    let body = json!({"email": "alpha@example.com", "password": ALPHA_PASSWORD});
    TestRequest::post().uri("/tradeready/api/v1/auth/user-login").set_json(body)
}

#[actix_web::test]
async fn threat_d1_nothing_but_passwords_waits_for_hashing() {
    const LOGINS: usize = 50;
    let test = TestDomain::new();
    let alpha = test.register(alpha_bot()).await;
    let hasher = Arc::new(Blocked {
        gate: Semaphore::new(0),
        asked: AtomicUsize::new(0),
        then: test.passwords.clone(),
    });
    let ports = Ports { passwords: hasher.clone(), ..test.ports() };
    let app = init_service(keyward_http::app(state(&test, ports))).await;
    let mut logins: Vec<_> =
        (0..LOGINS).map(|_| Box::pin(call_service(&app, password_login().to_request()))).collect();
    while hasher.asked.load(Ordering::SeqCst) < LOGINS {
        for login in &mut logins {
            assert!(login.now_or_never().is_none());
        }
    }

    let key = alpha.key.issued.text.expose().as_str();
    let secret = alpha.key.login_secret.as_ref().unwrap().expose().as_str();
    let login = TestRequest::post()
        .uri("/tradeready/api/v1/auth/login")
        .set_json(json!({"api_key": key, "api_secret": secret}));
    let answer = call_service(&app, login.to_request()).await;
    assert_eq!(answer.status(), 200);
    let token = read_body_json::<Value, _>(answer).await["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    for (path, credential) in [
        ("/health", None),
        ("/ready", None),
        ("/.well-known/jwks.json", None),
        ("/forward-auth", Some(("x-api-key", key))),
        ("/forward-auth", Some(("authorization", bearer.as_str()))),
        ("/tradeready/api/v1/account/info", Some(("x-api-key", key))),
    ] {
        let request = TestRequest::get().uri(path);
        let request = match credential {
            Some(header) => request.insert_header(header),
            None => request,
        };
        assert_eq!(call_service(&app, request.to_request()).await.status(), 200, "{path}");
    }
    let without_password =
        TestRequest::post().uri("/tradeready/api/v1/auth/register").set_json(json!({"display_name": "Beta"}));
    assert_eq!(call_service(&app, without_password.to_request()).await.status(), 201);

    assert_eq!(hasher.asked.load(Ordering::SeqCst), LOGINS, "only they asked");
    for login in &mut logins {
        assert!(login.now_or_never().is_none(), "and they wait still");
    }
    hasher.gate.add_permits(LOGINS);
    for login in logins {
        assert_eq!(login.await.status(), 200);
    }
}

#[actix_web::test]
async fn threat_d1_a_busy_pool_is_503_with_a_time_to_come_back() {
    let test = TestDomain::new();
    test.register(alpha_bot()).await;
    let app = init_service(keyward_http::app(state(&test, test.ports()))).await;
    test.passwords.be_busy_after(0);
    let body =
        json!({"display_name": "Gamma", "email": "gamma@example.com", "password": "my-other-password"});
    let register = TestRequest::post().uri("/tradeready/api/v1/auth/register").set_json(body);
    for request in [password_login(), register] {
        let answer = call_service(&app, request.to_request()).await;
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers().get(header::RETRY_AFTER).unwrap(), "1");
    }
    test.passwords.recover();
    assert_eq!(call_service(&app, password_login().to_request()).await.status(), 200);
}
