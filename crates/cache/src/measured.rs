//! What the cache tells of itself.

use keyward_domain::metrics::{Counter, Figures, Measured};

use crate::CredentialCache;
use crate::credential_cache::now;

/// Whether what was asked for was remembered, all of it.
#[derive(Default)]
pub(crate) struct Recalls {
    hits: Counter,
    misses: Counter,
}

impl Recalls {
    /// Counts one, and hands it on.
    pub(crate) fn count<T>(&self, recalled: Option<T>) -> Option<T> {
        let counter = if recalled.is_some() { &self.hits } else { &self.misses };
        counter.increment();
        recalled
    }
}

impl Measured for CredentialCache {
    fn measure(&self, figures: &mut Figures) {
        let family = figures.counter(
            "keyward_cache_recalls_total",
            "Checks that asked the memory first: a hit costs no query. By kind of credential and outcome.",
        );
        for (kind, recalls) in [("key", self.keys_recalled()), ("token", self.tokens_recalled())] {
            family.count(&[("credential", kind), ("outcome", "hit")], recalls.hits.get());
            family.count(&[("credential", kind), ("outcome", "miss")], recalls.misses.get());
        }
        let inventory = self.memory().inventory();
        let family = figures.gauge("keyward_cache_entries", "What is remembered, by kind.");
        for (kind, entries, _) in inventory {
            family.count(&[("kind", kind)], entries as u64);
        }
        let family =
            figures.counter("keyward_cache_evictions_total", "What had to make room for others, by kind.");
        for (kind, _, evicted) in inventory {
            family.count(&[("kind", kind)], evicted);
        }
        figures
            .gauge("keyward_cache_revoked_tokens", "Tokens that are known to have ended before their time.")
            .count(&[], self.memory().revoked() as u64);
        let family = figures.gauge(
            "keyward_lease_age_seconds",
            "How long ago this server had heard of everything that others ended. Beyond the lease it answers 503.",
        );
        self.lease().age(now()).into_iter().for_each(|age| {
            family.number(&[], age.as_secs_f64());
        });
    }
}
