//! Logging in and out.

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::{HttpResponse, web};
use keyward_domain::accounts::{AccountInactive, CheckPasswordError};
use keyward_domain::sessions::BeginSessionError;

use super::super::Site;
use super::super::browser::{Visitor, leaving, see_other};
use super::super::cookies::{self, SESSION_COOKIE};
use super::super::error::Refusal;
use super::super::forms::{self, Problem, Problems};
use super::super::pages::{Login, render};
use super::hashing;
use crate::extract::{Cx, Fields, Form};

/// `GET /login`.
pub(in super::super) async fn page(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let visitor = Visitor::of(&cx, &site).await?;
    if visitor.is_signed_in() {
        return Ok(see_other("/dashboard"));
    }
    let notice = match cx.query().single("notice") {
        Ok(Some("signed-out")) => Some("You are not logged in, or no longer. Log in to go on."),
        Ok(Some("logged-out")) => Some("You are logged out."),
        Ok(Some("ended")) => Some("All tokens and logins of your account have ended, this one too."),
        Ok(Some("reset")) => Some("Your password is changed. Log in with the new one."),
        Ok(Some("taken-over")) => Some(
            "The account is yours, and all that opened it before has ended. Log in with your new password.",
        ),
        Ok(Some("verified")) => Some("Thank you: the address is verified."),
        Ok(_) | Err(_) => None,
    };
    let page = Login { frame: visitor.frame(), notice, email: "", problems: Problems::default() };
    Ok(visitor.greeted(render(StatusCode::OK, &page)))
}

/// `POST /login`.
///
/// Security: an unknown address, an account without a password and a wrong password get one answer, byte for byte.
pub(in super::super) async fn log_in(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (visitor, fields) = Visitor::sending(&cx, &site, form).await?;
    let (email, password) = match forms::login(&fields) {
        Ok(typed) => typed,
        Err(problems) => return Ok(again(&visitor, &fields, StatusCode::UNPROCESSABLE_ENTITY, problems)),
    };
    let shown = cookies::read(&cx, SESSION_COOKIE);
    let begun = match cx.domain.sessions.log_in(&email, &password, shown, &cx.context()).await {
        Ok(begun) => begun,
        Err(BeginSessionError::Password(error)) => return refused(&visitor, &fields, error),
        Err(BeginSessionError::Overtaken) => return Err(Refusal::Stale),
        Err(BeginSessionError::Store(error)) => return Err(error.into()),
    };
    let mut response = see_other("/dashboard");
    if let Some(cookie) = cookies::set(SESSION_COOKIE, begun.text.expose()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

fn refused(
    visitor: &Visitor<'_>,
    fields: &Fields,
    error: CheckPasswordError,
) -> Result<HttpResponse, Refusal> {
    const MISMATCH: Problem = Problem::new("email", "The address or the password is wrong.");
    match error {
        CheckPasswordError::Mismatch | CheckPasswordError::Account(AccountInactive::Archived) => {
            Ok(again(visitor, fields, StatusCode::UNAUTHORIZED, MISMATCH.into()))
        }
        CheckPasswordError::Account(AccountInactive::Suspended) => Err(Refusal::Suspended),
        CheckPasswordError::Limited(limited) => Err(limited.into()),
        CheckPasswordError::Password(error) => Err(hashing(error)),
        CheckPasswordError::Store(error) => Err(error.into()),
    }
}

fn again(visitor: &Visitor<'_>, fields: &Fields, status: StatusCode, problems: Problems) -> HttpResponse {
    let page = Login { frame: visitor.frame(), notice: None, email: fields.text("email"), problems };
    visitor.greeted(render(status, &page))
}

/// `POST /logout`. Nobody need be recognised: whoever is suspended, or was logged out elsewhere, leaves too.
pub(in super::super) async fn log_out(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let shown = leaving(&cx, &site, form)?;
    cx.domain.sessions.log_out(shown, &cx.context()).await?;
    Ok(forgotten(see_other("/login?notice=logged-out")))
}

/// The answer, with which the browser forgets its session.
pub(super) fn forgotten(mut response: HttpResponse) -> HttpResponse {
    if let Some(cookie) = cookies::clear(SESSION_COOKIE) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
