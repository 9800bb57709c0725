//! Signing up.

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::{HttpResponse, web};
use keyward_domain::accounts::RegisterAccountError;
use keyward_domain::idempotency::Answered;

use super::super::browser::{Person, Visitor, see_other};
use super::super::cookies::{self, SESSION_COOKIE};
use super::super::error::Refusal;
use super::super::forms::{self, Problem, Problems};
use super::super::pages::{ShownOnce, Signup, render};
use super::super::{Site, repeats};
use super::hashing;
use crate::extract::{Cx, Fields, Form};
use crate::settings::PortalRegistration;

/// `GET /signup`.
pub(in super::super) async fn page(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let visitor = Visitor::of(&cx, &site).await?;
    if visitor.is_signed_in() {
        return Ok(see_other("/dashboard"));
    }
    check_open(&cx)?;
    let (frame, form_id) = (visitor.frame(), repeats::new_form_id(&cx));
    let problems = Problems::default();
    let page = Signup { frame, form_id, is_taken: false, name: "", email: "", problems };
    Ok(visitor.greeted(render(StatusCode::OK, &page)))
}

/// `POST /signup`. Whoever signs up is logged in, and sees the first key once.
pub(in super::super) async fn sign_up(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (visitor, fields) = Visitor::sending(&cx, &site, form).await?;
    check_open(&cx)?;
    let command = match forms::signup(&fields) {
        Ok(command) => command,
        Err(problems) => {
            return Ok(again(&cx, &visitor, &fields, StatusCode::UNPROCESSABLE_ENTITY, problems));
        }
    };
    let context = repeats::context(&cx, &fields)?;
    let Answered { outcome: registered, .. } = match cx.domain.accounts.register(command, &context).await {
        Ok(registered) => cx.settled(registered),
        Err(RegisterAccountError::EmailTaken) => {
            return Ok(again(&cx, &visitor, &fields, StatusCode::CONFLICT, TAKEN.into()));
        }
        Err(RegisterAccountError::DisposableEmail) => {
            return Ok(again(&cx, &visitor, &fields, StatusCode::UNPROCESSABLE_ENTITY, THROW_AWAY.into()));
        }
        Err(RegisterAccountError::Password(error)) => return Err(hashing(error)),
        Err(RegisterAccountError::Store(error)) => return Err(error.into()),
        Err(RegisterAccountError::Idempotency(error)) => return Err(error.into()),
        // No token is asked for.
        Err(error @ RegisterAccountError::Signing(_)) => return Err(Refusal::Broken(error.to_string())),
    };
    let shown = cookies::read(&cx, SESSION_COOKIE);
    let begun = cx.domain.sessions.log_in_registered(registered.account, shown, &cx.context()).await;
    // The account is made and its key is shown nowhere else: without a session its owner logs in.
    let person = begun.as_ref().ok().and_then(|begun| Person::new(&cx, begun));
    let page = ShownOnce {
        frame: person.map_or_else(|| visitor.frame(), |person| person.frame()),
        title: "Welcome. This is your first key",
        text: "We have mailed you a link by which you show that the address is yours.",
        secret: registered.key.issued.text.expose(),
        public_url: &cx.public_url,
    };
    let mut response = render(StatusCode::OK, &page);
    if let Some(cookie) = begun.ok().and_then(|begun| cookies::set(SESSION_COOKIE, begun.text.expose())) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

fn check_open(cx: &Cx) -> Result<(), Refusal> {
    match cx.portal.registration {
        PortalRegistration::Open => Ok(()),
        PortalRegistration::Closed => Err(Refusal::Closed),
    }
}

const TAKEN: Problem =
    Problem::new("email", "There is an account with this address. Log in, or reset its password.");

const THROW_AWAY: Problem =
    Problem::new("email", "This is a throw-away address. Use one by which you can be reached.");

fn again(
    cx: &Cx,
    visitor: &Visitor<'_>,
    fields: &Fields,
    status: StatusCode,
    problems: Problems,
) -> HttpResponse {
    let (name, email) = (fields.text("name"), fields.text("email"));
    let (frame, form_id) = (visitor.frame(), repeats::new_form_id(cx));
    let is_taken = status == StatusCode::CONFLICT;
    let page = Signup { frame, form_id, is_taken, name, email, problems };
    visitor.greeted(render(status, &page))
}
