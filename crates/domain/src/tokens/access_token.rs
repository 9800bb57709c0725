//! The token: what it says, and what it is stamped by.

use std::time::Duration;

use super::SigningAlgorithm;
use crate::accounts::{Account, Epoch};
use crate::environment::Environment;
use crate::ids::{AccountId, AgentId, KeyId, TokenId};
use crate::keys::Generation;
use crate::secret::Secret;
use crate::time::Instant;

/// What an access token says. The database keeps nothing of it: a token dies with what it is stamped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessToken {
    /// Names the token (`jti`).
    pub id: TokenId,
    /// In whose name it speaks.
    pub account: AccountStamp,
    /// The one agent it is limited to, if any.
    pub agent: Option<AgentStamp>,
    /// The key that it was exchanged for, unless a password was.
    pub key: Option<KeyStamp>,
    /// Whom its `sub` names.
    pub subject: SubjectForm,
    /// The world it opens.
    pub environment: Environment,
    /// When it was issued, in whole seconds (`iat`, `nbf`).
    pub issued_at: Instant,
    /// When it ends, in whole seconds (`exp`).
    pub expires_at: Instant,
}

/// An account and the epoch in which a token was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountStamp {
    /// The account.
    pub id: AccountId,
    /// Its epoch at the time.
    pub epoch: Epoch,
}

/// An agent and the epoch in which a token was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentStamp {
    /// The agent.
    pub id: AgentId,
    /// Its epoch at the time.
    pub epoch: Epoch,
}

/// A key and the generation under which a token was exchanged for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyStamp {
    /// The key.
    pub id: KeyId,
    /// Its generation at the time.
    pub generation: Generation,
}

/// Whom the `sub` of a token names. It is for those who read tokens themselves: here the account decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectForm {
    /// The account, by its id.
    Account,
    /// The key that it was exchanged for, as `org_key_` and 32 hexadecimal digits (Agora's form). The account, where
    /// there was no key.
    OrganizationKey,
}

impl AccessToken {
    /// What stands in `sub`.
    pub fn subject_text(&self) -> String {
        match (self.subject, self.key) {
            (SubjectForm::OrganizationKey, Some(key)) => format!("org_key_{}", key.id.to_hex()),
            (SubjectForm::OrganizationKey, None) | (SubjectForm::Account, _) => self.account.id.to_string(),
        }
    }
}

/// The longest that any configuration lets a token live: 30 days. A retired signing key goes on verifying for longer.
pub const LONGEST_LIFETIME_SECONDS: u32 = 2_592_000;

/// How a dialect's tokens are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenProfile {
    /// How long they live: at most [`LONGEST_LIFETIME_SECONDS`].
    pub lifetime: Duration,
    /// What signs them.
    pub algorithm: SigningAlgorithm,
    /// Whom their `sub` names.
    pub subject: SubjectForm,
}

/// A token fresh from the press.
#[derive(Debug)]
pub struct IssuedToken {
    /// What it says.
    pub token: AccessToken,
    /// The compact JWS (RFC 7515, section 7.1), for its bearer.
    pub text: Secret<String>,
    /// How long it lives.
    pub lifetime: Duration,
}

/// Somebody who has logged in with a password.
#[derive(Debug)]
pub struct LoggedIn {
    /// Whose password it was.
    pub account: Account,
    /// Their token.
    pub token: IssuedToken,
}
