//! A forgotten password, and another in its place.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use keyward_domain::accounts::Account;
use keyward_domain::single_use::{ResetPasswordError, SingleUsePurpose};

use super::super::Site;
use super::super::browser::{Visitor, see_other};
use super::super::error::Refusal;
use super::super::forms::{self, Problem, Problems};
use super::super::pages::{Forgot, Frame, Message, Reset, render};
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
