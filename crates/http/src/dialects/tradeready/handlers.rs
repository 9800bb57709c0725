//! TradeReady's handlers: into the domain, one use case, out again.

pub(super) mod agents;
pub(super) mod mailed;

use actix_web::HttpResponse;
use keyward_domain::keys::AuthenticateKeyError;
use keyward_domain::principal::Principal;
use keyward_domain::tokens::{AuthenticateTokenError, TokenRejected};

use super::error::Error;
use super::{from_wire, to_wire};
use crate::dialects::DialectName;
use crate::extract::{Body, Cx};
use crate::fault::Fault;
use crate::settings::{DialectSettings, Registration};

pub(super) async fn register(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    match settings(&cx)?.registration {
        Registration::Open => {}
        Registration::Approval => return Err(Error::ApprovalNeeded),
        Registration::Closed => return Err(Error::RegistrationClosed),
    }
    let context = cx.repeatable(&body, DialectName::Tradeready.as_str())?;
    let command = from_wire::register(body.json()?)?;
    let registered = cx.settled(cx.domain.accounts.register(command, &context).await?);
    Ok(to_wire::registered(&registered))
}

pub(super) async fn login(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let profile = settings(&cx)?.tokens;
    let (key, secret) = from_wire::login(body.json()?)?;
    let issued = cx.domain.tokens.exchange_key(key.expose(), secret.expose(), &profile).await?;
    Ok(to_wire::token(&issued))
}

pub(super) async fn user_login(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let profile = settings(&cx)?.tokens;
    let (email, password) = from_wire::user_login(body.json()?)?;
    let login = cx.domain.tokens.log_in_with_password(&email, &password, &profile, &cx.context()).await?;
    Ok(to_wire::token(&login.token))
}

pub(super) async fn account_info(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = authenticate(&cx).await?;
    let profile = cx.domain.accounts.profile(&principal).await?.ok_or(Error::AccountGone)?;
    let agent = cx.domain.agents.in_scope(&principal).await?;
    Ok(to_wire::account_info(&profile, agent.as_ref(), &principal))
}

/// `X-API-Key` decides, and a bearer token beside it is not looked at: the vendor's SDK sends both on every call.
async fn authenticate(cx: &Cx) -> Result<Principal, Error> {
    let principal = if let Some(key) = cx.api_key().map_err(|_| AuthenticateKeyError::UnknownKey)? {
        cx.by_key(key).await?
    } else if let Some(token) =
        cx.bearer().map_err(|_| AuthenticateTokenError::from(TokenRejected::Invalid))?
    {
        cx.by_token(token).await?
    } else {
        return Err(Error::NoCredential);
    };
    cx.count(&principal)?;
    cx.authorize(&principal)?;
    Ok(cx.limit_to_agent(principal).await?)
}

fn settings(cx: &Cx) -> Result<&DialectSettings, Error> {
    cx.dialect(DialectName::Tradeready).ok_or(Error::Fault(Fault::NotFound))
}
