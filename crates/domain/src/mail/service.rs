//! Asking for mail.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use super::{
    MailBell, MailKind, MailLinks, Mailer, Outbox, OutboxEntry, Recipient, SealedIdentity, TypedIdentity,
};
use crate::accounts::{Account, AccountEmail, AccountStore, EmailAddress};
use crate::audit::AuditTrail;
use crate::entropy::Entropy;
use crate::ids::MailId;
use crate::principal::Principal;
use crate::secret::Sealer;
use crate::single_use::{SingleUseTokenStore, TokenDigest};
use crate::store::StoreError;
use crate::time::{Clock, Instant};

/// What mail stands on.
#[derive(Clone)]
pub struct MailPorts {
    /// Keeps what waits.
    pub outbox: Arc<dyn Outbox>,
    /// Wakes whoever sends it.
    pub bell: Arc<dyn MailBell>,
    /// Sends it.
    pub mailer: Arc<dyn Mailer>,
    /// Seals what was typed.
    pub sealer: Arc<dyn Sealer>,
    /// Keeps the tokens that are mailed.
    pub tokens: Arc<dyn SingleUseTokenStore>,
    /// Computes their digests.
    pub token_digest: Arc<dyn TokenDigest>,
    /// What mails say: no port, but what an operator decides.
    pub policy: MailPolicy,
}

/// What mails say.
#[derive(Debug, Clone)]
pub struct MailPolicy {
    /// Where links lead.
    pub links: MailLinks,
    /// How long a link that verifies an address is good.
    pub verification_lifetime: Duration,
    /// How long a link that resets a password is good.
    pub reset_lifetime: Duration,
    /// How many links of a kind an account is mailed in an hour; `None`: any number.
    pub links_per_hour: Option<NonZeroU32>,
}

impl MailPolicy {
    /// Links below this address: a day to verify an address, an hour to reset a password, five of a kind in an hour.
    pub fn below(public_url: &str) -> Self {
        Self {
            links: MailLinks::below(public_url),
            verification_lifetime: Duration::from_secs(24 * 60 * 60),
            reset_lifetime: Duration::from_secs(60 * 60),
            links_per_hour: NonZeroU32::new(5),
        }
    }
}

/// How far an account has shown that its address is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The address, if it has one, and since when it is verified.
    pub email: Option<AccountEmail>,
    /// It is not verified, and a link that would do it is on its way or can be followed.
    pub is_pending: bool,
}

/// Use cases of mail: asking for it here, sending it in `delivery.rs`.
#[derive(Clone)]
pub struct MailService {
    pub(super) ports: MailPorts,
    pub(super) accounts: Arc<dyn AccountStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) trail: AuditTrail,
}

impl MailService {
    pub(crate) fn new(
        ports: MailPorts,
        accounts: Arc<dyn AccountStore>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        trail: AuditTrail,
    ) -> Self {
        Self { ports, accounts, clock, entropy, trail }
    }

    /// Asks for a mail by which whoever was meant can choose another password. Its link is good for as long as is said here,
    /// because a vendor's document promises it, or else as the policy has it.
    ///
    /// Security: it does the same whether or not there is anybody: it seals what was typed and puts it into the outbox.
    /// Nobody is looked up, nothing is hashed and nothing is written to the trail before the worker does it.
    pub async fn request_reset(
        &self,
        typed: &TypedIdentity,
        link_lifetime: Option<Duration>,
    ) -> Result<(), StoreError> {
        self.enqueue(MailKind::ResetPassword, typed.expose(), link_lifetime).await
    }

    /// Asks for another mail by which the principal's account can show that its address is its own. One that has no
    /// address, or has shown it, gets none: the worker drops what is asked for.
    pub async fn request_verification(&self, principal: &Principal) -> Result<(), StoreError> {
        let now = self.clock.now();
        let recipient = Recipient::Account(principal.account);
        let entry = OutboxEntry::new(self.new_id(now), MailKind::VerifyAddress, recipient, now);
        self.ports.outbox.enqueue(entry).await?;
        self.ring();
        Ok(())
    }

    /// How far the principal's account has shown that its address is its own. `None` if it is gone.
    pub async fn verification(&self, principal: &Principal) -> Result<Option<Verification>, StoreError> {
        let Some(account) = self.accounts.find(principal.account).await? else {
            return Ok(None);
        };
        let is_open = account.email.as_ref().is_some_and(|email| email.verified_at.is_none());
        let is_pending =
            is_open && self.ports.tokens.is_verification_pending(account.id, self.clock.now()).await?;
        Ok(Some(Verification { email: account.email, is_pending }))
    }

    /// Asks for a notice to the owner of an address with which somebody tried to register.
    pub(crate) async fn tell_owner(&self, address: &EmailAddress) -> Result<(), StoreError> {
        self.enqueue(MailKind::AddressInUse, address.canonical(), None).await
    }

    /// The mail by which a new account's owner shows that its address is theirs, to be put in with the account.
    pub(crate) fn verification_of(&self, account: &Account) -> Option<OutboxEntry> {
        account.email.as_ref()?;
        let (id, now) = (self.new_id(account.created_at), account.created_at);
        Some(OutboxEntry::new(id, MailKind::VerifyAddress, Recipient::Account(account.id), now))
    }

    /// Something was put in.
    pub(crate) fn ring(&self) {
        self.ports.bell.ring();
    }

    async fn enqueue(
        &self,
        kind: MailKind,
        typed: &str,
        link_lifetime: Option<Duration>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let id = self.new_id(now);
        let sealed = SealedIdentity::new(self.ports.sealer.seal(typed.as_bytes(), &sealing_context(id)));
        let entry = OutboxEntry::new(id, kind, Recipient::Typed(sealed), now);
        self.ports.outbox.enqueue(OutboxEntry { link_lifetime, ..entry }).await?;
        self.ring();
        Ok(())
    }

    fn new_id(&self, now: Instant) -> MailId {
        MailId::generate(now, &*self.entropy)
    }
}

/// What a sealed identity is bound to.
pub(super) fn sealing_context(id: MailId) -> Vec<u8> {
    [b"outbox identity ".as_slice(), id.as_uuid().as_bytes()].concat()
}
