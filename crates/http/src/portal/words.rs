//! What the trail says, in words for the account's owner.

use keyward_domain::audit::{Action, AuditEvent};
use keyward_domain::ids::AccountId;

use super::pages::Event;

/// An event of this account's trail.
pub(super) fn event(event: &AuditEvent, account: AccountId) -> Event {
    Event { at: event.at.into(), what: what(event.action), by: by(&event.actor, account) }
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
        Action::KeyRevoked => "A key was revoked",
        Action::SigningKeyPublished
        | Action::SigningKeyActivated
        | Action::SigningKeyRetired
        | Action::SigningKeyDeleted => "The server's signing keys were changed",
    }
}
