//! TradeReady's handlers of what goes by mail.

use actix_web::HttpResponse;

use super::super::error::Error;
use super::super::{from_wire, to_wire};
use super::settings;
use crate::extract::{Body, Cx};

/// Security: one answer, whoever was meant and whether or not there is anybody.
pub(in super::super) async fn forgot_password(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let typed = from_wire::forgot_password(body.json()?)?;
    cx.domain.mail.request_reset(&typed, settings(&cx)?.reset_lifetime).await?;
    Ok(to_wire::message("If an account exists, a reset link has been sent."))
}

pub(in super::super) async fn reset_password(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let (token, chosen) = from_wire::reset_password(body.json()?)?;
    cx.domain.single_use_tokens.reset_password(token.expose(), chosen.expose(), &cx.context()).await?;
    Ok(to_wire::message("Password has been reset successfully."))
}

pub(in super::super) async fn verify_email(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let token = from_wire::verify_email(body.json()?)?;
    cx.domain.single_use_tokens.verify_address(token.expose(), &cx.context()).await?;
    Ok(to_wire::message("Email verified successfully."))
}
