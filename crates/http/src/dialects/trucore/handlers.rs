//! TruCore's handlers: into the domain, one use case, out again.

pub(super) mod keys;
pub(super) mod mailed;

use actix_web::HttpResponse;
use keyward_domain::authentication::Presented;
use keyward_domain::keys::AuthenticateKeyError;
use keyward_domain::principal::Principal;
use keyward_domain::tokens::{AuthenticateTokenError, TokenRejected};

use super::error::Error;
use super::{from_wire, to_wire};
use crate::dialects::DialectName;
use crate::extract::{Body, Cx, Shown};
use crate::fault::Fault;
use crate::settings::{DialectSettings, Registration};

pub(super) async fn signup(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let settings = settings(&cx)?;
    match settings.registration {
        Registration::Open => {}
        Registration::Approval => return Err(Error::ApprovalNeeded),
        Registration::Closed => return Err(Error::RegistrationClosed),
    }
    let context = cx.repeatable(&body, DialectName::Trucore.as_str())?;
    let command = from_wire::signup(&body.json()?, settings.tokens)?;
    let registered = cx.settled(cx.domain.accounts.register(command, &context).await?);
    Ok(to_wire::signed_up(&registered))
}

pub(super) async fn login(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let profile = settings(&cx)?.tokens;
    let (email, password) = from_wire::login(body.json()?)?;
    let login = cx.domain.tokens.log_in_with_password(&email, &password, &profile, &cx.context()).await?;
    Ok(to_wire::logged_in(&login))
}

pub(super) async fn dashboard(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = session(&cx).await?;
    let profile = cx.domain.accounts.profile(&principal).await?.ok_or(Error::AccountGone)?;
    let keys = cx.domain.own_keys.overview(&principal, keys::MOST_LISTED).await?;
    Ok(to_wire::dashboard(&profile.account, &keys, cx.now()))
}

pub(super) async fn health() -> HttpResponse {
    to_wire::healthy()
}

/// Who asks, if they show a token of the whole account: keys and tokens "are not interchangeable" (the contract's reading
/// of the document's table, "Using API Keys").
///
/// Security: each credential that is shown must be good, and two must belong together: a key beside the token neither
/// covers for a bad token nor opens anything by itself. An `X-Agent-Id` that is not the account's own agent is refused
/// here as everywhere.
async fn session(cx: &Cx) -> Result<Principal, Error> {
    let shown = shown(cx)?;
    let principal = cx.recognise(shown).await?;
    cx.count(&principal)?;
    if shown.token.is_none() {
        return Err(Error::TokenNeeded);
    }
    cx.authorize(&principal)?;
    principal.owner()?;
    cx.limit_to_agent(principal).await?;
    Ok(principal)
}

fn shown(cx: &Cx) -> Result<Presented<'_>, Error> {
    let key = cx.api_key().map_err(|_| AuthenticateKeyError::UnknownKey)?;
    let token = cx.bearer().map_err(|_| AuthenticateTokenError::from(TokenRejected::Invalid))?;
    Ok(Presented { key: key.map(Shown::expose), token: token.map(Shown::expose) })
}

fn settings(cx: &Cx) -> Result<&DialectSettings, Error> {
    cx.dialect(DialectName::Trucore).ok_or(Error::Fault(Fault::NotFound))
}
