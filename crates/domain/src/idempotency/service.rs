//! Finding what was answered before, and making the record of what is answered now.

use std::sync::Arc;

use super::{
    Answered, IdempotencyError, IdempotencyRecord, IdempotencySealer, IdempotencyStore, IdempotentRequest,
    OutcomeReader, OutcomeWriter, Repeatable,
};
use crate::ids::AccountId;
use crate::principal::Principal;
use crate::request::RequestContext;
use crate::secret::{Digest, Unsealable};
use crate::store::StoreError;
use crate::time::{Clock, Instant};

/// Finds what was answered before, and makes the record of what is answered now.
#[derive(Clone)]
pub struct IdempotencyService {
    store: Arc<dyn IdempotencyStore>,
    sealer: Arc<dyn IdempotencySealer>,
    clock: Arc<dyn Clock>,
}

/// The record found names an outcome of another kind.
fn unreadable() -> StoreError {
    StoreError::Corrupt("idempotency_records.sealed".to_owned())
}

impl IdempotencyService {
    /// A service over these.
    pub fn new(
        store: Arc<dyn IdempotencyStore>,
        sealer: Arc<dyn IdempotencySealer>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, sealer, clock }
    }

    /// What was answered to this principal's request before; `None` if nothing was, or it may not be repeated.
    pub(crate) async fn recall<T: Repeatable>(
        &self,
        principal: &Principal,
        context: &RequestContext,
    ) -> Result<Option<Answered<T>>, IdempotencyError> {
        self.recall_of(Some(principal), context).await
    }

    /// The same for a request that shows no credential.
    ///
    /// Security: its idempotency key is all that it shows, and a secret is the answer. One that could be guessed is
    /// refused before anything is done.
    pub(crate) async fn recall_anonymous<T: Repeatable>(
        &self,
        context: &RequestContext,
    ) -> Result<Option<Answered<T>>, IdempotencyError> {
        if context.repeatable.as_ref().is_some_and(|request| !request.key.is_strong()) {
            return Err(IdempotencyError::Guessable);
        }
        self.recall_of(None, context).await
    }

    async fn recall_of<T: Repeatable>(
        &self,
        principal: Option<&Principal>,
        context: &RequestContext,
    ) -> Result<Option<Answered<T>>, IdempotencyError> {
        let Some(request) = context.repeatable.as_deref() else {
            return Ok(None);
        };
        let lookup = request.lookup(principal, &*self.sealer);
        let Some(record) = self.store.find(lookup, self.clock.now()).await? else {
            return Ok(None);
        };
        if record.body != request.body_mac(&*self.sealer) {
            return Err(IdempotencyError::OtherBody);
        }
        self.opened(request, &record).map(Some).map_err(Into::into)
    }

    /// The record of what a principal's request came to; `None` if it may not be repeated.
    pub(crate) fn record<T: Repeatable>(
        &self,
        principal: &Principal,
        outcome: &T,
        at: Instant,
        context: &RequestContext,
    ) -> Option<IdempotencyRecord> {
        self.record_of(Some(principal), principal.account, outcome, at, context)
    }

    /// The same for a request that showed no credential and made this account.
    pub(crate) fn record_anonymous<T: Repeatable>(
        &self,
        account: AccountId,
        outcome: &T,
        at: Instant,
        context: &RequestContext,
    ) -> Option<IdempotencyRecord> {
        self.record_of(None, account, outcome, at, context)
    }

    fn record_of<T: Repeatable>(
        &self,
        principal: Option<&Principal>,
        account: AccountId,
        outcome: &T,
        at: Instant,
        context: &RequestContext,
    ) -> Option<IdempotencyRecord> {
        let request = context.repeatable.as_deref()?;
        let lookup = request.lookup(principal, &*self.sealer);
        let mut parts = OutcomeWriter::default();
        parts.part(&T::SHAPE);
        parts.part(&at.unix_micros());
        parts.part(&context.request_id);
        outcome.write(&mut parts);
        Some(IdempotencyRecord {
            lookup,
            body: request.body_mac(&*self.sealer),
            account,
            sealed: self.sealer.seal(&request.key, parts.bytes(), &sealing_context(lookup)),
            created_at: at,
            expires_at: at.saturating_add(IdempotencyRecord::LIFETIME),
        })
    }

    fn opened<T: Repeatable>(
        &self,
        request: &IdempotentRequest,
        record: &IdempotencyRecord,
    ) -> Result<Answered<T>, StoreError> {
        let opened = self.sealer.open(&request.key, &record.sealed, &sealing_context(record.lookup));
        let opened = opened.map_err(|Unsealable| unreadable())?;
        let mut parts = OutcomeReader::over(opened.expose());
        read(&mut parts).filter(|_| parts.is_at_end()).ok_or_else(unreadable)
    }

    /// Deletes the records that have expired.
    pub async fn forget_expired(&self) -> Result<(), StoreError> {
        self.store.forget(self.clock.now()).await
    }
}

fn read<T: Repeatable>(parts: &mut OutcomeReader<'_>) -> Option<Answered<T>> {
    if parts.text()? != T::SHAPE {
        return None;
    }
    let at = Instant::from_unix_micros(parts.part()?).ok()?;
    let request_id = parts.part()?;
    Some(Answered { outcome: T::read(parts)?, at, request_id })
}

/// What a sealed outcome is bound to.
fn sealing_context(lookup: Digest) -> Vec<u8> {
    [b"idempotency outcome ".as_slice(), lookup.as_bytes()].concat()
}
