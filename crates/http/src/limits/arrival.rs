//! The arrival: what is known of a request before anything is done with it.

use actix_web::HttpMessage;
use keyward_domain::ids::RequestId;
use keyward_domain::limits::{Bucket, LimitName, LimitSubject, Network, Standing};
use keyward_domain::principal::Principal;
use keyward_domain::scope::Scope;
use keyward_domain::time::Instant;

use super::RouteLimit;
use crate::state::State;

/// What is known of a request before anything is done with it. It travels in the request's extensions.
#[derive(Clone, Copy)]
pub(crate) struct Arrival {
    /// The request's id.
    pub(crate) id: RequestId,
    /// When it came.
    pub(crate) at: Instant,
    /// Where its client is.
    pub(crate) from: Network,
    /// The limit of its route, once that is known.
    pub(super) limit: Option<RouteLimit>,
    /// The scope that a narrowed credential needs at its route.
    scope: Option<Scope>,
    /// How that stands of which it took something.
    standing: Option<Standing>,
    /// Whether it was answered what an earlier request had come to.
    is_told_again: bool,
}

impl Arrival {
    /// Of a request that was just read.
    pub(crate) const fn new(id: RequestId, at: Instant, from: Network) -> Self {
        Self { id, at, from, limit: None, scope: None, standing: None, is_told_again: false }
    }

    /// The arrival of this request.
    pub(crate) fn of(request: &impl HttpMessage) -> Option<Self> {
        request.extensions().get::<Self>().copied()
    }

    /// Writes down how that stands of which the request took something last: the answer's headers will say it.
    pub(crate) fn record(request: &impl HttpMessage, standing: Standing) {
        if let Some(arrival) = request.extensions_mut().get_mut::<Self>() {
            arrival.standing = Some(standing);
        }
    }

    /// Writes down that it is answered what an earlier request came to, and did nothing itself.
    pub(crate) fn told_again(request: &impl HttpMessage) {
        if let Some(arrival) = request.extensions_mut().get_mut::<Self>() {
            arrival.is_told_again = true;
        }
    }

    /// Whether something was done for it.
    pub(super) fn has_done(request: &impl HttpMessage) -> bool {
        !Self::of(request).is_some_and(|arrival| arrival.is_told_again)
    }

    /// Writes down what its route asks for.
    pub(super) fn routed(request: &impl HttpMessage, limit: RouteLimit, scope: Option<Scope>) {
        if let Some(arrival) = request.extensions_mut().get_mut::<Self>() {
            arrival.limit = Some(limit);
            arrival.scope = scope;
        }
    }

    /// The scope that a narrowed credential needs at this request's route.
    pub(crate) fn scope(request: &impl HttpMessage) -> Option<Scope> {
        Self::of(request)?.scope
    }

    /// What limits whoever is recognised at this request's route.
    pub(crate) fn bucket_of(request: &impl HttpMessage, principal: &Principal) -> Bucket {
        let account = LimitSubject::Account(principal.account, principal.plan);
        let (limit, subject) = match Self::of(request).and_then(|arrival| arrival.limit) {
            Some(RouteLimit::PerAccount(limit)) => (limit, account),
            Some(RouteLimit::PerKey(limit)) => {
                (limit, principal.credential.key().map_or(account, LimitSubject::Key))
            }
            // No route that recognises an account is without its limit: `tests/it/route_coverage.rs` sees to it.
            Some(RouteLimit::Free(_) | RouteLimit::PerNetwork(_) | RouteLimit::Guarded { .. }) | None => {
                (LimitName::Anonymous, account)
            }
        };
        Bucket { limit, subject }
    }

    /// Whether it took something.
    pub(super) const fn is_counted(&self) -> bool {
        self.standing.is_some()
    }

    /// The bucket of its network.
    pub(super) const fn bucket(&self, limit: LimitName) -> Bucket {
        Bucket::at(limit, self.from)
    }

    /// How that stands of which it took something; if it took nothing, how that stands of which it would have.
    pub(crate) fn standing(&self, state: &State) -> Standing {
        let would = match self.limit {
            Some(RouteLimit::Free(limit) | RouteLimit::PerNetwork(limit)) => limit,
            Some(RouteLimit::Guarded { .. } | RouteLimit::PerAccount(_) | RouteLimit::PerKey(_)) | None => {
                LimitName::Anonymous
            }
        };
        self.standing.unwrap_or_else(|| state.domain.limits.peek(self.bucket(would), self.at))
    }
}
