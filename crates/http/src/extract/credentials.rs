//! The credentials that a request shows in its headers.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use keyward_domain::authentication::Presented;
use keyward_domain::secret::Secret;

/// A key and a bearer token as they were shown. Empty ones count as absent.
#[derive(Default)]
pub(crate) struct Credentials {
    /// The value of `X-API-Key` (or `Api-Key`).
    pub(crate) key: Option<Secret<String>>,
    /// What follows `Bearer` in `Authorization` (RFC 6750, section 2.1).
    pub(crate) bearer: Option<Secret<String>>,
}

/// A header that decides who asks is there twice with different values, or is no text: whichever one was
/// taken, a proxy in front may have taken the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a header that decides who asks is ambiguous")]
pub(crate) struct AmbiguousCredentials;

impl Credentials {
    /// Reads them. API surfaces take no notice of cookies.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, AmbiguousCredentials> {
        let key = match (single(headers, "x-api-key")?, single(headers, "api-key")?) {
            (Some(one), Some(other)) if one != other => return Err(AmbiguousCredentials),
            (one, other) => one.or(other),
        };
        let bearer = single(headers, AUTHORIZATION.as_str())?.and_then(bearer_token);
        Ok(Self { key: key.map(secret), bearer: bearer.map(secret) })
    }

    /// Both, for the domain to decide.
    pub(crate) fn presented(&self) -> Presented<'_> {
        Presented {
            key: self.key.as_ref().map(|key| key.expose().as_str()),
            token: self.bearer.as_ref().map(|token| token.expose().as_str()),
        }
    }
}

/// The one value of a header, trimmed; `None` if it is absent or empty.
pub(super) fn single<'a>(
    headers: &'a HeaderMap,
    name: &str,
) -> Result<Option<&'a str>, AmbiguousCredentials> {
    let mut values = headers.get_all(name);
    let Some(first) = values.next() else {
        return Ok(None);
    };
    if values.any(|other| other != first) {
        return Err(AmbiguousCredentials);
    }
    let text = first.to_str().map_err(|_| AmbiguousCredentials)?.trim();
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// The token of a `Bearer` value; the scheme is case-insensitive (RFC 9110, section 11.1). Another scheme
/// is not for us.
fn bearer_token(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn read(headers: &[(&str, &[u8])]) -> Result<(Option<String>, Option<String>), AmbiguousCredentials> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        let found = Credentials::read(&map)?;
        let text = |secret: Option<Secret<String>>| secret.map(|secret| secret.expose().clone());
        Ok((text(found.key), text(found.bearer)))
    }

    #[test]
    fn a_key_and_a_bearer_token_are_read() {
        let found = read(&[("X-API-Key", b" k "), ("Authorization", b"bEARER  t")]).unwrap();
        assert_eq!(found, (Some("k".to_owned()), Some("t".to_owned())));
    }

    #[test]
    fn empty_headers_and_other_schemes_show_nothing() {
        for value in [&b"Bearer"[..], b"Bearer ", b"Basic abc", b"", b"abc"] {
            assert_eq!(read(&[("X-API-Key", b" "), ("Authorization", value)]).unwrap(), (None, None));
        }
    }

    #[test]
    fn threat_j11_a_credential_shown_twice_is_refused() {
        assert!(read(&[("Authorization", b"Bearer a"), ("Authorization", b"Bearer b")]).is_err());
        assert!(read(&[("X-API-Key", b"a"), ("X-API-Key", b"b")]).is_err());
        assert!(read(&[("X-API-Key", b"a"), ("Api-Key", b"b")]).is_err());
        assert!(read(&[("X-API-Key", b"\xff")]).is_err());
        assert_eq!(read(&[("X-API-Key", b"a"), ("Api-Key", b"a")]).unwrap().0.as_deref(), Some("a"));
    }
}
