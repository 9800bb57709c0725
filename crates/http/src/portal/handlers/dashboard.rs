//! The dashboard: the account, its keys, and what happened.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use keyward_domain::keys::KeysThat;
use keyward_domain::tokens::LogOutError;

use super::super::browser::{Person, see_other};
use super::super::error::Refusal;
use super::super::pages::{Dashboard, EndTokens, render};
use super::super::{Site, words};
use super::login::forgotten;
use crate::extract::{Cx, Form};

/// How many of the newest events are shown.
const EVENTS: u16 = 20;
/// How many of the newest keys are: the API lists the others.
const KEYS: u16 = 100;

/// `GET /dashboard`.
pub(in super::super) async fn page(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let person = Person::of(&cx, &site).await?;
    let account = &person.signed_in.account;
    let keys = cx.domain.own_keys.list(&person.signed_in.principal, KeysThat::Exist, None, KEYS).await?;
    let now = cx.clock.now();
    let events = cx.domain.audit.page(Some(account.id), None, EVENTS).await?;
    let page = Dashboard {
        frame: person.frame(),
        notice: notice(&cx),
        name: account.display_name.as_str(),
        email: account.email.as_ref().map(|email| email.address.as_typed()),
        is_verified: account.email.as_ref().is_some_and(|email| email.verified_at.is_some()),
        account_id: account.id.to_string(),
        plan: account.plan.as_str(),
        since: account.created_at.into(),
        keys: keys.iter().map(|key| words::key(key, now)).collect(),
        events: events.iter().map(|event| words::event(event, account.id)).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}

fn notice(cx: &Cx) -> Option<&'static str> {
    match cx.query().single("notice") {
        Ok(Some("verified")) => Some("Thank you: your address is verified."),
        Ok(Some("password")) => {
            Some("Your password is changed. Every other login has ended, and so has every access token.")
        }
        Ok(Some("mailed")) => Some("Another mail is on its way. The link in the newest one works."),
        Ok(Some("revoked")) => Some("The key is revoked: it opens nothing any more."),
        Ok(_) | Err(_) => None,
    }
}

/// `POST /dashboard/verification`: another mail that asks whether the address is one's own.
pub(in super::super) async fn mail_again(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (person, _) = Person::sending(&cx, &site, form).await?;
    cx.domain.mail.request_verification(&person.signed_in.principal).await?;
    Ok(see_other("/dashboard?notice=mailed"))
}

/// `GET /dashboard/end-tokens`: asks whether that is meant.
pub(in super::super) async fn end_tokens_page(
    cx: Cx,
    site: web::Data<Site>,
) -> Result<HttpResponse, Refusal> {
    let person = Person::of(&cx, &site).await?;
    Ok(render(StatusCode::OK, &EndTokens { frame: person.frame() }))
}

/// `POST /dashboard/end-tokens`: everybody is logged out, this browser too.
pub(in super::super) async fn end_tokens(
    cx: Cx,
    site: web::Data<Site>,
    form: Form,
) -> Result<HttpResponse, Refusal> {
    let (person, _) = Person::sending(&cx, &site, form).await?;
    match cx.domain.tokens.log_out_everywhere(&person.signed_in.principal, &cx.context()).await {
        // Whoever is not there any more has no tokens either.
        Ok(()) | Err(LogOutError::UnknownAccount) => Ok(forgotten(see_other("/login?notice=ended"))),
        Err(LogOutError::NotAToken | LogOutError::LimitedToAgent) => Err(Refusal::Stale),
        Err(LogOutError::Store(error)) => Err(error.into()),
    }
}
