//! The gate: what stands before a route's handler, and what an answer costs that nobody else has counted.

use std::future::Future;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use keyward_domain::limits::{Admission, AdmitError, Bucket, LimitName, Limited};
use keyward_domain::scope::Scope;

use super::{Arrival, RouteLimit};
use crate::fault::{self, Fault};
use crate::state::State;

/// Lets a request through to what answers it, if its route's limit has room. The body was read before, so that even a
/// refusal is an answer and no cut connection.
pub(crate) async fn guarded_by<F>(
    limit: RouteLimit,
    scope: Option<Scope>,
    request: HttpRequest,
    handle: impl FnOnce() -> F,
) -> HttpResponse
where
    F: Future<Output: Responder + 'static>,
{
    let answer = async || handle().await.respond_to(&request).map_into_boxed_body();
    let (Some(state), Some(arrival)) = (request.app_data::<web::Data<State>>(), Arrival::of(&request)) else {
        return fault::render(&request, Fault::Internal);
    };
    Arrival::routed(&request, limit, scope);
    match limit {
        RouteLimit::Free(_) => answer().await,
        RouteLimit::PerNetwork(name) => match take(state, &arrival, &request, name) {
            Ok(()) => answer().await,
            Err(limited) => fault::render(&request, Fault::Limited(limited)),
        },
        RouteLimit::Guarded { attempts, successes } => {
            let admitted = admit(state, &arrival, attempts, successes).await;
            match admitted {
                Ok(admission) => settled(state, &request, admission, answer().await).await,
                Err(why) => fault::render(&request, why),
            }
        }
        RouteLimit::PerAccount(_) | RouteLimit::PerKey(_) => {
            let answered = answer().await;
            at_least_anonymous(state, &request, answered)
        }
    }
}

/// What answers where no route is. It takes from `anonymous`, whatever is shown: nobody looks at it.
pub(crate) fn unrouted(request: &HttpRequest, fault: Fault) -> HttpResponse {
    let (Some(state), Some(arrival)) = (request.app_data::<web::Data<State>>(), Arrival::of(request)) else {
        return fault::render(request, fault);
    };
    match take(state, &arrival, request, LimitName::Anonymous) {
        Ok(()) => fault::render(request, fault),
        Err(limited) => fault::render(request, Fault::Limited(limited)),
    }
}

fn take(state: &State, arrival: &Arrival, request: &HttpRequest, limit: LimitName) -> Result<(), Limited> {
    let standing = state.domain.limits.take(arrival.bucket(limit), arrival.at)?;
    Arrival::record(request, standing);
    Ok(())
}

async fn admit(
    state: &State,
    arrival: &Arrival,
    attempts: &[LimitName],
    successes: Option<LimitName>,
) -> Result<Admission, Fault> {
    let buckets: Vec<Bucket> = attempts.iter().map(|limit| arrival.bucket(*limit)).collect();
    let reserved = successes.map(|limit| arrival.bucket(limit));
    state.domain.limits.admit(&buckets, reserved).await.map_err(|error| match error {
        AdmitError::Limited(limited) => Fault::Limited(limited),
        AdmitError::Store(cause) => {
            tracing::error!(%cause, "a limit could not be looked at");
            Fault::Unavailable
        }
    })
}

/// What was reserved for a success is given back if there was none: refusals, failures of ours and repetitions alike.
async fn settled(
    state: &State,
    request: &HttpRequest,
    admission: Admission,
    answer: HttpResponse,
) -> HttpResponse {
    let limits = &state.domain.limits;
    let standing = if answer.status().is_success() && Arrival::has_done(request) {
        limits.succeeded(admission)
    } else {
        limits.failed(admission).await
    };
    if let Some(standing) = standing {
        Arrival::record(request, standing);
    }
    answer
}

/// A refusal to somebody who was recognised by nothing, and for whom nothing was counted, takes from `anonymous`. It
/// costs less than any look at whether it is worth it, so it is counted behind the handler. An outage costs nobody
/// anything.
fn at_least_anonymous(state: &State, request: &HttpRequest, answer: HttpResponse) -> HttpResponse {
    let status = answer.status();
    if !status.is_client_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return answer;
    }
    match Arrival::of(request) {
        Some(arrival) if !arrival.is_counted() => {
            match take(state, &arrival, request, LimitName::Anonymous) {
                Ok(()) => answer,
                Err(limited) => fault::render(request, Fault::Limited(limited)),
            }
        }
        Some(_) | None => answer,
    }
}
