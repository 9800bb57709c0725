//! Forms that make or rotate something: each page has another one, and one that is sent twice is one request.
//!
//! A double click, a page that is loaded again, an answer that was lost: the same secret is shown again, to the same
//! account, for a day. The form's id is its idempotency key.

use keyward_domain::idempotency::IdempotencyKey;
use keyward_domain::opaque::PresentedOpaqueToken;
use keyward_domain::request::RequestContext;

use super::error::Refusal;
use crate::extract::{Cx, Fields};

/// The name of the hidden field that tells one form from another.
const FORM_ID: &str = "form_id";

/// The id of a form that is about to be shown.
pub(super) fn new_form_id(cx: &Cx) -> String {
    cx.domain.sessions.new_form_id().expose().to_owned()
}

/// What a use case is told about this form.
///
/// Security: whoever signs up shows nothing but the id and the token of the form. The id has 256 bits, and what else was
/// sent counts too: the token is bound to the browser.
pub(super) fn context(cx: &Cx, fields: &Fields) -> Result<RequestContext, Refusal> {
    let id = fields.text(FORM_ID);
    let key = PresentedOpaqueToken::parse(id).and_then(|_| IdempotencyKey::parse(id).ok());
    Ok(cx.repeatable_form(key.ok_or(Refusal::Stale)?, fields, "portal"))
}
