//! What the contract of limiters runs on.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;

use keyward_domain::limits::ExactLimiter;
use keyward_domain::time::Instant;

type Reopen = dyn Fn(Instant) -> Pin<Box<dyn Future<Output = Arc<dyn ExactLimiter>> + Send>> + Send + Sync;

/// One limiter over nothing that was counted yet.
pub struct Limiters {
    /// The limiter.
    pub exact: Arc<dyn ExactLimiter>,
    /// The same as it is after a restart in good order.
    reopen: Box<Reopen>,
    /// Keeps its database alive. Goes last.
    _keep_alive: Box<dyn Any + Send>,
}

impl Limiters {
    /// A limiter, what makes it again after a restart, and what must live as long.
    pub fn new<R>(
        exact: Arc<dyn ExactLimiter>,
        reopen: impl Fn(Instant) -> R + Send + Sync + 'static,
        keep_alive: impl Any + Send,
    ) -> Self
    where
        R: Future<Output = Arc<dyn ExactLimiter>> + Send + 'static,
    {
        Self { exact, reopen: Box::new(move |now| Box::pin(reopen(now))), _keep_alive: Box::new(keep_alive) }
    }

    /// The limiter after a restart.
    pub(super) async fn reopened(&self, now: Instant) -> Arc<dyn ExactLimiter> {
        (self.reopen)(now).await
    }
}
