//! What the mail worker tells: what waits, and what became of what was sent.

use std::sync::{Arc, Mutex, PoisonError};

use keyward_domain::mail::{Delivery, OutboxDepth};
use keyward_domain::metrics::{Counter, Figures, Measured};
use keyward_domain::time::{Clock, Instant};

/// Counts mails.
pub(crate) struct MailCounts {
    clock: Arc<dyn Clock>,
    depth: Mutex<Option<OutboxDepth>>,
    sent: Counter,
    postponed: Counter,
    abandoned: Counter,
}

impl MailCounts {
    /// None so far, and nobody has looked at what waits.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            depth: Mutex::default(),
            sent: Counter::default(),
            postponed: Counter::default(),
            abandoned: Counter::default(),
        }
    }

    /// So much waits.
    pub(crate) fn waiting(&self, depth: OutboxDepth) {
        *self.depth.lock().unwrap_or_else(PoisonError::into_inner) = Some(depth);
    }

    /// Counts what came of a mail.
    ///
    /// Security: one that nobody is there to get counts as sent, so that figures tell as little as answers which accounts
    /// there are.
    pub(crate) fn count(&self, delivery: &Delivery) {
        match delivery {
            Delivery::Sent | Delivery::NotNeeded => self.sent.increment(),
            Delivery::Postponed(_) => self.postponed.increment(),
            Delivery::Abandoned(_) => self.abandoned.increment(),
        }
    }

    /// How old something is. It goes on growing while nobody can look at the outbox.
    fn age(&self, since: Instant) -> f64 {
        self.clock.now().unix_micros().saturating_sub(since.unix_micros()).max(0) as f64 / 1e6
    }
}

impl Measured for MailCounts {
    /// Before anybody has looked at what waits, there is nothing to tell of it.
    fn measure(&self, figures: &mut Figures) {
        let depth = *self.depth.lock().unwrap_or_else(PoisonError::into_inner);
        let family = figures.gauge("keyward_outbox_waiting", "Mails in the outbox.");
        depth.into_iter().for_each(|depth| {
            family.count(&[], depth.count);
        });
        let family = figures.gauge("keyward_outbox_oldest_seconds", "For how long the oldest mail waits.");
        depth.into_iter().for_each(|depth| {
            family.number(&[], depth.oldest.map_or(0.0, |oldest| self.age(oldest)));
        });
        figures
            .counter("keyward_mails_total", "Attempts to send a mail, by what came of them.")
            .count(&[("outcome", "sent")], self.sent.get())
            .count(&[("outcome", "postponed")], self.postponed.get())
            .count(&[("outcome", "abandoned")], self.abandoned.get());
    }
}
