//! Sends the mail that waits in the outbox: some at a time, woken by whoever puts one in and by a timer.
//!
//! No request waits for it. It can run on any number of servers at the same time: each takes up mails of its own. One
//! that is being sent when the server is killed comes back when its lease is over.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Fuse, FusedFuture};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use keyward_domain::mail::{Delivery, MailBell, MailService, OutboxEntry};
use keyward_domain::store::StoreError;
use tokio::sync::{Notify, oneshot};
use tokio::time::{MissedTickBehavior, interval};
use tracing::Instrument;

use crate::metrics::MailCounts;

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
    counts: Arc<MailCounts>,
}

impl MailWorker {
    pub(crate) const fn new(mail: MailService, bell: Arc<Bell>, counts: Arc<MailCounts>) -> Self {
        Self { mail, bell, counts }
    }

    /// Sends what is due until it is told to stop, or whoever could tell it is gone. What is being sent by then is sent
    /// to its end.
    pub(crate) async fn run(self, mut stop: oneshot::Receiver<()>) {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sending = FuturesUnordered::new();
        let (mut counting, mut has_counted) = (pin!(Fuse::terminated()), false);
        loop {
            let room = AT_ONCE.saturating_sub(sending.len());
            if room > 0 && !std::mem::take(&mut has_counted) {
                sending.extend(self.claim(room).await.into_iter().map(|entry| self.deliver_in_span(entry)));
            }
            tokio::select! {
                biased;
                _ = &mut stop => break,
                Some(()) = sending.next() => {}
                () = self.bell.0.notified(), if room > 0 => {}
                () = &mut counting, if !counting.is_terminated() => has_counted = true,
                // Not at each turn, and beside the sending: to count what waits is dear where much does.
                _ = look.tick() => {
                    if counting.is_terminated() {
                        counting.set(self.look().fuse());
                    }
                }
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
                self.look().await;
                return Ok(outcomes);
            }
            for entry in due {
                let delivery = self.mail.deliver(&entry).await?;
                self.counts.count(&delivery);
                outcomes.push(delivery);
            }
        }
    }

    /// Notes how much waits. Where that cannot be known, what was noted stays.
    async fn look(&self) {
        match self.mail.depth().await {
            Ok(depth) => self.counts.waiting(depth),
            Err(error) => tracing::debug!(%error, "what waits in the outbox cannot be counted"),
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

    async fn deliver_in_span(&self, entry: OutboxEntry) {
        let span = tracing::debug_span!("mail_send", mail.id = %entry.id, mail.kind = %entry.kind);
        self.deliver(entry).instrument(span).await;
    }

    /// Sends one mail. Security: the log names the mail, and neither whom it is for nor what it says.
    async fn deliver(&self, entry: OutboxEntry) {
        let (mail_id, kind, attempts) = (entry.id, entry.kind, entry.attempts);
        let delivered = AssertUnwindSafe(self.mail.deliver(&entry)).catch_unwind().await;
        if let Ok(Ok(delivery)) = &delivered {
            self.counts.count(delivery);
        }
        match delivered {
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

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use keyward_domain::audit::AuditEvent;
    use keyward_domain::ids::MailId;
    use keyward_domain::mail::{
        AddressNotice, MailFailed, Mailer, Outbox, OutboxDepth, OutgoingMail, TypedIdentity,
    };
    use keyward_domain::time::Instant;
    use keyward_domain::{Domain, Ports};
    use keyward_testkit::domain::{TestDomain, alpha_bot};
    use tokio::sync::{Semaphore, mpsc};
    use tokio::task::{JoinHandle, LocalSet, spawn_local};

    use super::*;

    /// Says what it begins to send, and ends only when it may. The first `panics` mails are its end.
    struct SlowMailer {
        begun: mpsc::UnboundedSender<OutgoingMail>,
        gate: Arc<Semaphore>,
        panics: std::sync::atomic::AtomicUsize,
    }

    #[async_trait]
    impl Mailer for SlowMailer {
        async fn send(&self, mail: &OutgoingMail) -> Result<(), MailFailed> {
            use std::sync::atomic::Ordering::SeqCst;
            let falls = self.panics.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
            let _ = self.begun.send(mail.clone());
            assert!(!falls, "a mailer of a test panics on purpose");
            self.gate.acquire().await.unwrap().forget();
            Ok(())
        }
    }

    struct Stage {
        test: TestDomain,
        domain: Domain,
        bell: Arc<Bell>,
        begun: mpsc::UnboundedReceiver<OutgoingMail>,
        gate: Arc<Semaphore>,
    }

    impl Stage {
        fn new(panics: usize) -> Self {
            let (test, bell) = (TestDomain::new(), Arc::new(Bell::default()));
            let (begun, told) = mpsc::unbounded_channel();
            let gate = Arc::new(Semaphore::new(0));
            let mailer = Arc::new(SlowMailer { begun, gate: gate.clone(), panics: panics.into() });
            let mut ports: Ports = test.ports();
            (ports.mail.mailer, ports.mail.bell) = (mailer, bell.clone());
            Self { domain: Domain::new(ports), test, bell, begun: told, gate }
        }

        fn worker(&self) -> (JoinHandle<()>, oneshot::Sender<()>) {
            let (stop, stopped) = oneshot::channel();
            let (mail, counts) = (self.domain.mail.clone(), MailCounts::new(self.test.clock.clone()));
            (spawn_local(MailWorker::new(mail, self.bell.clone(), Arc::new(counts)).run(stopped)), stop)
        }

        async fn register(&self) {
            self.domain.accounts.register(alpha_bot(), &self.test.context()).await.unwrap();
        }

        async fn forget(&self, times: usize) {
            for _ in 0..times {
                let typed = TypedIdentity::parse("alpha@example.com").unwrap();
                self.domain.mail.request_reset(&typed, None).await.unwrap();
            }
        }
    }

    /// An outbox in which it takes for ever to count what waits.
    struct Uncountable(Arc<dyn Outbox>);

    #[async_trait]
    impl Outbox for Uncountable {
        async fn enqueue(&self, entry: OutboxEntry) -> Result<(), StoreError> {
            self.0.enqueue(entry).await
        }

        async fn claim(
            &self,
            now: Instant,
            until: Instant,
            limit: u16,
        ) -> Result<Vec<OutboxEntry>, StoreError> {
            self.0.claim(now, until, limit).await
        }

        async fn done(&self, id: MailId) -> Result<bool, StoreError> {
            self.0.done(id).await
        }

        async fn postpone(&self, claimed: &OutboxEntry, due_at: Instant) -> Result<bool, StoreError> {
            self.0.postpone(claimed, due_at).await
        }

        async fn abandon(&self, id: MailId, event: AuditEvent) -> Result<bool, StoreError> {
            self.0.abandon(id, event).await
        }

        async fn note_address_in_use(
            &self,
            notice: AddressNotice,
            event: AuditEvent,
        ) -> Result<bool, StoreError> {
            self.0.note_address_in_use(notice, event).await
        }

        async fn depth(&self) -> Result<OutboxDepth, StoreError> {
            std::future::pending().await
        }
    }

    #[tokio::test]
    async fn mail_is_sent_while_what_waits_is_being_counted() {
        local(async {
            let mut stage = Stage::new(0);
            let mut ports = stage.test.ports();
            let (begun, told) = mpsc::unbounded_channel();
            let (gate, panics) = (stage.gate.clone(), 0.into());
            ports.mail.mailer = Arc::new(SlowMailer { begun, gate, panics });
            ports.mail.bell = stage.bell.clone();
            ports.mail.outbox = Arc::new(Uncountable(ports.mail.outbox));
            (stage.domain, stage.begun) = (Domain::new(ports), told);
            let (worker, stop) = stage.worker();
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            stage.register().await;
            stage.begun.recv().await.unwrap();
            stage.gate.add_permits(1);
            stop.send(()).unwrap();
            worker.await.unwrap();
            assert_eq!(stage.test.store.outbox(), []);
        })
        .await;
    }

    async fn local(test: impl Future<Output = ()>) {
        LocalSet::new().run_until(test).await;
    }

    #[tokio::test]
    async fn a_mail_is_sent_while_the_request_has_long_been_answered() {
        local(async {
            let mut stage = Stage::new(0);
            let (worker, stop) = stage.worker();
            stage.register().await; // It comes back, though no mail can be sent to its end.
            stage.begun.recv().await.unwrap();
            stage.forget(1).await;
            stage.begun.recv().await.unwrap();
            stage.gate.add_permits(2);
            stop.send(()).unwrap();
            worker.await.unwrap();
            assert_eq!(stage.test.store.outbox(), []);
        })
        .await;
    }

    #[tokio::test]
    async fn threat_d4_only_so_many_mails_are_being_sent_at_once() {
        local(async {
            let mut stage = Stage::new(0);
            stage.register().await;
            stage.forget(2 * AT_ONCE).await;
            let (worker, stop) = stage.worker();
            for _ in 0..AT_ONCE {
                stage.begun.recv().await.unwrap();
            }
            stage.bell.ring();
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert!(stage.begun.try_recv().is_err(), "another one waits for its turn");
            stage.gate.add_permits(1);
            stage.begun.recv().await.unwrap();
            stage.gate.add_permits(100);
            for _ in AT_ONCE + 1..=2 * AT_ONCE {
                stage.begun.recv().await.unwrap();
            }
            stop.send(()).unwrap();
            worker.await.unwrap();
            assert_eq!(stage.test.store.outbox(), []);
        })
        .await;
    }

    #[tokio::test]
    async fn what_is_being_sent_when_the_server_stops_is_sent_to_its_end_and_nothing_new_begins() {
        local(async {
            let mut stage = Stage::new(0);
            stage.register().await;
            let (worker, stop) = stage.worker();
            stage.begun.recv().await.unwrap();
            stop.send(()).unwrap();
            tokio::task::yield_now().await;
            stage.forget(1).await;
            stage.gate.add_permits(10);
            worker.await.unwrap();
            assert!(stage.begun.try_recv().is_err());
            assert_eq!(stage.test.store.outbox().len(), 1, "the later one waits for the next start");
        })
        .await;
    }

    #[tokio::test]
    async fn threat_d6_a_mail_that_was_being_sent_when_the_server_was_killed_is_sent_by_the_next_one() {
        local(async {
            let mut stage = Stage::new(0);
            stage.register().await;
            let (worker, _stop) = stage.worker();
            let killed = stage.begun.recv().await.unwrap();
            worker.abort();
            assert!(worker.await.unwrap_err().is_cancelled());
            assert_eq!(stage.test.store.outbox().len(), 1, "nothing is lost");

            stage.test.clock.advance(OutboxEntry::LEASE);
            stage.gate.add_permits(1);
            let (worker, stop) = stage.worker();
            assert_eq!(stage.begun.recv().await.unwrap().id, killed.id);
            stop.send(()).unwrap();
            worker.await.unwrap();
            assert_eq!(stage.test.store.outbox(), []);
        })
        .await;
    }

    #[tokio::test]
    async fn threat_d4_a_mailer_that_panics_stops_no_other_mail() {
        local(async {
            let mut stage = Stage::new(1);
            stage.register().await;
            stage.forget(1).await;
            stage.gate.add_permits(10);
            let (worker, stop) = stage.worker();
            stage.begun.recv().await.unwrap();
            stage.begun.recv().await.unwrap();
            stop.send(()).unwrap();
            worker.await.unwrap();
            let left = stage.test.store.outbox();
            assert_eq!(left.len(), 1);
            stage.test.clock.advance(OutboxEntry::LEASE);
            let (worker, stop) = stage.worker();
            assert_eq!(stage.begun.recv().await.unwrap().id, left[0].id);
            stop.send(()).unwrap();
            worker.await.unwrap();
            assert_eq!(stage.test.store.outbox(), []);
        })
        .await;
    }
}
