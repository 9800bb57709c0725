//! What the domain says, in words for the account's owner.

use std::time::Duration;

use keyward_domain::audit::{Action, AuditEvent};
use keyward_domain::ids::{AccountId, KeyId};
use keyward_domain::keys::{KeyPurpose, KeyStatus, KeySummary, ManageKeyError};
use keyward_domain::scope::Scope;
use keyward_domain::time::Instant;

use super::pages::{Event, Key};

/// An event of this account's trail, which was done to this key, if to any.
pub(super) fn event(event: &AuditEvent, account: AccountId, key: Option<&KeySummary>) -> Event {
    let key = key.map(|key| format!("{}, {}…", label(key), key.preview));
    Event { at: event.at.into(), what: what(event.action), key, by: by(event, account) }
}

/// The key that something was done to.
pub(super) fn key_of(event: &AuditEvent) -> Option<KeyId> {
    event.target.strip_prefix("key:")?.parse().ok()
}

/// What stands in the way of a new key, if that is all that does.
pub(super) fn obstacle(why: &ManageKeyError) -> Option<String> {
    match why {
        ManageKeyError::LimitReached { most } => Some(format!(
            "No more keys: your plan allows {most} at a time. Revoke one that you do not need to make another."
        )),
        ManageKeyError::AddressNotVerified => Some(
            "Verify your address first: keys are made and changed once you have shown that it is yours. Follow the \
             link in the mail."
                .to_owned(),
        ),
        ManageKeyError::LimitedToAgent(_)
        | ManageKeyError::UnknownKey
        | ManageKeyError::NotActive
        | ManageKeyError::ScopeNotHeld
        | ManageKeyError::AlreadyOver
        | ManageKeyError::Ended
        | ManageKeyError::Idempotency(_)
        | ManageKeyError::Store(_) => None,
    }
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
        label: label(key).to_owned(),
        preview: key.preview.clone(),
        rights: rights(key),
        environment: key.environment.as_str(),
        status: said,
        is_good: status.is_good(),
        is_active,
        logs_in: key.logs_in,
        created: key.created_at.into(),
        last_used: key.last_used_at.map(Into::into),
        expires: key.expires_at.map(Into::into),
        ends: key.expires_at.filter(|_| status.is_good()).and_then(|end| soon(end, now)),
    }
}

fn label(key: &KeySummary) -> &str {
    match (key.label.as_str(), key.agent) {
        ("", None) => "Unnamed key",
        ("", Some(_)) => "An agent's key",
        (label, _) => label,
    }
}

/// How long is left, if it is not long.
fn soon(end: Instant, now: Instant) -> Option<String> {
    const DAY: u64 = 24 * 60 * 60;
    let ends_within = |days: u64| end <= now.saturating_add(Duration::from_secs(days * DAY));
    match (1..=14).find(|days| ends_within(*days))? {
        1 => Some("within a day".to_owned()),
        days => Some(format!("in {days} days")),
    }
}

/// What a key is used for, in words.
pub(super) const fn purpose(purpose: KeyPurpose) -> &'static str {
    match purpose {
        KeyPurpose::General => "Anything",
        KeyPurpose::Api => "A program that calls the API",
        KeyPurpose::Bot => "A bot",
        KeyPurpose::Mcp => "A client that speaks MCP",
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

/// The trail names the account and not what it showed: what programs do too may have been done by a key.
fn by(event: &AuditEvent, account: AccountId) -> &'static str {
    let is_for_programs = ["key:", "agent:", "token:"].iter().any(|kind| event.target.starts_with(kind));
    match event.actor.split_once(':') {
        Some(("account", id)) if id == account.to_string() => {
            if is_for_programs {
                "you or one of your keys"
            } else {
                "you"
            }
        }
        Some(("admin", _)) => "an admin",
        Some(_) | None if event.actor == "anonymous" => "somebody without a login",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_soon_for_two_weeks() {
        let now = Instant::from_unix_micros(0).unwrap();
        let in_hours = |hours: u64| soon(now.saturating_add(Duration::from_secs(hours * 3_600)), now);
        assert_eq!(in_hours(1).as_deref(), Some("within a day"));
        assert_eq!(in_hours(7 * 24).as_deref(), Some("in 7 days"));
        assert_eq!(in_hours(6 * 24 + 1).as_deref(), Some("in 7 days"));
        assert_eq!((in_hours(14 * 24).as_deref(), in_hours(14 * 24 + 1)), (Some("in 14 days"), None));
    }
}
