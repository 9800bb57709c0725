//! What the trail says, in words for the account's owner.

use keyward_domain::audit::{Action, AuditEvent};
use keyward_domain::ids::AccountId;
use keyward_domain::keys::{KeyStatus, KeySummary};
use keyward_domain::scope::Scope;
use keyward_domain::time::Instant;

use super::pages::{Event, Key};

/// An event of this account's trail.
pub(super) fn event(event: &AuditEvent, account: AccountId) -> Event {
    Event { at: event.at.into(), what: what(event.action), by: by(&event.actor, account) }
}

/// A key, as its owner sees it.
pub(super) fn key(key: &KeySummary, now: Instant) -> Key {
    let status = key.status(now);
    let (said, is_active) = match status {
        KeyStatus::Active => ("active", true),
        KeyStatus::Superseded => ("being replaced", false),
        KeyStatus::Expired => ("expired", false),
        KeyStatus::Revoked => ("revoked", false),
    };
    Key {
        id: key.id.to_string(),
        label: match (key.label.as_str(), key.agent) {
            ("", None) => "Unnamed key".to_owned(),
            ("", Some(_)) => "An agent's key".to_owned(),
            (label, _) => label.to_owned(),
        },
        preview: key.preview.clone(),
        rights: rights(key),
        environment: key.environment.as_str(),
        status: said,
        is_good: status.is_good(),
        is_active,
        created: key.created_at.into(),
        last_used: key.last_used_at.map(Into::into),
        expires: key.expires_at.map(Into::into),
    }
}

fn rights(key: &KeySummary) -> String {
    let listed = key.scopes.listed().map(|scopes| scopes.map(Scope::as_str).collect::<Vec<_>>().join(", "));
    match (listed, key.agent) {
        (Some(scopes), _) => scopes,
        (None, Some(_)) => "what its agent may".to_owned(),
        (None, None) => "all rights".to_owned(),
    }
}

/// A right, in words.
pub(super) const fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::AccountRead => "look at the account",
        Scope::AgentsManage => "make, change and end agents",
        Scope::KeysManage => "make, rotate and revoke keys",
        Scope::AtfProbe => "probe transactions (TruCore)",
        Scope::AtfSimulate => "simulate transactions (TruCore)",
        Scope::AtfVerify => "verify receipts (TruCore)",
        Scope::AtfExplain => "have decisions explained (TruCore)",
        Scope::AtfMcp => "speak MCP (TruCore)",
    }
}

fn by(actor: &str, account: AccountId) -> &'static str {
    match actor.split_once(':') {
        Some(("account", id)) if id == account.to_string() => "you",
        Some(("admin", _)) => "an admin",
        Some(_) | None if actor == "anonymous" => "somebody without a login",
        Some(_) | None => "the server",
    }
}

const fn what(action: Action) -> &'static str {
    match action {
        Action::AccountRegistered => "The account was made",
        Action::AccountLoggedIn => "Logged in with the password",
        Action::AccountSuspended => "The account was suspended",
        Action::AccountResumed => "The suspension was lifted",
        Action::AccountArchived => "The account was archived",
        Action::PasswordChanged => "The password was changed",
        Action::VerificationIssued => "A mail to verify the address was sent",
        Action::AddressVerified => "The address was verified",
        Action::PasswordResetIssued => "A mail to reset the password was sent",
        Action::PasswordReset => "The password was reset by mail",
        Action::AccountReclaimed => "The password was reset by mail, and every key ended",
        Action::AddressNoticeIssued => "Somebody tried to sign up with this address",
        Action::MailAbandoned => "A mail could not be sent",
        Action::TokensRevoked => "All tokens and logins were ended",
        Action::TokenRevoked => "A token was ended",
        Action::SessionEnded => "Logged out",
        Action::AccountPlanChanged => "The plan was changed",
        Action::AccountErased => "The account was erased",
        Action::AgentCreated => "An agent was made",
        Action::AgentUpdated => "An agent was changed",
        Action::AgentReset => "An agent was reset",
        Action::AgentKeyRegenerated => "An agent got a new key",
        Action::AgentArchived => "An agent was archived",
        Action::AgentDeleted => "An agent was deleted",
        Action::KeyCreated => "A key was made",
        Action::KeyRotated => "A key was rotated",
        Action::KeyRotatedWithGrace => "A key was rotated; the old one stays good for a while",
        Action::KeyRevoked => "A key was revoked",
        Action::AccountImported => "The account was brought from another system",
        Action::KeyImported => "A key was brought from another system",
        Action::SigningKeyPublished
        | Action::SigningKeyActivated
        | Action::SigningKeyRetired
        | Action::SigningKeyDeleted => "The server's signing keys were changed",
        Action::BackupMade => "A backup was made",
        Action::MasterKeyRotated | Action::MasterKeyRetired | Action::MasterKeyWithdrawn => {
            "The server's master key was changed"
        }
    }
}
