//! What a handler knows of its request besides the body.

use std::future::{Ready, ready};
use std::ops::Deref;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{HOST, HeaderMap, HeaderName};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use keyward_domain::agents::SelectAgentError;
use keyward_domain::authentication::{AuthenticationError, Presented};
use keyward_domain::idempotency::{Answered, IdempotencyKey, IdempotentRequest, InvalidIdempotencyKey};
use keyward_domain::limits::{Bucket, LimitName, Limited};
use keyward_domain::principal::Principal;
use keyward_domain::request::RequestContext;
use keyward_domain::scope::MissingScope;
use keyward_domain::secret::Secret;
use keyward_domain::time::Instant;
use serde::de::DeserializeOwned;

use super::credentials::{self, single};
use super::{AmbiguousCredentials, Body, Fields, Query, Shown};
use crate::dialects::DialectName;
use crate::limits::Arrival;
use crate::settings::DialectSettings;
use crate::state::State;

const X_AGENT_ID: HeaderName = HeaderName::from_static("x-agent-id");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const X_IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("x-idempotency-key");

/// The request and what the server shares with it.
pub(crate) struct Cx {
    state: web::Data<State>,
    request: HttpRequest,
    arrival: Arrival,
}

impl Cx {
    /// When the request came.
    pub(crate) const fn now(&self) -> Instant {
        self.arrival.at
    }

    /// What a use case is told about the request.
    pub(crate) const fn context(&self) -> RequestContext {
        RequestContext::once(self.arrival.id, self.arrival.from)
    }

    /// The same of a request that makes or rotates something at this surface: its client may repeat it, if it has an
    /// idempotency key.
    pub(crate) fn repeatable(
        &self,
        body: &Body,
        surface: &'static str,
    ) -> Result<RequestContext, InvalidIdempotencyKey> {
        Ok(match idempotency_key(self.request.headers())? {
            Some(key) => self.repeated(key, surface, Secret::new(body.bytes().to_vec())),
            None => self.context(),
        })
    }

    /// The same of a form, which carries the key itself.
    pub(crate) fn repeatable_form(
        &self,
        key: IdempotencyKey,
        fields: &Fields,
        surface: &'static str,
    ) -> RequestContext {
        self.repeated(key, surface, fields.bytes())
    }

    fn repeated(&self, key: IdempotencyKey, surface: &'static str, body: Secret<Vec<u8>>) -> RequestContext {
        let path = self.request.path();
        let base = path.strip_prefix('/').and_then(|path| path.strip_prefix(surface));
        let request = IdempotentRequest {
            key,
            surface,
            method: self.request.method().to_string(),
            // At the root it is the same request as at the surface's own base path.
            path: base.filter(|path| path.starts_with('/')).unwrap_or(path).to_owned(),
            body,
        };
        RequestContext { repeatable: Some(Arc::new(request)), ..self.context() }
    }

    /// What a request came to that may be a repetition: then what was reserved for its success is given back.
    pub(crate) fn settled<T>(&self, answered: Answered<T>) -> Answered<T> {
        if answered.request_id != self.arrival.id {
            Arrival::told_again(&self.request);
        }
        answered
    }

    /// The API key that the request shows.
    pub(crate) fn api_key(&self) -> Result<Option<Shown<'_>>, AmbiguousCredentials> {
        credentials::api_key(self.request.headers())
    }

    /// The bearer token that the request shows.
    pub(crate) fn bearer(&self) -> Result<Option<Shown<'_>>, AmbiguousCredentials> {
        credentials::bearer(self.request.headers())
    }

    /// Recognises whoever shows these credentials. What is no good takes from the bucket of its network.
    pub(crate) async fn recognise(&self, presented: Presented<'_>) -> Result<Principal, AuthenticationError> {
        self.recognised(self.domain.authentication.authenticate(presented, &self.context()).await)
    }

    /// The same, by a key alone.
    pub(crate) async fn by_key(&self, key: Shown<'_>) -> Result<Principal, AuthenticationError> {
        self.recognised(self.domain.authentication.by_key(key.expose(), &self.context()).await)
    }

    /// The same, by a token alone.
    pub(crate) async fn by_token(&self, token: Shown<'_>) -> Result<Principal, AuthenticationError> {
        self.recognised(self.domain.authentication.by_token(token.expose(), &self.context()).await)
    }

    fn recognised(
        &self,
        outcome: Result<Principal, AuthenticationError>,
    ) -> Result<Principal, AuthenticationError> {
        if outcome.as_ref().is_err_and(AuthenticationError::is_verdict) {
            let bucket = Bucket::at(LimitName::FailedCredentials, self.arrival.from);
            Arrival::record(&self.request, self.domain.limits.peek(bucket, self.arrival.at));
        }
        outcome
    }

    /// Takes one for this request from the bucket of the account that it acts for, or of the key that it acts by, as its
    /// route's limit says. Whoever was recognised is counted before it is asked what it may do, so that refusals count too.
    pub(crate) fn count(&self, principal: &Principal) -> Result<(), Limited> {
        let bucket = Arrival::bucket_of(&self.request, principal);
        Arrival::record(&self.request, self.domain.limits.take(bucket, self.arrival.at)?);
        Ok(())
    }

    /// Whether the principal has the right that this request's route needs.
    pub(crate) fn authorize(&self, principal: &Principal) -> Result<(), MissingScope> {
        Arrival::scope(&self.request).map_or(Ok(()), |scope| principal.may(scope))
    }

    /// Takes one from a bucket of the client's network, on top of what the route's limit took.
    pub(crate) fn take(&self, limit: LimitName) -> Result<(), Limited> {
        let bucket = Bucket::at(limit, self.arrival.from);
        Arrival::record(&self.request, self.domain.limits.take(bucket, self.arrival.at)?);
        Ok(())
    }

    /// What stands in the path for a parameter of the route, as it was sent: an encoded slash is none. Empty if
    /// the route has no such parameter.
    pub(crate) fn path(&self, parameter: &str) -> &str {
        self.request.match_info().get(parameter).unwrap_or_default()
    }

    /// The one value of a header, trimmed; `None` if it is absent or empty.
    pub(crate) fn header(&self, name: HeaderName) -> Result<Option<&str>, AmbiguousCredentials> {
        single(self.request.headers(), name)
    }

    /// Every value of a header that is text.
    pub(crate) fn headers(&self, name: HeaderName) -> impl Iterator<Item = &str> {
        self.request.headers().get_all(name).filter_map(|value| value.to_str().ok())
    }

    /// The host that the request was addressed to, as it was sent. RFC 9112, section 3.2.2: that of an absolute target
    /// wins over the header.
    pub(crate) fn host(&self) -> Option<&str> {
        let target = self.request.uri().authority().map(|authority| authority.as_str());
        target.or_else(|| self.header(HOST).ok().flatten())
    }

    /// The query of the URL.
    pub(crate) fn query(&self) -> Query {
        Query::parse(self.request.query_string())
    }

    /// The principal, limited to the agent that `X-Agent-Id` names, if it names one. A principal that has its
    /// agent already keeps it, whatever the header says.
    ///
    /// Security: a header that is ambiguous or no text names nobody's agent; it never counts as absent.
    pub(crate) async fn limit_to_agent(&self, principal: Principal) -> Result<Principal, SelectAgentError> {
        let principal = self.narrowed(principal).await?;
        note(&principal);
        Ok(principal)
    }

    async fn narrowed(&self, principal: Principal) -> Result<Principal, SelectAgentError> {
        if principal.agent.is_some() {
            return Ok(principal);
        }
        match single(self.request.headers(), X_AGENT_ID) {
            Ok(None) => Ok(principal),
            Ok(Some(agent)) => self.domain.agents.select(principal, agent).await,
            Err(AmbiguousCredentials) => Err(SelectAgentError::NotYours),
        }
    }

    /// The query's parameters as a type. One that is there without a value counts as absent.
    pub(crate) fn parameters<T: DeserializeOwned>(&self) -> Result<T, InvalidQuery> {
        let has_value = |pair: &&str| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty());
        let given = self.request.query_string().split('&').filter(has_value);
        let given = given.collect::<Vec<_>>().join("&");
        if !Query::parse(&given).is_text() {
            return Err(InvalidQuery);
        }
        web::Query::from_query(&given).map(web::Query::into_inner).map_err(|_| InvalidQuery)
    }

    /// Keeps something with the request, for whatever sees its answer.
    pub(crate) fn keep<T: 'static>(&self, value: T) {
        self.request.extensions_mut().insert(value);
    }

    /// The settings of a dialect that is being spoken.
    pub(crate) fn dialect(&self, name: DialectName) -> Option<&DialectSettings> {
        self.state.dialects.enabled.get(&name)
    }
}

/// What the client calls its request by: `Idempotency-Key`, or `X-Idempotency-Key`.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, InvalidIdempotencyKey> {
    let read = |name| single(headers, name).map_err(|AmbiguousCredentials| InvalidIdempotencyKey);
    let (one, other) = (read(IDEMPOTENCY_KEY)?, read(X_IDEMPOTENCY_KEY)?);
    match (one, other) {
        (Some(one), Some(other)) if one != other => Err(InvalidIdempotencyKey),
        (one, other) => one.or(other).map(IdempotencyKey::parse).transpose(),
    }
}

/// Tells the request's span who makes it, where somebody debugs.
fn note(principal: &Principal) {
    if tracing::enabled!(tracing::Level::DEBUG) {
        let span = tracing::Span::current();
        span.record("account.id", tracing::field::display(principal.account));
        if let Some(agent) = principal.agent {
            span.record("agent.id", tracing::field::display(agent));
        }
    }
}

/// A parameter of the query is there twice, or is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is unreadable or names a parameter twice")]
pub(crate) struct InvalidQuery;

impl Deref for Cx {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl FromRequest for Cx {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<State>>().cloned();
        ready(match (state, Arrival::of(request)) {
            (Some(state), Some(arrival)) => Ok(Self { state, request: request.clone(), arrival }),
            _ => Err(ErrorInternalServerError("the surfaces are mounted without their state or middleware")),
        })
    }
}
