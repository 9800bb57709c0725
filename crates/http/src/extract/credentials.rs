//! The credentials that a request shows in its headers.

use std::fmt;

use actix_web::http::header::{AUTHORIZATION, AsHeaderName, HeaderMap, HeaderName};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const API_KEY: HeaderName = HeaderName::from_static("api-key");

/// A secret where it stands in a header: it does not print, and is copied nowhere.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a>(&'a str);

impl<'a> Shown<'a> {
    /// The secret itself.
    pub(crate) const fn expose(self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(…)")
    }
}

/// A header that decides who asks is there twice with different values, or is no text: whichever one was
/// taken, a proxy in front may have taken the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a header that decides who asks is ambiguous")]
pub(crate) struct AmbiguousCredentials;

/// The value of `X-API-Key` (or `Api-Key`), if it shows one. API surfaces take no notice of cookies.
pub(super) fn api_key(headers: &HeaderMap) -> Result<Option<Shown<'_>>, AmbiguousCredentials> {
    match (single(headers, X_API_KEY)?, single(headers, API_KEY)?) {
        (Some(one), Some(other)) if one != other => Err(AmbiguousCredentials),
        (one, other) => Ok(one.or(other).map(Shown)),
    }
}

/// What follows `Bearer` in `Authorization` (RFC 6750, section 2.1), if it shows one.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<Shown<'_>>, AmbiguousCredentials> {
    Ok(single(headers, AUTHORIZATION)?.and_then(bearer_token).map(Shown))
}

/// The one value of a header, trimmed; `None` if it is absent or empty. A name that is a text is parsed for each request.
pub(super) fn single(
    headers: &HeaderMap,
    name: impl AsHeaderName,
) -> Result<Option<&str>, AmbiguousCredentials> {
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
    let (scheme, token) = value.split_once([' ', '\t'])?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
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
        let text = |shown: Option<Shown<'_>>| shown.map(|shown| shown.expose().to_owned());
        Ok((text(api_key(&map)?), text(bearer(&map)?)))
    }

    #[test]
    fn a_key_and_a_bearer_token_are_read() {
        for bearer in [&b"bEARER  t"[..], b"Bearer\tt"] {
            let found = read(&[("X-API-Key", b" k "), ("Authorization", bearer)]).unwrap();
            assert_eq!(found, (Some("k".to_owned()), Some("t".to_owned())));
        }
    }

    #[test]
    fn threat_k1_a_shown_secret_prints_nothing() {
        assert!(!format!("{:?}", Shown("hunter2")).contains("hunter2"));
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
