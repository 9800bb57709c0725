//! The public signing keys.

use std::sync::Arc;

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

use super::conditional::Document;
use crate::extract::Cx;

/// `GET /.well-known/jwks.json` (RFC 8615, RFC 7517): every key that verifies.
pub(super) async fn jwks(cx: Cx, request: HttpRequest) -> HttpResponse {
    let set = cx.published_keys.jwks();
    let lifetime = cx.domain.signing_keys.jwks_lifetime();
    let document = Document {
        fingerprint: set.fingerprint.to_string(),
        kept: format!("public, max-age={}", lifetime.as_secs()),
        json: Bytes::from_owner(Arc::<[u8]>::from(set.json)),
    };
    document.answer(&request)
}
