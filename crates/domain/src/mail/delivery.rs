//! Sending what waits: whom it is for, what it proves by, and what comes of it.

use std::time::Duration;

use super::service::sealing_context;
use super::{
    AddressNotice, MailContent, MailFailed, MailKind, MailService, OutboxDepth, OutboxEntry, OutgoingMail,
    Recipient,
};
use crate::accounts::{Account, AccountEmail, AccountStatus, DisplayName, EmailAddress};
use crate::audit::{Action, Actor, AuditEvent, Deed, Target};
use crate::ids::AccountId;
use crate::single_use::{Issuance, IssueLimit, IssuedSingleUseToken, SingleUseBinding, SingleUseToken};
use crate::store::StoreError;
use crate::time::Instant;

/// What came of an entry. The texts are for the operator's log and name nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It is sent.
    Sent,
    /// There is nobody to send it to, or nothing to say: it was dropped, which is not worth a word.
    NotNeeded,
    /// It failed, and is tried again.
    Postponed(String),
    /// It is given up.
    Abandoned(String),
}

impl MailService {
    /// How soon the owner of an address is told again of somebody who tries to register with it.
    const BETWEEN_NOTICES: Duration = Duration::from_secs(24 * 60 * 60);
    /// In which time so many links are enough.
    const HOUR: Duration = Duration::from_secs(60 * 60);
    /// How often an account that others change meanwhile is looked at again.
    const ROUNDS: usize = 8;
    /// How often a busy store is told that a mail is sent.
    const TRIES: usize = 4;

    /// Takes up at most `limit` mails that are due. Each is to be given to [`deliver`](Self::deliver); one that is not
    /// comes back.
    pub async fn claim(&self, limit: u16) -> Result<Vec<OutboxEntry>, StoreError> {
        let now = self.clock.now();
        self.ports.outbox.claim(now, now.saturating_add(OutboxEntry::LEASE), limit).await
    }

    /// How much waits.
    pub async fn depth(&self) -> Result<OutboxDepth, StoreError> {
        self.ports.outbox.depth().await
    }

    /// Sends a mail that was taken up. After an error, or if this does not come to its end, it is due again when its
    /// lease is over.
    pub async fn deliver(&self, entry: &OutboxEntry) -> Result<Delivery, StoreError> {
        if entry.is_too_old(self.clock.now()) {
            return self.abandon(entry, "it is a day old".to_owned()).await;
        }
        match self.make(entry).await {
            Ok(Some(mail)) => self.send(entry, &mail).await,
            Ok(None) => self.drop_silently(entry).await,
            // Nothing is sent yet: there is no need to wait for the end of the lease.
            Err(why @ (StoreError::Busy | StoreError::Unavailable(_))) => {
                self.postpone(entry, why.to_string()).await
            }
            Err(why @ StoreError::Corrupt(_)) => Err(why),
        }
    }

    /// The mail, or nothing if there is nobody to send it to.
    async fn make(&self, entry: &OutboxEntry) -> Result<Option<OutgoingMail>, StoreError> {
        for _ in 0..Self::ROUNDS {
            let Some((account, email)) = self.recipient_of(entry).await? else {
                return Ok(None);
            };
            match self.prepare(entry, &account, &email).await? {
                Prepared::Mail(mail) => return Ok(Some(mail)),
                Prepared::NotNeeded => return Ok(None),
                Prepared::Overtaken => {} // The account has changed in between: look again.
            }
        }
        Err(StoreError::Busy)
    }

    async fn send(&self, entry: &OutboxEntry, mail: &OutgoingMail) -> Result<Delivery, StoreError> {
        match self.ports.mailer.send(mail).await {
            Ok(()) => {
                self.done(entry).await?;
                Ok(Delivery::Sent)
            }
            Err(MailFailed::ForGood(why)) => self.abandon(entry, why).await,
            Err(MailFailed::ForNow(why)) => self.postpone(entry, why).await,
        }
    }

    /// Security: nothing tells this from a mail that was sent, not even a line in the log.
    async fn drop_silently(&self, entry: &OutboxEntry) -> Result<Delivery, StoreError> {
        self.done(entry).await?;
        Ok(Delivery::NotNeeded)
    }

    /// Says that the mail is sent. Said in vain, the mail would be sent again: it is said more than once.
    async fn done(&self, entry: &OutboxEntry) -> Result<(), StoreError> {
        for _ in 1..Self::TRIES {
            match self.ports.outbox.done(entry.id).await {
                Err(StoreError::Busy) => {}
                said => return said.map(drop),
            }
        }
        self.ports.outbox.done(entry.id).await.map(drop)
    }

    async fn postpone(&self, entry: &OutboxEntry, why: String) -> Result<Delivery, StoreError> {
        match entry.next_attempt(self.clock.now(), &*self.entropy) {
            Some(next) => {
                self.ports.outbox.postpone(entry, next).await?;
                Ok(Delivery::Postponed(why))
            }
            None => self.abandon(entry, why).await,
        }
    }

    async fn abandon(&self, entry: &OutboxEntry, why: String) -> Result<Delivery, StoreError> {
        let account = match &entry.recipient {
            Recipient::Account(id) => Some(*id),
            Recipient::Typed(_) => None,
        };
        let target = Target::Mail(entry.id);
        let deed = Deed { actor: &Actor::System, action: Action::MailAbandoned, target: &target, account };
        let event = self.trail.event(self.clock.now(), deed, None);
        self.ports.outbox.abandon(entry.id, event).await?;
        Ok(Delivery::Abandoned(why))
    }

    /// Whom the mail is for: an account that is not archived and has an address.
    async fn recipient_of(&self, entry: &OutboxEntry) -> Result<Option<(Account, AccountEmail)>, StoreError> {
        let found = match &entry.recipient {
            Recipient::Account(id) => self.accounts.find(*id).await?,
            Recipient::Typed(sealed) => {
                let opened = self.ports.sealer.open(sealed.as_bytes(), &sealing_context(entry.id));
                let typed = opened.map_err(|why| StoreError::Corrupt(format!("outbox: {why}")))?;
                let typed = String::from_utf8_lossy(typed.expose());
                match (EmailAddress::parse(&typed), DisplayName::parse(&typed)) {
                    (Ok(email), _) => self.accounts.find_login(&email).await?.map(|login| login.account),
                    (Err(_), Ok(name)) => self.accounts.find_named(&name).await?,
                    (Err(_), Err(_)) => None,
                }
            }
        };
        let reachable = found.filter(|account| !matches!(account.status, AccountStatus::Archived { .. }));
        Ok(reachable.and_then(|account| {
            let email = account.email.clone()?;
            Some((account, email))
        }))
    }

    /// Makes the mail, with a token of its own where it has one.
    async fn prepare(
        &self,
        entry: &OutboxEntry,
        account: &Account,
        email: &AccountEmail,
    ) -> Result<Prepared, StoreError> {
        let now = self.clock.now();
        let policy = &self.ports.policy;
        let mail = |content| OutgoingMail {
            id: entry.id,
            to: email.address.clone(),
            account_name: account.display_name.clone(),
            content,
        };
        let (binding, lifetime, action) = match entry.kind {
            MailKind::AddressInUse => {
                return Ok(match self.note(entry, account.id, now).await? {
                    true => Prepared::Mail(mail(MailContent::AddressInUse)),
                    false => Prepared::NotNeeded,
                });
            }
            MailKind::VerifyAddress if email.verified_at.is_some() => return Ok(Prepared::NotNeeded),
            MailKind::VerifyAddress => {
                (SingleUseBinding::VerifyAddress, policy.verification_lifetime, Action::VerificationIssued)
            }
            MailKind::ResetPassword => (
                SingleUseBinding::ResetPassword { epoch: account.epoch },
                entry.link_lifetime.unwrap_or(policy.reset_lifetime),
                Action::PasswordResetIssued,
            ),
        };
        let issued = IssuedSingleUseToken::generate(&*self.entropy);
        let token = SingleUseToken {
            digest: self.ports.token_digest.digest(issued.expose()),
            binding,
            account: account.id,
            address: email.address.clone(),
            created_at: now,
            expires_at: now.saturating_add(lifetime),
            used_at: None,
        };
        let event = self.event(action, account.id, now);
        match self.ports.tokens.issue(token, self.limit(entry, now), event).await? {
            Issuance::Issued => {}
            Issuance::Enough => return Ok(Prepared::NotNeeded),
            Issuance::Overtaken => return Ok(Prepared::Overtaken),
        }
        let link = policy.links.to(binding.purpose(), &issued);
        Ok(Prepared::Mail(mail(match binding {
            SingleUseBinding::VerifyAddress => MailContent::VerifyAddress { link, lifetime },
            SingleUseBinding::ResetPassword { .. } => {
                MailContent::ResetPassword { link, lifetime, ends_keys: email.verified_at.is_none() }
            }
        })))
    }

    /// Security: each link ends the one before, so that whoever asks again and again would leave none that lives long
    /// enough to be followed. A mail that failed counts no more: its link was made, and nobody has it.
    fn limit(&self, entry: &OutboxEntry, now: Instant) -> Option<IssueLimit> {
        let most = self.ports.policy.links_per_hour.filter(|_| entry.attempts == 0)?;
        Some(IssueLimit { most, since: now.saturating_sub(Self::HOUR) })
    }

    async fn note(&self, entry: &OutboxEntry, account: AccountId, now: Instant) -> Result<bool, StoreError> {
        let unless_since = now.saturating_sub(Self::BETWEEN_NOTICES);
        let notice = AddressNotice { account, mail: entry.id, at: now, unless_since };
        let event = self.event(Action::AddressNoticeIssued, account, now);
        self.ports.outbox.note_address_in_use(notice, event).await
    }

    fn event(&self, action: Action, account: AccountId, now: Instant) -> AuditEvent {
        let target = Target::Account(account);
        self.trail.event(now, Deed::to_account(&Actor::System, action, &target, account), None)
    }
}

/// What became of making a mail.
enum Prepared {
    Mail(OutgoingMail),
    NotNeeded,
    Overtaken,
}
