//! The admin API's JSON.

use keyward_domain::accounts::{Account, AccountStatus, Plan, RegisteredAccount};
use keyward_domain::audit::{Action, AuditEvent, Outcome};
use keyward_domain::deployment::{KeyPlace, KnownMasterKey, MasterKeyStatus};
use keyward_domain::diagnostics::Check;
use keyward_domain::environment::Environment;
use keyward_domain::keys::{KeyState, KeyStatus, KeySummary};
use keyward_domain::scope::Scope;
use keyward_domain::time::Instant;
use keyward_domain::tokens::{SigningAlgorithm, SigningKey, SigningKeyState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Schema;

use crate::openapi::one_of;

#[derive(Serialize, ToSchema)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    /// What `cursor` takes for the next page; null on the last one.
    #[schema(required)]
    pub(super) next_cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = admin::CreateOrganization)]
pub(super) struct CreateOrganization {
    /// 1 to 64 characters.
    #[schema(example = "Acme Capital")]
    pub(super) name: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = admin::Organization)]
pub(super) struct Organization<'a> {
    #[schema(format = "uuid")]
    account_id: String,
    #[schema(example = "org_live_…")]
    api_key: &'a str,
}

impl<'a> From<&'a RegisteredAccount> for Organization<'a> {
    fn from(registered: &'a RegisteredAccount) -> Self {
        Self { account_id: registered.account.id.to_string(), api_key: registered.key.issued.text.expose() }
    }
}

#[derive(Deserialize)]
pub(super) struct AccountsQuery {
    pub(super) email: Option<String>,
    pub(super) limit: Option<String>,
    pub(super) cursor: Option<String>,
}

/// What the lists of keys and of audit events are asked for.
#[derive(Deserialize)]
pub(super) struct OwnedQuery {
    pub(super) account: Option<String>,
    pub(super) limit: Option<String>,
    pub(super) cursor: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = admin::SetPlan)]
pub(super) struct SetPlan {
    #[schema(schema_with = plan)]
    pub(super) plan: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = admin::AccountRow)]
pub(super) struct AccountRow {
    #[schema(format = "uuid")]
    account_id: String,
    display_name: String,
    #[schema(required)]
    email: Option<String>,
    email_verified: bool,
    #[schema(schema_with = account_status)]
    status: &'static str,
    #[schema(schema_with = plan)]
    plan: &'static str,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<&Account> for AccountRow {
    fn from(account: &Account) -> Self {
        let email = account.email.as_ref();
        Self {
            account_id: account.id.to_string(),
            display_name: account.display_name.to_string(),
            email: email.map(|email| email.address.as_typed().to_owned()),
            email_verified: email.is_some_and(|email| email.verified_at.is_some()),
            status: match account.status {
                AccountStatus::Active => "active",
                AccountStatus::Suspended { .. } => "suspended",
                AccountStatus::Archived { .. } => "archived",
            },
            plan: account.plan.as_str(),
            created_at: account.created_at.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = admin::KeyRow)]
pub(super) struct KeyRow {
    #[schema(format = "uuid")]
    key_id: String,
    #[schema(format = "uuid")]
    account_id: String,
    /// The agent that the key is limited to; null for a key of the whole account.
    #[schema(required, format = "uuid")]
    agent_id: Option<String>,
    /// The key's first characters.
    preview: String,
    /// What its owner calls it.
    label: String,
    #[schema(schema_with = environment)]
    environment: &'static str,
    #[schema(schema_with = key_status)]
    status: &'static str,
    /// What it is narrowed to; null for all rights of its owner.
    #[schema(required)]
    scopes: Option<Vec<&'static str>>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    #[schema(required, format = DateTime)]
    revoked_at: Option<String>,
    /// To the minute.
    #[schema(required, format = DateTime)]
    last_used_at: Option<String>,
}

/// A key as it stands at a moment.
impl From<&(KeySummary, Instant)> for KeyRow {
    fn from((key, now): &(KeySummary, Instant)) -> Self {
        let revoked_at = match key.state {
            KeyState::Active | KeyState::Superseded { .. } => None,
            KeyState::Revoked { at, .. } => Some(at.to_string()),
        };
        Self {
            key_id: key.id.to_string(),
            account_id: key.account.to_string(),
            agent_id: key.agent.map(|id| id.to_string()),
            preview: key.preview.clone(),
            label: key.label.as_str().to_owned(),
            environment: key.environment.as_str(),
            status: key.status(*now).as_str(),
            scopes: key.scopes.listed().map(|scopes| scopes.map(Scope::as_str).collect()),
            created_at: key.created_at.to_string(),
            expires_at: key.expires_at.map(|at| at.to_string()),
            revoked_at,
            last_used_at: key.last_used_at.map(|at| at.to_string()),
        }
    }
}

/// Which dialect's signing key is meant; all of them, if none is named.
#[derive(Deserialize, Default, ToSchema)]
#[schema(as = admin::OfDialect)]
pub(super) struct OfDialect {
    pub(super) dialect: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = admin::SigningKeys)]
pub(super) struct SigningKeys {
    pub(super) data: Vec<SigningKeyRow>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = admin::SigningKeyRow)]
pub(super) struct SigningKeyRow {
    kid: String,
    #[schema(schema_with = algorithm)]
    algorithm: &'static str,
    #[schema(schema_with = signing_key_state)]
    state: &'static str,
    #[schema(format = DateTime)]
    since: String,
}

impl From<&SigningKey> for SigningKeyRow {
    fn from(key: &SigningKey) -> Self {
        let (state, since) = match key.state {
            SigningKeyState::Published { at } => ("published", at),
            SigningKeyState::Active { since } => ("active", since),
            SigningKeyState::Retired { since } => ("retired", since),
        };
        Self { kid: key.kid.to_string(), algorithm: key.algorithm.as_str(), state, since: since.to_string() }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = admin::MasterKeys)]
pub(super) struct MasterKeys {
    data: Vec<MasterKeyRow>,
    /// Where the server that was asked has put a key that every server is to be started with; null if none waits.
    #[schema(required)]
    key_file: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = admin::MasterKeyRow)]
pub(super) struct MasterKeyRow {
    /// The beginning of the key's fingerprint.
    fingerprint: String,
    #[schema(schema_with = master_key_state)]
    state: &'static str,
    /// Since when it opens the database; null for one that founded it before there were slots.
    #[schema(required, format = DateTime)]
    added_at: Option<String>,
    /// Whether the server that was asked runs by it.
    running: bool,
}

impl From<&MasterKeyStatus> for MasterKeys {
    fn from(status: &MasterKeyStatus) -> Self {
        Self {
            data: status.keys.iter().map(MasterKeyRow::from).collect(),
            key_file: status.waiting_in.clone(),
        }
    }
}

impl From<&KnownMasterKey> for MasterKeyRow {
    fn from(key: &KnownMasterKey) -> Self {
        Self {
            fingerprint: key.fingerprint.to_string(),
            state: match key.place {
                KeyPlace::Current => "current",
                KeyPlace::Superseded => "superseded",
            },
            added_at: key.added_at.map(|at| at.to_string()),
            running: key.is_running,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = admin::AuditRow)]
pub(super) struct AuditRow {
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = DateTime)]
    at: String,
    /// Who did it.
    actor: String,
    #[schema(schema_with = action)]
    action: &'static str,
    /// What it was done to.
    target: String,
    #[schema(required, format = "uuid")]
    account_id: Option<String>,
    #[schema(schema_with = outcome)]
    outcome: &'static str,
    #[schema(required)]
    request_id: Option<String>,
}

impl From<&AuditEvent> for AuditRow {
    fn from(event: &AuditEvent) -> Self {
        Self {
            id: event.id.to_string(),
            at: event.at.to_string(),
            actor: event.actor.clone(),
            action: event.action.as_str(),
            target: event.target.clone(),
            account_id: event.account.map(|id| id.to_string()),
            outcome: event.outcome.as_str(),
            request_id: event.request_id.map(|id| id.to_string()),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = admin::Checks)]
pub(super) struct Checks {
    pub(super) checks: Vec<CheckRow>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = admin::CheckRow)]
pub(super) struct CheckRow {
    name: &'static str,
    ok: bool,
    detail: String,
}

impl From<Check> for CheckRow {
    fn from(check: Check) -> Self {
        Self { name: check.name, ok: check.ok, detail: check.detail }
    }
}

fn plan() -> Schema {
    one_of(Plan::ALL.iter().map(|plan| plan.as_str()))
}

fn environment() -> Schema {
    one_of(Environment::ALL.iter().map(|environment| environment.as_str()))
}

fn algorithm() -> Schema {
    one_of(SigningAlgorithm::ALL.iter().map(|algorithm| algorithm.as_str()))
}

fn action() -> Schema {
    one_of(Action::ALL.iter().map(|action| action.as_str()))
}

fn outcome() -> Schema {
    one_of(Outcome::ALL.iter().map(|outcome| outcome.as_str()))
}

fn account_status() -> Schema {
    one_of(["active", "suspended", "archived"])
}

fn key_status() -> Schema {
    one_of(KeyStatus::ALL.iter().map(|status| status.as_str()))
}

fn master_key_state() -> Schema {
    one_of(["current", "superseded"])
}

fn signing_key_state() -> Schema {
    one_of(["published", "active", "retired"])
}
