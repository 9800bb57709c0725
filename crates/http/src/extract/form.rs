//! Reading what a form in a browser sends.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use keyward_domain::secret::Secret;

use super::body::{Body, BodyError, says};
use super::query::decode;

/// A form as it arrived, bounded as a [`Body`] is. Extracting it never fails.
pub(crate) struct Form {
    body: Body,
    is_form: bool,
}

/// Why a form cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormError {
    /// It is larger than a body may be.
    #[error("the form is larger than 64 KiB")]
    TooLarge,
    /// It did not arrive, is no form, or is no text.
    #[error("the form is unreadable")]
    Unreadable,
}

/// What was typed, by the fields' names. It may hold secrets, and is wiped.
#[derive(Default)]
pub(crate) struct Fields(Vec<(String, Secret<String>)>);

impl Form {
    /// What was typed (WHATWG URL, "application/x-www-form-urlencoded parsing").
    pub(crate) fn fields(self) -> Result<Fields, FormError> {
        let bytes = self.body.into_bytes().map_err(|why| match why {
            BodyError::TooLarge => FormError::TooLarge,
            BodyError::Incomplete
            | BodyError::NotJson
            | BodyError::Malformed
            | BodyError::Missing(_)
            | BodyError::Repeated(_)
            | BodyError::WrongType(_) => FormError::Unreadable,
        })?;
        let text = str::from_utf8(&bytes).ok().filter(|_| self.is_form).ok_or(FormError::Unreadable)?;
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        let fields = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, Secret::new(decode(value)?)))
        });
        fields.collect::<Option<_>>().map(Fields).ok_or(FormError::Unreadable)
    }
}

impl Fields {
    /// What was typed into the field of this name. Empty if there is none, and if there are two: whichever one was taken,
    /// a filter in front may have read the other.
    pub(crate) fn text(&self, name: &str) -> &str {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (Some(value), None) => value,
            (None, _) | (Some(_), Some(_)) => "",
        }
    }

    /// Every value of the fields of this name, such as those of boxes that are ticked.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.expose().as_str())
    }

    /// All of it, each part behind its length: no two forms that differ give the same bytes.
    pub(super) fn bytes(&self) -> Secret<Vec<u8>> {
        let parts = || self.0.iter().flat_map(|(name, value)| [name.as_str(), value.expose().as_str()]);
        // Security: what has its size from the start leaves nothing behind by growing.
        let mut bytes = Vec::with_capacity(parts().map(|part| 8 + part.len()).sum());
        for part in parts() {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        Secret::new(bytes)
    }
}

impl FromRequest for Form {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_form = says(request, "application/x-www-form-urlencoded");
        let arriving = Body::arriving(request, payload);
        Box::pin(async move { Ok(Self { body: arriving.await, is_form }) })
    }
}
