//! Writes audit events: the one place that gives them ids and MACs.

use std::sync::Arc;

use super::{Action, Actor, AuditEvent, Outcome, Target};
use crate::entropy::Entropy;
use crate::ids::{AccountId, AuditEventId};
use crate::request::RequestContext;
use crate::secret::Digest;
use crate::time::Instant;

/// Port: the MAC of an audit row, under a key that derives from the root secret and serves nothing else.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait AuditMac: Send + Sync {
    /// HMAC-SHA-256 (RFC 2104) of the event's [`signed_bytes`](AuditEvent::signed_bytes).
    fn mac(&self, signed_bytes: &[u8]) -> Digest;
}

/// What was done, by whom, to what.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// Who did it.
    pub actor: &'a Actor,
    /// What was done.
    pub action: Action,
    /// What it was done to.
    pub target: &'a Target,
    /// Whose trail it belongs to.
    pub account: Option<AccountId>,
}

impl<'a> Deed<'a> {
    /// A deed done to an account.
    pub const fn to_account(
        actor: &'a Actor,
        action: Action,
        target: &'a Target,
        account: AccountId,
    ) -> Self {
        Self { actor, action, target, account: Some(account) }
    }
}

/// Makes audit events.
#[derive(Clone)]
pub struct AuditTrail {
    mac: Arc<dyn AuditMac>,
    entropy: Arc<dyn Entropy>,
}

impl AuditTrail {
    /// A trail that signs with `mac`.
    pub fn new(mac: Arc<dyn AuditMac>, entropy: Arc<dyn Entropy>) -> Self {
        Self { mac, entropy }
    }

    /// An event of a successful deed, ready to be committed with it. `context` is absent for what the server does of
    /// its own accord.
    #[must_use]
    pub fn event(&self, now: Instant, deed: Deed<'_>, context: Option<&RequestContext>) -> AuditEvent {
        let mut event = AuditEvent {
            id: AuditEventId::generate(now, &*self.entropy),
            at: now,
            actor: deed.actor.to_string(),
            action: deed.action,
            target: deed.target.to_string(),
            account: deed.account,
            outcome: Outcome::Succeeded,
            request_id: context.map(|context| context.request_id),
            mac: Digest::new([0; 32]),
        };
        event.mac = self.mac.mac(&event.signed_bytes());
        event
    }

    /// Whether the event is as it was written.
    #[must_use]
    pub fn is_intact(&self, event: &AuditEvent) -> bool {
        self.mac.mac(&event.signed_bytes()) == event.mac
    }
}
