//! Sends the mail that waits in the outbox: some at a time, woken by whoever puts one in and by a timer.
//!
//! No request waits for it. It can run on any number of servers at the same time: each takes up mails of its own. One
//! that is being sent when the server is killed comes back when its lease is over.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use keyward_domain::mail::{Delivery, MailBell, MailService, OutboxEntry};
use keyward_domain::store::StoreError;
use tokio::sync::{Notify, oneshot};
use tokio::time::{MissedTickBehavior, interval};

/// How many mails are being sent at the same time.
const AT_ONCE: usize = 8;
/// How often the outbox is looked at when nobody rings: for mails that are tried again, and for other servers'.
const LOOK: Duration = Duration::from_secs(5);

/// Wakes the worker of this process.
#[derive(Debug, Default)]
pub(crate) struct Bell(Notify);

impl MailBell for Bell {
    fn ring(&self) {
        self.0.notify_one();
    }
}

/// Sends the mail that waits.
#[derive(Clone)]
pub struct MailWorker {
    mail: MailService,
    bell: Arc<Bell>,
}

impl MailWorker {
    pub(crate) const fn new(mail: MailService, bell: Arc<Bell>) -> Self {
        Self { mail, bell }
    }

    /// Sends what is due until it is told to stop, or whoever could tell it is gone. What is being sent by then is sent
    /// to its end.
    pub(crate) async fn run(self, mut stop: oneshot::Receiver<()>) {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sending = FuturesUnordered::new();
        loop {
            let room = AT_ONCE.saturating_sub(sending.len());
            if room > 0 {
                sending.extend(self.claim(room).await.into_iter().map(|entry| self.deliver(entry)));
            }
            tokio::select! {
                biased;
                _ = &mut stop => break,
                Some(()) = sending.next() => {}
                () = self.bell.0.notified(), if room > 0 => {}
                _ = look.tick() => {}
            }
        }
        while sending.next().await.is_some() {}
    }

    /// Sends everything that is due now, one after the other, and says what came of each.
    pub async fn send_due(&self) -> Result<Vec<Delivery>, StoreError> {
        let mut outcomes = Vec::new();
        loop {
            let due = self.mail.claim(u16::try_from(AT_ONCE).unwrap_or(1)).await?;
            if due.is_empty() {
                return Ok(outcomes);
            }
            for entry in due {
                outcomes.push(self.mail.deliver(&entry).await?);
            }
        }
    }

    async fn claim(&self, room: usize) -> Vec<OutboxEntry> {
        match self.mail.claim(u16::try_from(room).unwrap_or(1)).await {
            Ok(entries) => entries,
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read and is looked at again later");
                Vec::new()
            }
        }
    }

    /// Sends one mail. Security: the log names the mail, and neither whom it is for nor what it says.
    async fn deliver(&self, entry: OutboxEntry) {
        let (mail_id, kind, attempts) = (entry.id, entry.kind, entry.attempts);
        match AssertUnwindSafe(self.mail.deliver(&entry)).catch_unwind().await {
            // Security: nothing tells an account that does not exist from one that does.
            Ok(Ok(Delivery::Sent | Delivery::NotNeeded)) => {}
            Ok(Ok(Delivery::Postponed(reason))) => {
                tracing::warn!(mail.id = %mail_id, %kind, attempts, reason, "a mail is not sent and is tried again later");
            }
            Ok(Ok(Delivery::Abandoned(reason))) => {
                tracing::error!(mail.id = %mail_id, %kind, attempts, reason, "a mail is given up");
            }
            Ok(Err(error)) => {
                tracing::warn!(mail.id = %mail_id, %kind, %error, "a mail comes back when its lease is over");
            }
            Err(_panic) => {
                tracing::error!(mail.id = %mail_id, %kind, "sending a mail panicked: it comes back when its lease is over");
            }
        }
    }
}
