//! One good request for each route of the app.
//!
//! **A new route gets one line here**: its method, its path as the route table has it (`docs/dialects.md` shows the
//! table), and, if it reads a body, a body that is good. Nothing is said about who may call it: that is in the
//! route table, and `coverage/matrix.rs` asks as everybody. Parameters of the path are filled in by `Asker::fill`,
//! from the account that the request is about; so a body may name that account's things too.
//!
//! Each request is about an account that was made for it alone, so a case may end the account or the agent.

use std::sync::atomic::{AtomicU32, Ordering};

use keyward_testkit::app::Persona;
use serde_json::{Value, json};

pub(crate) const CASES: &[Case] = &[
    // Operations.
    get("/health"),
    get("/ready"),
    get("/.well-known/jwks.json"),
    get("/metrics"),
    get("/openapi.json"),
    get("/docs"),
    get("/docs.css"),
    any("/forward-auth"),
    // The admin API.
    post("/admin/v1/organizations", |_| json!({"name": "Acme"})),
    get("/admin/v1/accounts"),
    delete("/admin/v1/accounts/{account_id}"),
    post("/admin/v1/accounts/{account_id}/suspend", |_| json!({})),
    post("/admin/v1/accounts/{account_id}/resume", |_| json!({})),
    post("/admin/v1/accounts/{account_id}/archive", |_| json!({})),
    put("/admin/v1/accounts/{account_id}/plan", |_| json!({"plan": "pro"})),
    get("/admin/v1/keys"),
    delete("/admin/v1/keys/{key_id}"),
    post("/admin/v1/signing-keys/rotate", |_| json!({})),
    post("/admin/v1/signing-keys/replace", |_| json!({"dialect": "tradeready"})),
    get("/admin/v1/master-key"),
    // In this order, as in the table: what is rotated is called off.
    post("/admin/v1/master-key/finish", |_| json!({})),
    post("/admin/v1/master-key/rotate", |_| json!({})),
    post("/admin/v1/master-key/cancel", |_| json!({})),
    post("/admin/v1/imports/users", |_| json!({"users": [{"email": "imported@example.com"}]})),
    post("/admin/v1/imports/keys", |_| json!({"keys": []})),
    // PostgreSQL has tools of its own for that.
    post("/admin/v1/backups", |_| json!({})).refused_with(409),
    get("/admin/v1/audit"),
    get("/admin/v1/diagnostics"),
    // The portal.
    get("/"),
    get("/signup"),
    form("/signup", |own| {
        let email = format!("new-{}", own.email);
        vec![("name", "Newcomer".to_owned()), ("email", email), ("password", PASSWORD.to_owned())]
    }),
    get("/login"),
    form("/login", |own| vec![("email", own.email.clone()), ("password", own.password.clone())])
        .with_password(),
    form("/logout", |_| Vec::new()).while_suspended(),
    get("/verify-email").mailed(Mailed::Verification),
    form("/verify-email", |own| vec![("token", own.mailed_token.clone())]).mailed(Mailed::Verification),
    form("/verify-email/take-over", |own| {
        vec![("token", own.mailed_token.clone()), ("password", PASSWORD.to_owned())]
    })
    .mailed(Mailed::Verification),
    get("/forgot-password"),
    form("/forgot-password", |own| vec![("email", own.email.clone())]),
    get("/reset-password").mailed(Mailed::Reset),
    form("/reset-password", |own| {
        vec![("token", own.mailed_token.clone()), ("password", PASSWORD.to_owned())]
    })
    .mailed(Mailed::Reset),
    get("/dashboard"),
    form("/dashboard/verification", |_| Vec::new()),
    get("/dashboard/password"),
    form("/dashboard/password", |own| {
        vec![("present", own.password.clone()), ("password", PASSWORD.to_owned())]
    })
    .with_password(),
    get("/dashboard/end-tokens"),
    form("/dashboard/end-tokens", |_| Vec::new()),
    get("/dashboard/keys/new"),
    get("/dashboard/keys"),
    form("/dashboard/keys", |_| {
        [("label", "a"), ("purpose", "api"), ("expires", "30"), ("access", "some"), ("scope", "account:read")]
            .map(|(name, value)| (name, value.to_owned()))
            .to_vec()
    }),
    get("/dashboard/keys/{key_id}/rotate"),
    form("/dashboard/keys/{key_id}/rotate", |_| vec![("grace", "3600".to_owned())]),
    get("/dashboard/keys/{key_id}/revoke"),
    form("/dashboard/keys/{key_id}/revoke", |_| Vec::new()),
    get("/portal.css"),
    get("/portal.js"),
    get("/portal.svg"),
    // TradeReady: accounts and tokens.
    get("/tradeready/health"),
    post("/tradeready/api/v1/auth/register", |_| json!({"display_name": "Newcomer"})),
    post(
        "/tradeready/api/v1/auth/login",
        |own| json!({"api_key": own.api_key, "api_secret": own.api_secret}),
    ),
    post("/tradeready/api/v1/auth/user-login", |own| json!({"email": own.email, "password": own.password}))
        .with_password(),
    post("/tradeready/api/v1/auth/forgot-password", |own| json!({"username": own.email})),
    post("/tradeready/api/v1/auth/reset-password", new_password).mailed(Mailed::Reset),
    post("/tradeready/api/v1/auth/verify-email", |own| json!({"token": own.mailed_token}))
        .mailed(Mailed::Verification),
    get("/tradeready/api/v1/account/info"),
    // TradeReady: agents.
    get("/tradeready/api/v1/agents"),
    post("/tradeready/api/v1/agents", |_| json!({"display_name": "Second"})),
    get("/tradeready/api/v1/agents/overview"),
    get("/tradeready/api/v1/agents/{agent_id}"),
    put("/tradeready/api/v1/agents/{agent_id}", |_| json!({"display_name": "Renamed"})),
    delete("/tradeready/api/v1/agents/{agent_id}"),
    post("/tradeready/api/v1/agents/{agent_id}/clone", |_| json!({})),
    post("/tradeready/api/v1/agents/{agent_id}/archive", |_| json!({})),
    get("/tradeready/api/v1/agents/{agent_id}/api-key"),
    post("/tradeready/api/v1/agents/{agent_id}/regenerate-key", |_| json!({})),
    get("/tradeready/api/v1/agents/{agent_id}/risk-profile"),
    put(
        "/tradeready/api/v1/agents/{agent_id}/risk-profile",
        |_| json!({"max_position_size_pct": 1, "daily_loss_limit_pct": 1, "max_open_orders": 1}),
    ),
    get("/tradeready/api/v1/agents/{agent_id}/skill.md"),
    post("/tradeready/api/v1/agents/{agent_id}/reset", |_| json!({})),
    // TruCore: accounts, mail and passwords.
    get("/trucore/health"),
    post("/trucore/auth/signup", |_| newcomer()),
    post("/trucore/auth/login", |own| json!({"email": own.email, "password": own.password})).with_password(),
    post("/trucore/auth/verify-email/request", |_| json!({})),
    post("/trucore/auth/verify-email/confirm", |own| json!({"token": own.mailed_token}))
        .mailed(Mailed::Verification),
    get("/trucore/auth/verify-email/status"),
    post("/trucore/auth/reset-password/request", |own| json!({"email": own.email})),
    post("/trucore/auth/reset-password/confirm", new_password).mailed(Mailed::Reset),
    post("/trucore/auth/reset-password/validate", |own| json!({"token": own.mailed_token}))
        .mailed(Mailed::Reset),
    post("/trucore/auth/password-reset/request", |own| json!({"email": own.email})),
    post("/trucore/auth/password-reset/confirm", new_password).mailed(Mailed::Reset),
    post("/trucore/auth/password-reset/validate", |own| json!({"token": own.mailed_token}))
        .mailed(Mailed::Reset),
    get("/trucore/dashboard/me"),
    // TruCore: keys.
    get("/trucore/customer/keys"),
    post("/trucore/customer/keys", |_| json!({"label": "second"})),
    post("/trucore/customer/keys/{key_id}/rotate", |_| json!({})),
    post("/trucore/customer/keys/{key_id}/revoke", |_| json!({})),
    get("/trucore/customer/whoami"),
    // Agora.
    post("/agora/v0/auth/token", |_| json!({})),
    get("/agora/v0/accounts"),
    get("/agora/v0/metrics"),
    get("/agora/v0/metrics/total-supply"),
    get("/agora/v0/metrics/circulating-supply"),
];

/// A password that may be chosen.
const PASSWORD: &str = "another-fine-password";

/// What a request has in its body.
#[derive(Clone, Copy)]
pub(crate) enum Sent {
    Nothing,
    /// JSON, about this account.
    Json(fn(&Persona) -> Value),
    /// The fields of a form of the portal, about this account, but for what they prove by.
    Form(fn(&Persona) -> Vec<(&'static str, String)>),
}

/// A good request, but for who makes it.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// The first method of the route's row.
    pub(crate) method: &'static str,
    /// The path of the route's row.
    pub(crate) path: &'static str,
    /// The body.
    pub(crate) sent: Sent,
    /// Whether the account needs a password, which is slow to hash.
    pub(crate) password: bool,
    /// The mail whose token the request shows: in its body, or without one in its query.
    pub(crate) mailed: Option<Mailed>,
    /// The refusal that whoever is let in meets on PostgreSQL, where the cases are tried.
    pub(crate) refused_with: Option<u16>,
    /// Whether a suspension stops nobody.
    pub(crate) while_suspended: bool,
}

/// A mail with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mailed {
    Verification,
    Reset,
}

impl Case {
    const fn with_password(mut self) -> Self {
        self.password = true;
        self
    }

    const fn mailed(mut self, mail: Mailed) -> Self {
        self.mailed = Some(mail);
        self
    }

    const fn while_suspended(mut self) -> Self {
        self.while_suspended = true;
        self
    }

    const fn refused_with(mut self, status: u16) -> Self {
        self.refused_with = Some(status);
        self
    }
}

const fn case(method: &'static str, path: &'static str, sent: Sent) -> Case {
    Case { method, path, sent, password: false, mailed: None, refused_with: None, while_suspended: false }
}

pub(crate) const fn get(path: &'static str) -> Case {
    case("GET", path, Sent::Nothing)
}

const fn any(path: &'static str) -> Case {
    case("ANY", path, Sent::Nothing)
}

const fn put(path: &'static str, body: fn(&Persona) -> Value) -> Case {
    case("PUT", path, Sent::Json(body))
}

const fn delete(path: &'static str) -> Case {
    case("DELETE", path, Sent::Nothing)
}

const fn post(path: &'static str, body: fn(&Persona) -> Value) -> Case {
    case("POST", path, Sent::Json(body))
}

const fn form(path: &'static str, fields: fn(&Persona) -> Vec<(&'static str, String)>) -> Case {
    case("POST", path, Sent::Form(fields))
}

fn new_password(own: &Persona) -> Value {
    json!({"token": own.mailed_token, "new_password": "another-fine-password"})
}

/// Nobody signs up twice with one address.
fn newcomer() -> Value {
    static NEWCOMERS: AtomicU32 = AtomicU32::new(0);
    let number = NEWCOMERS.fetch_add(1, Ordering::Relaxed);
    json!({"email": format!("newcomer-{number}@example.com"), "password": "a-fine-password"})
}
