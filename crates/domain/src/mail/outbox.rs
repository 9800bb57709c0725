//! What waits to be mailed: what was asked for, and when it is tried again.

use std::time::Duration;

use crate::entropy::{Entropy, random_bytes};
use crate::ids::{AccountId, MailId};
use crate::text_enum;
use crate::time::Instant;

text_enum! {
    /// Which mail.
    pub enum MailKind {
        /// Follow the link to show that the address is yours.
        VerifyAddress = "verify_address",
        /// Follow the link to choose another password.
        ResetPassword = "reset_password",
        /// Somebody tried to register with this address.
        AddressInUse = "address_in_use",
    }
}

/// A mail that is to be sent.
///
/// Security: it holds neither the mail nor its token, so that no copy of the database opens anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Names the mail, however often it is tried.
    pub id: MailId,
    /// Which mail.
    pub kind: MailKind,
    /// Whom it is for.
    pub recipient: Recipient,
    /// For how long its link is to be good, where whoever asked for it says so.
    pub link_lifetime: Option<Duration>,
    /// When it was asked for.
    pub created_at: Instant,
    /// How often it was tried and failed.
    pub attempts: u32,
    /// Nobody takes it up before. Whoever takes it up moves this, so that it comes back if they never say how it went.
    pub due_at: Instant,
}

/// Whom a mail is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// This account.
    Account(AccountId),
    /// The account that somebody meant, if there is one.
    Typed(SealedIdentity),
}

/// A [`TypedIdentity`](super::TypedIdentity) as it rests: sealed, and bound to its entry.
///
/// Security: it may be the address of somebody who has never heard of this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedIdentity(Vec<u8>);

impl SealedIdentity {
    /// Takes what a sealer made or a store kept.
    pub const fn new(sealed: Vec<u8>) -> Self {
        Self(sealed)
    }

    /// The sealed bytes, for a column.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl OutboxEntry {
    /// After how long a mail is given up: whoever waited for it has asked again.
    pub const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);
    /// For how long whoever takes an entry up has it alone. A mailer answers within one minute.
    pub const LEASE: Duration = Duration::from_secs(120);
    /// The waits after the first failures, in seconds.
    const WAITS: [u64; 5] = [10, 30, 60, 120, 300];
    /// The wait after every later one.
    const LONGEST_WAIT: u64 = 600;

    /// A mail that can be sent at once.
    pub const fn new(id: MailId, kind: MailKind, recipient: Recipient, now: Instant) -> Self {
        Self { id, kind, recipient, link_lifetime: None, created_at: now, attempts: 0, due_at: now }
    }

    /// Whether it is given up.
    pub fn is_too_old(&self, now: Instant) -> bool {
        self.created_at.saturating_add(Self::MAX_AGE) <= now
    }

    /// When to try again after a failure; `None` if it will be given up by then. Up to a quarter is added to the wait, so
    /// that mails which failed together do not come back together.
    pub fn next_attempt(&self, now: Instant, entropy: &dyn Entropy) -> Option<Instant> {
        let failed = usize::try_from(self.attempts).unwrap_or(usize::MAX);
        let wait = Duration::from_secs(Self::WAITS.get(failed).copied().unwrap_or(Self::LONGEST_WAIT));
        let [part] = random_bytes::<1>(entropy);
        let next = now.saturating_add(wait + wait.mul_f64(f64::from(part) / 1_024.0));
        (next < self.created_at.saturating_add(Self::MAX_AGE)).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::tests::Counting;

    fn entry(attempts: u32) -> OutboxEntry {
        let (id, account) = (MailId::from_uuid(uuid::Uuid::nil()), AccountId::from_uuid(uuid::Uuid::nil()));
        let kind = MailKind::VerifyAddress;
        OutboxEntry { attempts, ..OutboxEntry::new(id, kind, Recipient::Account(account), at(0)) }
    }

    fn at(seconds: u64) -> Instant {
        Instant::from_unix_micros(0).unwrap().saturating_add(Duration::from_secs(seconds))
    }

    #[test]
    fn each_failure_waits_longer_up_to_ten_minutes_and_a_quarter() {
        let entropy = Counting::starting_at(250);
        for (attempts, wait) in
            [(0, 10), (1, 30), (2, 60), (3, 120), (4, 300), (5, 600), (6, 600), (1_000, 600)]
        {
            let next = entry(attempts).next_attempt(at(100), &entropy).unwrap();
            assert!(next >= at(100 + wait) && next < at(100 + wait + wait / 4 + 1), "{attempts}: {next}");
        }
        let mut drawn: Vec<_> = (0..8).map(|_| entry(0).next_attempt(at(0), &entropy).unwrap()).collect();
        drawn.dedup();
        assert_eq!(drawn.len(), 8, "the waits differ");
    }

    #[test]
    fn a_mail_is_given_up_after_a_day() {
        let day = 24 * 60 * 60;
        assert!(!entry(0).is_too_old(at(day - 1)));
        assert!(entry(0).is_too_old(at(day)));
        assert!(entry(9).next_attempt(at(day - 800), &Counting::default()).is_some());
        assert_eq!(entry(9).next_attempt(at(day - 600), &Counting::default()), None);
    }
}
