//! The event: what it says, and the bytes that its MAC covers.

use std::fmt;

use crate::admin::AdminName;
use crate::deployment::Fingerprint;
use crate::ids::{AccountId, AgentId, AuditEventId, KeyId, MailId, RequestId, SessionId, TokenId};
use crate::secret::Digest;
use crate::text_enum;
use crate::time::Instant;
use crate::tokens::KeyThumbprint;

text_enum! {
    /// What was done, in the past tense.
    pub enum Action {
        /// An account was registered, with its first key and, where the dialect gives one, its first agent.
        AccountRegistered = "account.registered",
        /// An admin took the account over from another system.
        AccountImported = "account.imported",
        /// Somebody logged in with the account's password.
        AccountLoggedIn = "account.logged_in",
        /// An admin suspended the account.
        AccountSuspended = "account.suspended",
        /// An admin lifted the suspension.
        AccountResumed = "account.resumed",
        /// The account was archived, for good.
        AccountArchived = "account.archived",
        /// The account's password was changed, which ends all of its tokens.
        PasswordChanged = "account.password_changed",
        /// A link that verifies the account's address was made, for a mail to it.
        VerificationIssued = "account.verification_issued",
        /// Somebody followed the link: the address is theirs.
        AddressVerified = "account.address_verified",
        /// A link that resets the account's password was made, for a mail to its address.
        PasswordResetIssued = "account.password_reset_issued",
        /// Somebody followed the link and chose another password, which ends all of the account's tokens.
        PasswordReset = "account.password_reset",
        /// The same on an account whose address was never verified, which ends all of its keys too and verifies the
        /// address.
        AccountReclaimed = "account.reclaimed",
        /// The owner of the account's address is told that somebody tried to register with it.
        AddressNoticeIssued = "account.address_notice_issued",
        /// A mail could not be sent and was given up.
        MailAbandoned = "mail.abandoned",
        /// Somebody logged out everywhere, which ends all of the account's tokens.
        TokensRevoked = "account.tokens_revoked",
        /// One token was ended before its time.
        TokenRevoked = "token.revoked",
        /// Somebody logged out in a browser.
        SessionEnded = "session.ended",
        /// The account was put on another plan.
        AccountPlanChanged = "account.plan_changed",
        /// The account was deleted with its agents and keys; only ids are left of it.
        AccountErased = "account.erased",
        /// An agent was made, with its first key.
        AgentCreated = "agent.created",
        /// What is said of an agent was changed.
        AgentUpdated = "agent.updated",
        /// An agent begins again from its starting balance.
        AgentReset = "agent.reset",
        /// An agent got a new key in place of its old one.
        AgentKeyRegenerated = "agent.key_regenerated",
        /// An agent was archived, for good.
        AgentArchived = "agent.archived",
        /// An agent was deleted, with its keys.
        AgentDeleted = "agent.deleted",
        /// A key was issued to an account that asked for it.
        KeyCreated = "key.created",
        /// An admin took the key over from another system.
        KeyImported = "key.imported",
        /// A key was replaced by another one, and ended at once.
        KeyRotated = "key.rotated",
        /// A key was replaced by another one, and stays good for a while.
        KeyRotatedWithGrace = "key.rotated_with_grace",
        /// A key was revoked.
        KeyRevoked = "key.revoked",
        /// A key for signing tokens was published, to be used later.
        SigningKeyPublished = "signing_key.published",
        /// A key for signing tokens came into use.
        SigningKeyActivated = "signing_key.activated",
        /// A key for signing tokens signs no more, and goes on verifying.
        SigningKeyRetired = "signing_key.retired",
        /// A key for signing tokens was deleted: its tokens are refused.
        SigningKeyDeleted = "signing_key.deleted",
        /// Another master key opens the database from now on, beside the one before.
        MasterKeyRotated = "master_key.rotated",
        /// The master key before opens the database no more.
        MasterKeyRetired = "master_key.retired",
        /// A new master key was called off before it was in use.
        MasterKeyWithdrawn = "master_key.withdrawn",
        /// An admin made a backup: everything that is stored left the server.
        BackupMade = "backup.made",
    }
}

text_enum! {
    /// How it ended.
    pub enum Outcome {
        /// It was done.
        Succeeded = "succeeded",
        /// It was refused.
        Denied = "denied",
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Nobody who could be named: registering needs no credential.
    Anonymous,
    /// The account itself.
    Account(AccountId),
    /// An admin, by the name of their admin key.
    Admin(AdminName),
    /// The server, of its own accord.
    System,
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// An account.
    Account(AccountId),
    /// An agent.
    Agent(AgentId),
    /// An API key.
    Key(KeyId),
    /// An access token.
    Token(TokenId),
    /// A browser's session.
    Session(SessionId),
    /// A key for signing tokens.
    SigningKey(KeyThumbprint),
    /// A master key.
    MasterKey(Fingerprint),
    /// A mail.
    Mail(MailId),
    /// The whole database.
    Database,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Admin(name) => write!(f, "admin:{name}"),
            Self::System => f.write_str("system"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Agent(id) => write!(f, "agent:{id}"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Token(id) => write!(f, "token:{id}"),
            Self::Session(id) => write!(f, "session:{id}"),
            Self::SigningKey(kid) => write!(f, "signing_key:{kid}"),
            Self::MasterKey(fingerprint) => write!(f, "master_key:{fingerprint}"),
            Self::Mail(id) => write!(f, "mail:{id}"),
            Self::Database => f.write_str("database"),
        }
    }
}

/// One thing that happened. Made by [`AuditTrail::event`], which gives it its id and MAC.
///
/// Actor and target are kept as the text that was signed, so that what is read back is what was written,
/// whatever a later release knows of the kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Names the event.
    pub id: AuditEventId,
    /// When it happened.
    pub at: Instant,
    /// Who did it: an [`Actor`] as text.
    pub actor: String,
    /// What was done.
    pub action: Action,
    /// What it was done to: a [`Target`] as text.
    pub target: String,
    /// Whose trail it belongs to, where it concerns an account.
    pub account: Option<AccountId>,
    /// How it ended.
    pub outcome: Outcome,
    /// The request that did it; absent for what the server did of its own accord.
    pub request_id: Option<RequestId>,
    /// HMAC over all of the above.
    pub mac: Digest,
}

impl AuditEvent {
    /// The bytes that the MAC covers: every field but the MAC, each with its length before it, so that no two
    /// events have the same bytes.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let account = self.account.map(|id| id.to_string()).unwrap_or_default();
        let request = self.request_id.map(|id| id.to_string()).unwrap_or_default();
        let at = self.at.unix_micros().to_string();
        let id = self.id.to_string();
        let fields = [
            "keyward-audit-1",
            &id,
            &at,
            &self.actor,
            self.action.as_str(),
            &self.target,
            &account,
            self.outcome.as_str(),
            &request,
        ];
        let mut bytes = Vec::with_capacity(256);
        for field in fields {
            bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
            bytes.extend_from_slice(field.as_bytes());
        }
        bytes
    }
}
