//! Showing that an address is one's own, by a mailed link.
//!
//! Security: programs that look through mail follow its links. So `GET` changes nothing: it names the account and asks,
//! and the answer is a form.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use keyward_domain::accounts::Account;
use keyward_domain::single_use::{
    ResetPasswordError, SingleUsePurpose, SingleUseTokenRefused, VerifyAddressError,
};

use super::super::Site;
use super::super::browser::{Visitor, see_other};
use super::super::error::Refusal;
use super::super::forms::{Problem, Problems};
use super::super::pages::{Standing, Verify, render};
use super::hashing;
use super::login::forgotten;
use crate::extract::{Cx, Form, Query};

/// `GET /verify-email?token=…`.
pub(in super::super) async fn page(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let visitor = Visitor::of(&cx, &site).await?;
    let query = cx.query();
    let token = token_of(&query)?;
    ask(&cx, &visitor, token, StatusCode::OK, Problems::default()).await
}

/// `POST /verify-email`.
pub(in super::super) async fn verify(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (visitor, fields) = Visitor::sending(&cx, &site, form).await?;
    match cx.domain.single_use_tokens.verify_address(fields.text("token"), &cx.context()).await {
        Ok(account) if visitor.is_signed_in_to(account) => Ok(see_other("/dashboard?notice=verified")),
        // In another browser, it may be, than the account was made in.
        Ok(_) => Ok(see_other("/login?notice=verified")),
        Err(VerifyAddressError::Token(why)) => Err(why.into()),
        Err(VerifyAddressError::Store(error)) => Err(error.into()),
    }
}

/// `POST /verify-email/take-over`. Whoever had logged in is logged out, here too.
pub(in super::super) async fn take_over(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (visitor, fields) = Visitor::sending(&cx, &site, form).await?;
    let (token, chosen) = (fields.text("token"), fields.text("password"));
    match cx.domain.single_use_tokens.take_over(token, chosen, &cx.context()).await {
        Ok(()) => Ok(forgotten(see_other("/login?notice=taken-over"))),
        Err(ResetPasswordError::Weak(why)) => {
            let problems = Problem::weak("password", why).into();
            ask(&cx, &visitor, token, StatusCode::UNPROCESSABLE_ENTITY, problems).await
        }
        Err(ResetPasswordError::Token(why)) => Err(why.into()),
        Err(ResetPasswordError::Password(error)) => Err(hashing(error)),
        Err(ResetPasswordError::Store(error)) => Err(error.into()),
    }
}

/// Asks whether the account is one's own.
///
/// Security: whoever is logged in to it here made it, or has its password. Anybody else is told what its maker could do
/// with it, and may take it over instead.
async fn ask(
    cx: &Cx,
    visitor: &Visitor<'_>,
    token: &str,
    status: StatusCode,
    problems: Problems,
) -> Result<HttpResponse, Refusal> {
    let account = cx.domain.single_use_tokens.look(token, SingleUsePurpose::VerifyAddress).await??;
    let is_known = account.is_verified() || visitor.is_signed_in_to(account.id);
    let page = Verify {
        frame: visitor.frame(),
        name: account.display_name.as_str(),
        email: account.email.as_ref().map_or("", |email| email.address.as_typed()),
        token,
        standing: if is_known { None } else { Some(standing(cx, &account).await?) },
        problems,
    };
    Ok(visitor.greeted(render(status, &page)))
}

async fn standing(cx: &Cx, account: &Account) -> Result<Standing, Refusal> {
    let holdings = cx.domain.single_use_tokens.holdings(account.id).await?;
    Ok(Standing { since: account.created_at.into(), keys: holdings.keys, sessions: holdings.sessions })
}

/// The token in the page's address.
pub(super) fn token_of(query: &Query) -> Result<&str, SingleUseTokenRefused> {
    query.single("token").ok().flatten().ok_or(SingleUseTokenRefused::Unknown)
}
