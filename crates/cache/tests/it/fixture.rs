//! A domain whose credentials are remembered, and a source that waits for the test.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use keyward_cache::{CacheOptions, CredentialCache, Lease};
use keyward_domain::accounts::RegisteredAccount;
use keyward_domain::credentials::{CredentialSource, Found, Wanted};
use keyward_domain::store::StoreError;
use keyward_domain::{Domain, Ports};
use keyward_testkit::domain::{TestDomain, alpha_bot, one_hour};
use tokio::sync::{Semaphore, mpsc};

/// The domain on fakes, with a cache between it and the store.
pub(crate) struct Remembering {
    pub(crate) test: TestDomain,
    pub(crate) domain: Domain,
    pub(crate) cache: CredentialCache,
}

impl Remembering {
    pub(crate) fn new(lease: Lease) -> Self {
        Self::over(TestDomain::new(), lease, |store| store)
    }

    /// With something between the cache and the store.
    pub(crate) fn over(
        test: TestDomain,
        lease: Lease,
        wrap: impl FnOnce(Arc<dyn CredentialSource>) -> Arc<dyn CredentialSource>,
    ) -> Self {
        let source = wrap(test.store.clone());
        let cache = CredentialCache::new(source, test.clock.clone(), CacheOptions { capacity: 1_000, lease });
        test.store.tell(Arc::new(cache.clone()));
        let ports = Ports { credentials: Arc::new(cache.clone()), ..test.ports() };
        Self { domain: Domain::new(ports), test, cache }
    }

    /// An account, its key's text and a token for it.
    pub(crate) async fn alpha(&self) -> (RegisteredAccount, String, String) {
        let alpha = self.test.register(alpha_bot()).await;
        let key = alpha.key.issued.text.expose().clone();
        let secret = alpha.key.login_secret.as_ref().unwrap().expose().clone();
        let token = self.domain.tokens.exchange_key(&key, &secret, &one_hour()).await.unwrap();
        (alpha, key, token.text.expose().clone())
    }
}

/// A source that says when it is asked, and answers when it is let: with what the store held when it was asked.
pub(crate) struct HeldBack {
    source: Arc<dyn CredentialSource>,
    asked: mpsc::UnboundedSender<Wanted>,
    answers: Arc<Semaphore>,
    reads: Arc<AtomicUsize>,
}

/// The test's end of a [`HeldBack`].
pub(crate) struct Holder {
    pub(crate) asked: mpsc::UnboundedReceiver<Wanted>,
    answers: Arc<Semaphore>,
    reads: Arc<AtomicUsize>,
}

impl HeldBack {
    pub(crate) fn new(source: Arc<dyn CredentialSource>) -> (Arc<Self>, Holder) {
        let (asked, wanted) = mpsc::unbounded_channel();
        let (answers, reads) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
        let holder = Holder { asked: wanted, answers: answers.clone(), reads: reads.clone() };
        (Arc::new(Self { source, asked, answers, reads }), holder)
    }
}

impl Holder {
    /// Lets one read answer.
    pub(crate) fn answer(&self) {
        self.answers.add_permits(1);
    }

    /// Lets every read answer from now on.
    pub(crate) fn let_go(&self) {
        self.answers.add_permits(1_000);
    }

    /// How many reads there have been.
    pub(crate) fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl CredentialSource for HeldBack {
    async fn read(&self, wanted: Wanted) -> Result<Found, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let found = self.source.read(wanted.clone()).await;
        let _ = self.asked.send(wanted);
        self.answers.acquire().await.unwrap().forget();
        found
    }
}

/// A lease of a second, as beside other servers.
pub(crate) const ONE_SECOND: Lease = Lease::AfterEachPoll(Duration::from_secs(1));
