//! What the store in memory holds, and the questions that several ports ask of it.

use std::collections::BTreeMap;

use keyward_domain::accounts::{Account, AccountStanding, AccountStatus, EmailAddress, PasswordHash, Rehash};
use keyward_domain::agents::{Agent, AgentStanding};
use keyward_domain::audit::AuditEvent;
use keyward_domain::deployment::Deployment;
use keyward_domain::idempotency::IdempotencyRecord;
use keyward_domain::ids::{AccountId, AgentId, KeyId, MailId, SessionId, TokenId};
use keyward_domain::keys::{ApiKey, KeyHandle};
use keyward_domain::mail::{OutboxEntry, Recipient};
use keyward_domain::principal::{CredentialStamp, Owner};
use keyward_domain::revocations::{Revocation, RevocationNumber, Subject};
use keyward_domain::sessions::Session;
use keyward_domain::single_use::SingleUseToken;
use keyward_domain::time::Instant;
use keyward_domain::tokens::{KeyStamp, SigningKey};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) accounts: BTreeMap<AccountId, AccountRow>,
    pub(super) agents: BTreeMap<AgentId, Agent>,
    pub(super) keys: BTreeMap<KeyId, ApiKey>,
    pub(super) audit: Vec<AuditEvent>,
    pub(super) signing_keys: Vec<SigningKey>,
    pub(super) deployment: Option<Deployment>,
    pub(super) revocations: Vec<Revocation>,
    pub(super) last_revocation: RevocationNumber,
    pub(super) forgotten_revocation: RevocationNumber,
    pub(super) revoked_tokens: BTreeMap<TokenId, Instant>,
    pub(super) outbox: BTreeMap<MailId, OutboxEntry>,
    pub(super) address_notices: BTreeMap<AccountId, (MailId, Instant)>,
    pub(super) single_use_tokens: Vec<SingleUseToken>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) answers: Vec<IdempotencyRecord>,
}

#[derive(Debug, Clone)]
pub(super) struct AccountRow {
    pub(super) account: Account,
    pub(super) password: Option<PasswordHash>,
}

impl State {
    /// Gives a revocation the next number and writes it down.
    pub(super) fn number(&mut self, subject: Subject) -> Revocation {
        self.last_revocation = RevocationNumber::new(self.last_revocation.get() + 1);
        let revocation = Revocation { number: self.last_revocation, subject };
        self.revocations.push(revocation);
        revocation
    }

    /// Whether anything was ever made under a master key.
    pub(super) fn is_in_use(&self) -> bool {
        !(self.accounts.is_empty()
            && self.keys.is_empty()
            && self.signing_keys.is_empty()
            && self.audit.is_empty())
    }

    /// The account, not archived, of this address.
    pub(super) fn account_by_email(&self, email: &EmailAddress) -> Option<&AccountRow> {
        self.accounts.values().find(|row| {
            let is_archived = matches!(row.account.status, AccountStatus::Archived { .. });
            let address = row.account.email.as_ref().map(|email| email.address.canonical());
            !is_archived && address == Some(email.canonical())
        })
    }

    /// Puts a fresh hash in the place of the outdated one, if that is still stored.
    pub(super) fn replace_outdated(&mut self, account: AccountId, rehash: Rehash) {
        let stored = self.accounts.get_mut(&account).and_then(|row| row.password.as_mut());
        if let Some(stored) = stored.filter(|stored| stored.expose() == rehash.from.expose()) {
            *stored = rehash.to;
        }
    }

    /// Deletes everything that is an account's.
    pub(super) fn delete_belongings(&mut self, id: AccountId) {
        self.agents.retain(|_, agent| agent.account != id);
        self.keys.retain(|_, key| key.account != id);
        self.outbox.retain(|_, entry| entry.recipient != Recipient::Account(id));
        self.address_notices.remove(&id);
        self.single_use_tokens.retain(|token| token.account != id);
        self.sessions.retain(|_, session| session.account != id);
        self.answers.retain(|record| record.account != id);
    }

    /// Whether the request that this record is of was answered, and may still be repeated.
    pub(super) fn is_answered(&self, record: Option<&IdempotencyRecord>) -> bool {
        record.is_some_and(|new| {
            self.answers.iter().any(|old| old.lookup == new.lookup && old.expires_at > new.created_at)
        })
    }

    /// Writes down what a request came to.
    pub(super) fn answered(&mut self, record: Option<IdempotencyRecord>) {
        if let Some(new) = record {
            self.answers.retain(|old| old.lookup != new.lookup);
            self.answers.push(new);
        }
    }

    /// Whether what let a request of this account in still does, at that moment.
    pub(super) fn is_let_in(&self, account: AccountId, asker: CredentialStamp, at: Instant) -> bool {
        let row = self.accounts.get(&account);
        let is_in_epoch = asker.epoch().is_none_or(|epoch| row.is_some_and(|row| row.account.epoch == epoch));
        let is_good = |stamp: KeyStamp| {
            self.key_of(account, stamp.id)
                .is_some_and(|key| key.generation == stamp.generation && key.status(at).is_good())
        };
        is_in_epoch && asker.key().is_none_or(is_good)
    }

    pub(super) fn key_by_handle(&self, handle: KeyHandle) -> Option<&ApiKey> {
        self.keys.values().find(|key| key.handle == handle)
    }

    pub(super) fn agent_of(&self, account: AccountId, id: AgentId) -> Option<&Agent> {
        self.agents.get(&id).filter(|agent| agent.account == account)
    }

    pub(super) fn owned_agent(&self, owner: Owner, id: AgentId) -> Option<&Agent> {
        self.agents.get(&id).filter(|agent| agent.owner() == owner)
    }

    pub(super) fn key_of(&self, account: AccountId, id: KeyId) -> Option<&ApiKey> {
        self.keys.get(&id).filter(|key| key.account == account)
    }

    pub(super) fn account_standing(&self, id: AccountId) -> Option<AccountStanding> {
        let account = &self.accounts.get(&id)?.account;
        Some(AccountStanding { status: account.status, epoch: account.epoch, plan: account.plan })
    }

    pub(super) fn agent_standing(&self, account: AccountId, id: AgentId) -> Option<AgentStanding> {
        let agent = self.agent_of(account, id)?;
        Some(AgentStanding { status: agent.status, epoch: agent.epoch })
    }
}
