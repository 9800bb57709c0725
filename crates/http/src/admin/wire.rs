//! The admin API's JSON.

use keyward_domain::accounts::{Account, AccountStatus};
use keyward_domain::audit::AuditEvent;
use keyward_domain::diagnostics::Check;
use keyward_domain::keys::{KeyState, KeySummary};
use keyward_domain::tokens::{SigningKey, SigningKeyState};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    pub(super) next_cursor: Option<String>,
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

#[derive(Deserialize)]
pub(super) struct SetPlan {
    pub(super) plan: String,
}

#[derive(Serialize)]
pub(super) struct AccountRow {
    account_id: String,
    display_name: String,
    email: Option<String>,
    email_verified: bool,
    status: &'static str,
    plan: &'static str,
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

#[derive(Serialize)]
pub(super) struct KeyRow {
    key_id: String,
    account_id: String,
    agent_id: Option<String>,
    preview: String,
    environment: &'static str,
    status: &'static str,
    created_at: String,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
}

impl From<&KeySummary> for KeyRow {
    fn from(key: &KeySummary) -> Self {
        let (status, revoked_at) = match key.state {
            KeyState::Active => ("active", None),
            KeyState::Revoked { at, .. } => ("revoked", Some(at.to_string())),
        };
        Self {
            key_id: key.id.to_string(),
            account_id: key.account.to_string(),
            agent_id: key.agent.map(|id| id.to_string()),
            preview: key.preview.clone(),
            environment: key.environment.as_str(),
            status,
            created_at: key.created_at.to_string(),
            revoked_at,
            last_used_at: key.last_used_at.map(|at| at.to_string()),
        }
    }
}

/// Which dialect's signing key is meant; all of them, if none is named.
#[derive(Deserialize, Default)]
pub(super) struct OfDialect {
    pub(super) dialect: Option<String>,
}

#[derive(Serialize)]
pub(super) struct SigningKeys {
    pub(super) data: Vec<SigningKeyRow>,
}

#[derive(Serialize)]
pub(super) struct SigningKeyRow {
    kid: String,
    algorithm: &'static str,
    state: &'static str,
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

#[derive(Serialize)]
pub(super) struct AuditRow {
    id: String,
    at: String,
    actor: String,
    action: &'static str,
    target: String,
    account_id: Option<String>,
    outcome: &'static str,
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

#[derive(Serialize)]
pub(super) struct Checks {
    pub(super) checks: Vec<CheckRow>,
}

#[derive(Serialize)]
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
