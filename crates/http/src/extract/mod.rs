//! Reading requests, once, for all surfaces: the body, the credentials, and the request's own context.

mod body;
mod credentials;
mod cx;
mod form;
mod line;
mod place;
mod query;
mod secret_text;

pub(crate) use body::{Body, BodyError};
pub(crate) use credentials::{AmbiguousCredentials, Shown};
pub(crate) use cx::Cx;
pub(crate) use form::{Fields, Form, FormError};
pub(crate) use line::Line;
pub(crate) use query::Query;
pub(crate) use secret_text::SecretText;
