//! Who asks: everybody that a route has to tell apart.

use std::sync::atomic::{AtomicU32, Ordering};

use keyward_domain::ids::RequestId;
use keyward_domain::request::RequestContext;
use keyward_http::CredentialKind::{self, AccountKey, AccountToken, AdminKey, AgentKey, BearerKey, Session};
use keyward_http::RouteRow;
use keyward_testkit::app::{Persona, TestApp};
use keyward_testkit::builders::admin;
use keyward_testkit::mail::mailed_token;
use keyward_testkit::postgres::PostgresDatabase;
use serde_json::json;

use super::cases::{Case, Mailed};
use super::matrix::SESSION;

/// What has to be said for a route to let anybody in.
const CONFIG: &str = "[keys]\naccept_imported = true\n";

/// Numbers the accounts, so that each has its own address.
static ACCOUNTS: AtomicU32 = AtomicU32::new(0);

/// Everybody that a route has to tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Nobody,
    GarbageKey,
    GarbageToken,
    /// Good, and of the account that the request is about.
    Own(CredentialKind),
    /// Good, and of another account.
    Strangers(CredentialKind),
    /// Of the account that the request is about, but the key is revoked.
    Revoked(CredentialKind),
    /// Of the account that the request is about, but that is suspended.
    Suspended(CredentialKind),
    WrongAdminKey,
    Admin,
}

impl Who {
    /// All. No route makes a token for an agent's key yet, so nobody shows one.
    pub(crate) const ALL: [Self; 22] = [
        Self::Nobody,
        Self::GarbageKey,
        Self::GarbageToken,
        Self::Own(AccountKey),
        Self::Own(AgentKey),
        Self::Own(BearerKey),
        Self::Own(AccountToken),
        Self::Own(Session),
        Self::Strangers(AccountKey),
        Self::Strangers(AgentKey),
        Self::Strangers(AccountToken),
        Self::Strangers(Session),
        Self::Revoked(AccountKey),
        Self::Revoked(AgentKey),
        Self::Revoked(BearerKey),
        Self::Suspended(AccountKey),
        Self::Suspended(AgentKey),
        Self::Suspended(BearerKey),
        Self::Suspended(AccountToken),
        Self::Suspended(Session),
        Self::WrongAdminKey,
        Self::Admin,
    ];

    /// What is shown, whether it is good or not; `None` if it is nothing, or like nothing that was ever issued.
    pub(crate) const fn kind(self) -> Option<CredentialKind> {
        match self {
            Self::Nobody | Self::GarbageKey | Self::GarbageToken | Self::WrongAdminKey => None,
            Self::Own(kind) | Self::Strangers(kind) | Self::Revoked(kind) | Self::Suspended(kind) => {
                Some(kind)
            }
            Self::Admin => Some(AdminKey),
        }
    }
}

/// One of them, ready to ask.
pub(crate) struct Asker {
    /// The account that the request is about, made for this request.
    pub(crate) about: Persona,
    /// What the request shows.
    pub(crate) header: Option<(&'static str, String)>,
    /// Whether anybody may.
    pub(super) is_public: bool,
    /// The newest key of that account.
    key_id: String,
}

impl Asker {
    /// Makes the accounts that it takes. At a public route the request is about a good account in any case: what is
    /// shown there must not matter.
    pub(crate) async fn new(who: Who, row: &RouteRow, case: &Case, stage: &Stage) -> Self {
        let mut about = stage.newcomer(case.password).await;
        if let Some(mail) = case.mailed {
            about.mailed_token = stage.mailed_token(mail, &about).await;
        }
        let another = matches!(who, Who::Strangers(_)) || row.credentials.is_empty();
        let other = if another { Some(stage.newcomer(false).await) } else { None };
        let header = stage.header(who, other.as_ref().unwrap_or(&about)).await;
        let id = about.account_id.parse().expect("an account id");
        let keys = stage.app.domain().key_administration.page(Some(id), None, 1).await.expect("a list");
        Self { about, header, is_public: row.credentials.is_empty(), key_id: keys[0].id.to_string() }
    }

    /// The path with its parameters replaced by what belongs to the account that the request is about.
    pub(crate) fn fill(&self, path: &str) -> String {
        let path = path.replace("{account_id}", &self.about.account_id);
        // TruCore writes the ids of keys without hyphens.
        let short = format!("/customer/keys/key_{}", self.key_id.replace('-', ""));
        let path = path.replace("/customer/keys/{key_id}", &short);
        let path = path.replace("{agent_id}", &self.about.agent_id).replace("{key_id}", &self.key_id);
        assert!(!path.contains('{'), "{path}: say in `Asker::fill` what the parameter stands for");
        path
    }
}

/// Where they ask: an app on PostgreSQL, in which a key can be revoked behind the app's back.
pub(crate) struct Stage {
    pub(crate) app: TestApp,
    database: PostgresDatabase,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let database = PostgresDatabase::create();
        Self { app: TestApp::with_url(Some(database.url()), None, CONFIG).await, database }
    }

    /// An account of its own. A password is slow to hash, so few have one.
    async fn newcomer(&self, with_password: bool) -> Persona {
        let name = format!("Account{}", ACCOUNTS.fetch_add(1, Ordering::Relaxed));
        if with_password {
            return self.app.register(&name).await;
        }
        let email = format!("{}@example.com", name.to_lowercase());
        let body = json!({"display_name": name, "email": email});
        let answer = self.app.post("/tradeready/api/v1/auth/register", &body).await;
        Persona {
            account_id: answer.text("/account_id"),
            email,
            password: String::new(),
            api_key: answer.text("/api_key"),
            api_secret: answer.text("/api_secret"),
            agent_id: answer.text("/agent_id"),
            agent_api_key: answer.text("/agent_api_key"),
            mailed_token: String::new(),
        }
    }

    /// The token of the mail that this account has just got.
    async fn mailed_token(&self, mail: Mailed, of: &Persona) -> String {
        if mail == Mailed::Reset {
            self.app.send_mail().await;
            let body = json!({"username": of.email});
            self.app.post("/tradeready/api/v1/auth/forgot-password", &body).await;
        }
        let mails = self.app.send_mail().await;
        let mut own = mails.iter().filter(|mail| mail.to.as_typed() == of.email);
        mailed_token(own.next_back().expect("a mail"))
    }

    async fn header(&self, who: Who, of: &Persona) -> Option<(&'static str, String)> {
        Some(match who {
            Who::Nobody => return None,
            Who::GarbageKey => ("x-api-key", format!("ak_live_{}", "a".repeat(64))),
            Who::GarbageToken => bearer("eyJhbGciOiJub25lIn0.e30."),
            Who::Own(kind) | Who::Strangers(kind) => self.shown(kind, of).await,
            Who::Revoked(kind) => {
                self.revoke_keys(of);
                self.shown(kind, of).await
            }
            Who::Suspended(kind) => {
                let header = self.shown(kind, of).await;
                self.suspend(of).await;
                header
            }
            Who::WrongAdminKey => bearer(&"a".repeat(43)),
            Who::Admin => bearer(&self.admin_key()),
        })
    }

    async fn shown(&self, kind: CredentialKind, of: &Persona) -> (&'static str, String) {
        match kind {
            AccountKey => ("x-api-key", of.api_key.clone()),
            AgentKey => ("x-api-key", of.agent_api_key.clone()),
            BearerKey => bearer(&of.api_key),
            AccountToken => bearer(&self.app.log_in(of).await),
            CredentialKind::AgentToken => panic!("no route makes one"),
            Session => ("cookie", format!("{SESSION}{}", self.session(of).await)),
            AdminKey => bearer(&self.admin_key()),
        }
    }

    async fn session(&self, of: &Persona) -> String {
        let (domain, context) =
            (self.app.domain(), RequestContext::of_ours(RequestId::from_uuid(uuid::Uuid::nil())));
        let principal = domain.authentication.by_key(&of.api_key, &context).await.expect("a good key");
        let profile = domain.accounts.profile(&principal).await.expect("a store").expect("an account");
        let begun = domain.sessions.log_in_registered(profile.account, None, &context).await;
        begun.expect("a session").text.expose().to_owned()
    }

    fn admin_key(&self) -> String {
        let file = self.app.data_dir().join("data/admin.key");
        std::fs::read_to_string(file).expect("the key that the first start makes").trim().to_owned()
    }

    /// Done in the database, before the keys are ever shown: there is no one route that revokes both.
    fn revoke_keys(&self, of: &Persona) {
        self.database.tamper(&format!(
            "UPDATE api_keys SET revoked_at = created_at, revoked_reason = 'requested' WHERE account_id = '{}'",
            of.account_id
        ));
    }

    async fn suspend(&self, account: &Persona) {
        let request_id = RequestId::from_uuid(uuid::Uuid::nil());
        let (actor, context) = (admin("coverage"), RequestContext::of_ours(request_id));
        let id = account.account_id.parse().expect("an account id");
        self.app.domain().accounts.suspend(id, &actor, &context).await.expect("a suspension");
    }
}

fn bearer(secret: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {secret}"))
}
