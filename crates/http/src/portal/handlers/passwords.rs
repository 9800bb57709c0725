//! Another password, in the place of the present one or of a forgotten one.

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::{HttpResponse, web};
use keyward_domain::accounts::{Account, ChangePasswordError};
use keyward_domain::single_use::{ResetPasswordError, SingleUsePurpose};

use super::super::Site;
use super::super::browser::{Person, Visitor, see_other};
use super::super::cookies::{self, SESSION_COOKIE};
use super::super::error::Refusal;
use super::super::forms::{self, Problem, Problems};
use super::super::pages::{ChangePassword, Forgot, Frame, Message, Reset, render};
use super::hashing;
use super::login::forgotten;
use super::verify::token_of;
use crate::extract::{Cx, Form};

/// `GET /forgot-password`.
pub(in super::super) async fn forgot(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let visitor = Visitor::of(&cx, &site).await?;
    let page = Forgot { frame: visitor.frame(), email: "", problems: Problems::default() };
    Ok(visitor.greeted(render(StatusCode::OK, &page)))
}

/// `POST /forgot-password`.
///
/// Security: one answer, whether or not there is such an account.
pub(in super::super) async fn request_reset(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (visitor, fields) = Visitor::sending(&cx, &site, form).await?;
    let identity = match forms::forgot(&fields) {
        Ok(identity) => identity,
        Err(problems) => {
            let page = Forgot { frame: visitor.frame(), email: fields.text("email"), problems };
            return Ok(visitor.greeted(render(StatusCode::UNPROCESSABLE_ENTITY, &page)));
        }
    };
    cx.domain.mail.request_reset(&identity, None).await?;
    Ok(render(StatusCode::OK, &sent(visitor.frame())))
}

/// `GET /reset-password?token=…`. It uses nothing up.
pub(in super::super) async fn reset_page(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let visitor = Visitor::of(&cx, &site).await?;
    let query = cx.query();
    let token = token_of(&query)?;
    let account = cx.domain.single_use_tokens.look(token, SingleUsePurpose::ResetPassword).await??;
    let page = reset(visitor.frame(), &account, token, Problems::default());
    Ok(visitor.greeted(render(StatusCode::OK, &page)))
}

/// `POST /reset-password`. Whoever had logged in with the old password is logged out, here too.
pub(in super::super) async fn reset_password(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (visitor, fields) = Visitor::sending(&cx, &site, form).await?;
    let (token, chosen) = (fields.text("token"), fields.text("password"));
    match cx.domain.single_use_tokens.reset_password(token, chosen, &cx.context()).await {
        Ok(()) => Ok(forgotten(see_other("/login?notice=reset"))),
        Err(ResetPasswordError::Weak(why)) => {
            let account = cx.domain.single_use_tokens.look(token, SingleUsePurpose::ResetPassword).await??;
            let page = reset(visitor.frame(), &account, token, Problem::weak("password", why).into());
            Ok(visitor.greeted(render(StatusCode::UNPROCESSABLE_ENTITY, &page)))
        }
        Err(ResetPasswordError::Token(why)) => Err(why.into()),
        Err(ResetPasswordError::Password(error)) => Err(hashing(error)),
        Err(ResetPasswordError::Store(error)) => Err(error.into()),
    }
}

/// `GET /dashboard/password`.
pub(in super::super) async fn change_page(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let person = Person::of(&cx, &site).await?;
    Ok(change(&person, StatusCode::OK, Problems::default()))
}

/// `POST /dashboard/password`. Every login and token ends, and this browser gets another login at once.
pub(in super::super) async fn change_password(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (person, fields) = Person::sending(&cx, &site, form).await?;
    let account = &person.signed_in.account;
    let (present, chosen) = match forms::change_password(&fields, account) {
        Ok(typed) => typed,
        Err(problems) => return Ok(change(&person, StatusCode::UNPROCESSABLE_ENTITY, problems)),
    };
    let changed = cx.domain.accounts.change_password(account.id, &present, &chosen, &cx.context()).await;
    let account = match changed {
        Ok(account) => account,
        Err(ChangePasswordError::Mismatch) => {
            return Ok(change(&person, StatusCode::UNPROCESSABLE_ENTITY, NOT_YOURS.into()));
        }
        Err(ChangePasswordError::Inactive) => return Err(Refusal::SignedOut),
        Err(ChangePasswordError::Limited(limited)) => return Err(limited.into()),
        Err(ChangePasswordError::Password(error)) => return Err(hashing(error)),
        Err(ChangePasswordError::Store(error)) => return Err(error.into()),
    };
    let shown = cookies::read(&cx, SESSION_COOKIE);
    // The password is changed, whatever becomes of this: without a session its owner logs in.
    let begun = cx.domain.sessions.log_in_registered(account, shown, &cx.context()).await;
    match begun.ok().and_then(|begun| cookies::set(SESSION_COOKIE, begun.text.expose())) {
        Some(cookie) => {
            let mut response = see_other("/dashboard?notice=password");
            response.headers_mut().append(SET_COOKIE, cookie);
            Ok(response)
        }
        None => Ok(forgotten(see_other("/login?notice=reset"))),
    }
}

const NOT_YOURS: Problem = Problem::new("present", "This is not your present password.");

fn change(person: &Person, status: StatusCode, problems: Problems) -> HttpResponse {
    let email = person.signed_in.account.email.as_ref();
    let email = email.map_or("", |email| email.address.as_typed());
    render(status, &ChangePassword { frame: person.frame(), email, problems })
}

const fn sent(frame: Frame) -> Message {
    Message {
        frame,
        title: "Look into your mail",
        text: "If an account has this address, a link by which you choose another password is on its way there.",
        link: Some(("/login", "Back to the login")),
    }
}

fn reset<'a>(frame: Frame, account: &'a Account, token: &'a str, problems: Problems) -> Reset<'a> {
    let email = account.email.as_ref();
    Reset {
        frame,
        name: account.display_name.as_str(),
        email: email.map_or("", |email| email.address.as_typed()),
        token,
        was_verified: email.is_some_and(|email| email.verified_at.is_some()),
        problems,
    }
}
