//! One story, told through each dialect: there is one domain behind them.
//!
//! Somebody registers, shows that the address is theirs, logs in, makes an agent and keys, uses them everywhere, and ends
//! them. What a vendor has no route for is done at the other's, with the first one's token. The trail is the same to the
//! last event, whoever told the story.
//!
//! An organization is made by an admin and has neither address nor password. Its story begins with a key that is exchanged,
//! and from there on it is the same.

use std::time::Duration;

use actix_web::test::TestRequest;
use keyward_domain::ids::AccountId;
use keyward_testkit::app::{Answer, Database, TestApp};
use keyward_testkit::mail::mailed_token;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::agora;

const EMAIL: &str = "alpha@example.com";
const PASSWORD: &str = "my-secure-password";
const CHOSEN: &str = "another-fine-password";

/// What each vendor calls the same thing.
struct Teller {
    name: &'static str,
    register: (&'static str, fn() -> Value),
    log_in: &'static str,
    verify: &'static str,
    forgot: (&'static str, fn() -> Value),
    reset: &'static str,
    /// What a key opens.
    with_key: &'static str,
    /// What a token opens.
    with_token: &'static str,
}

const TELLERS: [Teller; 2] = [
    Teller {
        name: "tradeready",
        register: (
            "/tradeready/api/v1/auth/register",
            || json!({"display_name": "alpha", "email": EMAIL, "password": PASSWORD}),
        ),
        log_in: "/tradeready/api/v1/auth/user-login",
        verify: "/tradeready/api/v1/auth/verify-email",
        forgot: ("/tradeready/api/v1/auth/forgot-password", || json!({"username": EMAIL})),
        reset: "/tradeready/api/v1/auth/reset-password",
        with_key: "/tradeready/api/v1/account/info",
        with_token: "/tradeready/api/v1/agents",
    },
    Teller {
        name: "trucore",
        register: ("/trucore/auth/signup", || json!({"email": EMAIL, "password": PASSWORD})),
        log_in: "/trucore/auth/login",
        verify: "/trucore/auth/verify-email/confirm",
        forgot: ("/trucore/auth/reset-password/request", || json!({"email": EMAIL})),
        reset: "/trucore/auth/reset-password/confirm",
        with_key: "/trucore/customer/whoami",
        with_token: "/trucore/dashboard/me",
    },
];

/// The app, and what somebody in the story does with it.
struct Story<'a> {
    app: &'a TestApp,
    teller: &'a Teller,
}

impl Story<'_> {
    /// A second later: events of one moment are in no order.
    fn wait(&self) {
        self.app.clock().advance(Duration::from_secs(1));
    }

    async fn post(&self, path: &str, token: Option<&str>, body: Value) -> Answer {
        self.wait();
        let mut request = TestRequest::post().uri(path).set_json(body);
        if let Some(token) = token {
            request = request.insert_header(("authorization", format!("Bearer {token}")));
        }
        let answer = self.app.send(request).await;
        assert!((200..300).contains(&answer.status), "{}: {path}: {answer:?}", self.teller.name);
        answer
    }

    async fn log_in(&self, password: &str) -> String {
        self.post(self.teller.log_in, None, json!({"email": EMAIL, "password": password}))
            .await
            .text("/token")
    }

    async fn mailed(&self) -> String {
        self.wait();
        mailed_token(self.app.send_mail().await.last().expect("a mail"))
    }

    /// How each dialect that takes a key, and the proxy's question, answer to it.
    async fn opened_by_key(&self, key: &str) -> Vec<u16> {
        let mut statuses = Vec::new();
        for path in TELLERS.iter().map(|teller| teller.with_key).chain(["/forward-auth"]) {
            statuses.push(self.app.get(path, &[("x-api-key", key)]).await.status);
        }
        statuses
    }

    /// How each dialect, and the proxy's question, answer to a token.
    async fn opened_by_token(&self, token: &str) -> Vec<u16> {
        let (mut statuses, bearer) = (Vec::new(), format!("Bearer {token}"));
        for path in TELLERS.iter().map(|teller| teller.with_token).chain([agora::ACCOUNTS, "/forward-auth"]) {
            statuses.push(self.app.get(path, &[("authorization", bearer.as_str())]).await.status);
        }
        statuses
    }

    /// How Agora answers to a key, and each dialect to the session that it is exchanged for.
    async fn exchanged(&self, key: &str) -> Vec<u16> {
        let answer = agora::exchange(self.app, key).await;
        match answer.status {
            200 => self.opened_by_token(&answer.text("/sessionJwt")).await,
            refused => vec![refused],
        }
    }

    /// Tells it; gives whose it was.
    async fn tell(&self) -> AccountId {
        let (register, body) = self.teller.register;
        let first_key = self.post(register, None, body()).await.text("/api_key");
        self.post(self.teller.verify, None, json!({"token": self.mailed().await})).await;
        let token = self.log_in(PASSWORD).await;
        self.tell_of_keys(&first_key, &token).await;

        let (forgot, body) = self.teller.forgot;
        self.post(forgot, None, body()).await;
        self.post(self.teller.reset, None, json!({"token": self.mailed().await, "new_password": CHOSEN}))
            .await;
        assert_eq!(self.opened_by_token(&token).await, [401; 4], "{}", self.teller.name);
        assert_eq!(self.opened_by_key(&first_key).await, [200; 3], "{}", self.teller.name);
        assert_eq!(self.exchanged(&first_key).await, [200; 4], "{}", self.teller.name);
        let token = self.log_in(CHOSEN).await;
        self.account(&token).await
    }

    /// Tells what an organization can do; gives whose it was.
    async fn tell_of_organization(&self) -> AccountId {
        self.wait();
        let (_, first_key) = agora::organization(self.app, "Alpha").await;
        let token = agora::session(self.app, &first_key).await;
        self.tell_of_keys(&first_key, &token).await;
        self.account(&token).await
    }

    async fn account(&self, token: &str) -> AccountId {
        let bearer = format!("Bearer {token}");
        let dashboard = self.app.get("/trucore/dashboard/me", &[("authorization", &bearer)]).await;
        let user = dashboard.text("/user_id");
        AccountId::from_uuid(Uuid::parse_str(user.trim_start_matches("usr_")).expect("an id"))
    }

    async fn tell_of_keys(&self, first_key: &str, token: &str) {
        // Each vendor's token opens what only another has.
        let agent = self.post("/tradeready/api/v1/agents", Some(token), json!({"name": "Beta"})).await;
        let key = self.post("/trucore/customer/keys", Some(token), json!({"label": "bot"})).await;
        let (agent, old) = (agent.text("/api_key"), key.text("/secret"));
        for (good, opens) in [(first_key, vec![200; 4]), (&agent, vec![403]), (&old, vec![200; 4])] {
            assert_eq!(self.opened_by_key(good).await, [200; 3], "{}", self.teller.name);
            assert_eq!(self.exchanged(good).await, opens, "{}", self.teller.name);
        }
        assert_eq!(self.opened_by_token(token).await, [200; 4], "{}", self.teller.name);
        let session = agora::session(self.app, &old).await;

        let rotate = format!("/trucore/customer/keys/{}/rotate", key.text("/key_id"));
        let rotated = self.post(&rotate, Some(token), json!({})).await;
        let new = rotated.text("/secret");
        assert_eq!(self.opened_by_key(&old).await, [401; 3], "{}", self.teller.name);
        assert_eq!(self.exchanged(&old).await, [401], "{}", self.teller.name);
        assert_eq!(self.opened_by_token(&session).await, [401; 4], "{}", self.teller.name);
        assert_eq!(self.opened_by_key(&new).await, [200; 3], "{}", self.teller.name);
        let session = agora::session(self.app, &new).await;
        let revoke = format!("/trucore/customer/keys/{}/revoke", rotated.text("/key_id"));
        self.post(&revoke, Some(token), json!({})).await;
        assert_eq!(self.opened_by_key(&new).await, [401; 3], "{}", self.teller.name);
        assert_eq!(self.opened_by_token(&session).await, [401; 4], "{}", self.teller.name);
    }
}

/// What was done, oldest first: by what kind of actor, to what kind of thing.
async fn trail(app: &TestApp, account: AccountId) -> Vec<String> {
    let mut events = app.domain().audit.page(Some(account), None, 100).await.expect("a trail");
    events.reverse();
    let kind = |text: &str| text.split(':').next().unwrap_or_default().to_owned();
    let told = |event: &keyward_domain::audit::AuditEvent| {
        assert!(app.domain().trail.is_intact(event));
        format!("{} {} {} {}", kind(&event.actor), event.action, kind(&event.target), event.outcome)
    };
    events.iter().map(told).collect()
}

#[actix_web::test]
async fn one_story_leaves_one_trail_whichever_dialect_tells_it() {
    for database in Database::BOTH {
        let mut trails = Vec::new();
        for teller in &TELLERS {
            let app = TestApp::start(database).await;
            let account = Story { app: &app, teller }.tell().await;
            trails.push(trail(&app, account).await);
        }
        assert_eq!(
            trails[0],
            [
                "anonymous account.registered account succeeded",
                "system account.verification_issued account succeeded",
                "account account.address_verified account succeeded",
                "account account.logged_in account succeeded",
                "account agent.created agent succeeded",
                "account key.created key succeeded",
                "account key.rotated key succeeded",
                "account key.revoked key succeeded",
                "system account.password_reset_issued account succeeded",
                "account account.password_reset account succeeded",
                "account account.logged_in account succeeded",
            ]
        );
        assert_eq!(trails[0], trails[1]);

        let app = TestApp::start(database).await;
        let organization = Story { app: &app, teller: &TELLERS[0] }.tell_of_organization().await;
        let mut told = trail(&app, organization).await;
        assert_eq!(told.remove(0), "admin account.registered account succeeded");
        assert_eq!(told, trails[0][4..8], "from the first token on it is the same story");
    }
}
