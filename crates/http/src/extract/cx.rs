//! What a handler knows of its request besides the body.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::HeaderName;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use keyward_domain::agents::SelectAgentError;
use keyward_domain::ids::RequestId;
use keyward_domain::principal::Principal;
use keyward_domain::request::RequestContext;
use serde::de::DeserializeOwned;

use super::credentials::{self, single};
use super::{AmbiguousCredentials, Query, Shown};
use crate::dialects::DialectName;
use crate::settings::DialectSettings;
use crate::state::State;

const X_AGENT_ID: HeaderName = HeaderName::from_static("x-agent-id");

/// The request and what the server shares with it.
pub(crate) struct Cx {
    state: web::Data<State>,
    request: HttpRequest,
    request_id: RequestId,
}

impl Cx {
    /// What a use case is told about the request.
    pub(crate) const fn context(&self) -> RequestContext {
        RequestContext { request_id: self.request_id }
    }

    /// The API key that the request shows.
    pub(crate) fn api_key(&self) -> Result<Option<Shown<'_>>, AmbiguousCredentials> {
        credentials::api_key(self.request.headers())
    }

    /// The bearer token that the request shows.
    pub(crate) fn bearer(&self) -> Result<Option<Shown<'_>>, AmbiguousCredentials> {
        credentials::bearer(self.request.headers())
    }

    /// What stands in the path for a parameter of the route, as it was sent: an encoded slash is none. Empty if
    /// the route has no such parameter.
    pub(crate) fn path(&self, parameter: &str) -> &str {
        self.request.match_info().get(parameter).unwrap_or_default()
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

    /// The settings of a dialect that is being spoken.
    pub(crate) fn dialect(&self, name: DialectName) -> Option<&DialectSettings> {
        self.state.dialects.enabled.get(&name)
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
        let request_id = request.extensions().get::<RequestId>().copied();
        ready(match (state, request_id) {
            (Some(state), Some(request_id)) => Ok(Self { state, request: request.clone(), request_id }),
            _ => Err(ErrorInternalServerError("the surfaces are mounted without their state or middleware")),
        })
    }
}
