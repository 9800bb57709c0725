//! What a handler knows of its request besides the body.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::error::ErrorInternalServerError;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use keyward_domain::ids::RequestId;
use keyward_domain::request::RequestContext;

use super::{AmbiguousCredentials, Credentials};
use crate::dialects::DialectName;
use crate::settings::DialectSettings;
use crate::state::State;

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

    /// The credentials that the request shows.
    pub(crate) fn credentials(&self) -> Result<Credentials, AmbiguousCredentials> {
        Credentials::read(self.request.headers())
    }

    /// A header's value, if it is there once and is text. `Err` if it is there and is not.
    pub(crate) fn header(&self, name: &str) -> Result<Option<&str>, AmbiguousCredentials> {
        super::credentials::single(self.request.headers(), name)
    }

    /// The settings of a dialect that is being spoken.
    pub(crate) fn dialect(&self, name: DialectName) -> Option<&DialectSettings> {
        self.state.dialects.enabled.get(&name)
    }
}

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
