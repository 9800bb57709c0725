//! JSON that a client may have already: it is told so instead (RFC 9110, section 13).

use actix_web::http::header::{CACHE_CONTROL, ETAG, EntityTag, Header, IF_NONE_MATCH, IfNoneMatch};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

/// A document that rarely changes.
pub(super) struct Document {
    /// Tells it from any other: of letters, digits, `-` and `_`.
    pub(super) fingerprint: String,
    /// For how long it may be kept, as `Cache-Control` says it.
    pub(super) kept: String,
    pub(super) json: Bytes,
}

impl Document {
    /// 304 for who has it, else all of it. Both say for how long it may be kept from now on.
    pub(super) fn answer(self, request: &HttpRequest) -> HttpResponse {
        let etag = EntityTag::new_strong(self.fingerprint);
        let is_known = is_known(request, &etag);
        let mut builder = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        builder.insert_header((ETAG, etag)).insert_header((CACHE_CONTROL, self.kept));
        if is_known {
            return builder.finish();
        }
        builder.content_type("application/json").body(self.json)
    }
}

/// RFC 9110, section 13.1.2. What cannot be read names nothing of ours.
fn is_known(request: &HttpRequest, etag: &EntityTag) -> bool {
    if !request.headers().contains_key(IF_NONE_MATCH) {
        return false; // The parser takes an absent header for `*`.
    }
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(etag)),
        Err(_) => false,
    }
}
