//! Showing that an address is one's own, by a mailed link.
//!
//! Security: programs that look through mail follow its links. So `GET` changes nothing: it names the account and asks,
//! and the answer is a form.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use keyward_domain::single_use::{SingleUsePurpose, SingleUseTokenRefused, VerifyAddressError};

use super::super::Site;
use super::super::browser::{Visitor, see_other};
use super::super::error::Refusal;
use super::super::pages::{Verify, render_untold};
use crate::extract::{Cx, Form, Query};

/// `GET /verify-email?token=…`.
pub(in super::super) async fn page(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let visitor = Visitor::of(&cx, &site)?;
    let query = cx.query();
    let token = token_of(&query)?;
    let account = cx.domain.single_use_tokens.look(token, SingleUsePurpose::VerifyAddress).await??;
    let page = Verify {
        frame: visitor.frame(),
        name: account.display_name.as_str(),
        email: account.email.as_ref().map_or("", |email| email.address.as_typed()),
        token,
    };
    Ok(visitor.greeted(render_untold(StatusCode::OK, &page)))
}

/// `POST /verify-email`.
pub(in super::super) async fn verify(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (_, fields) = Visitor::sending(&cx, &site, form)?;
    match cx.domain.single_use_tokens.verify_address(fields.text("token"), &cx.context()).await {
        Ok(()) => Ok(see_other("/dashboard?notice=verified")),
        Err(VerifyAddressError::Token(why)) => Err(why.into()),
        Err(VerifyAddressError::Store(error)) => Err(error.into()),
    }
}

/// The token in the page's address.
pub(super) fn token_of(query: &Query) -> Result<&str, SingleUseTokenRefused> {
    query.single("token").ok().flatten().ok_or(SingleUseTokenRefused::Unknown)
}
