//! TruCore's handlers of what goes by mail.

use actix_web::HttpResponse;
use keyward_domain::limits::LimitName;
use keyward_domain::single_use::SingleUsePurpose;

use super::super::error::Error;
use super::super::{from_wire, to_wire};
use super::{session, settings};
use crate::extract::{Body, Cx};

/// Whatever the body says: the vendor's clients send none, or an address, and some say that nothing is JSON.
///
/// The route's limit counts the account's mails. Those of a network count too, whichever accounts ask from there.
pub(in super::super) async fn request_verification(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let principal = session(&cx).await?;
    cx.take(LimitName::TrucoreMail)?;
    body.ignored()?;
    cx.domain.mail.request_verification(&principal).await?;
    Ok(to_wire::status("sent"))
}

pub(in super::super) async fn confirm_verification(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let token = from_wire::mailed_token(body.json()?);
    cx.domain.single_use_tokens.verify_address(token.expose(), &cx.context()).await?;
    Ok(to_wire::status("verified"))
}

pub(in super::super) async fn verification(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = session(&cx).await?;
    let verification = cx.domain.mail.verification(&principal).await?.ok_or(Error::AccountGone)?;
    Ok(to_wire::verification(&verification))
}

/// Security: one answer, whoever was meant and whether or not there is anybody.
pub(in super::super) async fn request_reset(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let typed = from_wire::request_reset(&body.json()?)?;
    cx.domain.mail.request_reset(&typed, settings(&cx)?.reset_lifetime).await?;
    Ok(to_wire::message("sent", "If an account exists for this email, a reset link has been sent."))
}

pub(in super::super) async fn confirm_reset(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let (token, chosen) = from_wire::confirm_reset(body.json()?);
    cx.domain.single_use_tokens.reset_password(token.expose(), chosen.expose(), &cx.context()).await?;
    Ok(to_wire::message("reset", "Your password has been reset. Sign in with the new one."))
}

pub(in super::super) async fn validate_reset(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let token = from_wire::mailed_token(body.json()?);
    let purpose = SingleUsePurpose::ResetPassword;
    let verdict = cx.domain.single_use_tokens.check(token.expose(), purpose).await?;
    Ok(to_wire::validity(verdict))
}
