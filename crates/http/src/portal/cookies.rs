//! The portal's two cookies: a session's text, and for whoever is not logged in the text that their forms are bound to.
//!
//! Security: `__Host-` (RFC 6265bis, section 4.1.3.2) makes browsers refuse a cookie of these names that another host,
//! a subdomain or a page without TLS sets. Browsers make an exception of TLS for loopback.

use actix_web::http::header::{COOKIE, HeaderValue};

use crate::extract::Cx;

/// Who is logged in.
pub(crate) const SESSION_COOKIE: &str = "__Host-keyward_session";
/// Who is not.
pub(super) const VISITOR_COOKIE: &str = "__Host-keyward_visitor";

const ATTRIBUTES: &str = "Path=/; Secure; HttpOnly; SameSite=Strict";

/// The cookie's text. Two different ones are none: whichever was taken, somebody else may have set it.
pub(super) fn read<'a>(cx: &'a Cx, name: &str) -> Option<&'a str> {
    let pairs = cx.headers(COOKIE).flat_map(|header| header.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

/// Sets the cookie until the browser is closed; the server ends a session before, if it is to end.
pub(super) fn set(name: &str, text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("{name}={text}; {ATTRIBUTES}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Deletes the cookie.
pub(super) fn clear(name: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{name}=; {ATTRIBUTES}; Max-Age=0")).ok()
}
