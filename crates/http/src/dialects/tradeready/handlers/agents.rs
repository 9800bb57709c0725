//! Managing agents: who may, then one use case, then out again.

use actix_web::HttpResponse;
use keyward_domain::agents::{AgentPage, CloneAgent, ManageAgentError};
use keyward_domain::ids::AgentId;
use keyward_domain::keys::AuthenticateKeyError;
use keyward_domain::principal::Principal;
use keyward_domain::tokens::{AuthenticateTokenError, TokenRejected};

use super::super::error::Error;
use super::super::{from_wire, to_wire};
use crate::dialects::DialectName;
use crate::extract::{Body, Cx};

pub(in super::super) async fn create(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    let context = cx.repeatable(&body, DialectName::Tradeready.as_str())?;
    let command = from_wire::create_agent(body.json()?, principal.environment)?;
    let created = cx.domain.agents.create(&principal, command, &context).await?;
    Ok(to_wire::created_agent(&created))
}

pub(in super::super) async fn list(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    let page = from_wire::agent_page(&cx.query())?;
    Ok(to_wire::agents(&cx.domain.agents.list(&principal, page).await?))
}

pub(in super::super) async fn overview(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    Ok(to_wire::agents_overview(&cx.domain.agents.list(&principal, AgentPage::FIRST).await?))
}

pub(in super::super) async fn get(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    Ok(to_wire::agent(&cx.domain.agents.find(&principal, named(&cx)?).await?))
}

pub(in super::super) async fn update(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    let id = named(&cx)?;
    // Security: whether the agent is the caller's comes before what is wrong with the body.
    cx.domain.agents.find(&principal, id).await?;
    let command = from_wire::update_agent(body.json()?)?;
    let updated = cx.domain.agents.update(&principal, id, command, &cx.context()).await?;
    Ok(to_wire::agent(&updated))
}

/// Whatever the body says: the vendor's own clients send one that says nothing.
pub(in super::super) async fn copy(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    let original = named(&cx)?;
    cx.domain.agents.find(&principal, original).await?;
    let context = cx.repeatable(&body, DialectName::Tradeready.as_str())?;
    body.ignored()?;
    let name = from_wire::new_name(&cx.query())?;
    let command = CloneAgent { original, name, key_prefix: from_wire::agent_key(principal.environment) };
    let created = cx.domain.agents.copy(&principal, command, &context).await?;
    Ok(to_wire::created_agent(&created))
}

pub(in super::super) async fn archive(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    body.ignored()?;
    let archived = cx.domain.agents.archive(&principal, named(&cx)?, &cx.context()).await?;
    Ok(to_wire::agent(&archived))
}

pub(in super::super) async fn delete(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    cx.domain.agents.delete(&principal, named(&cx)?, &cx.context()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gone for every agent of the caller's: no key is kept that could be shown.
pub(in super::super) async fn api_key(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    cx.domain.agents.find(&principal, named(&cx)?).await?;
    Err(Error::KeyNotRecoverable)
}

pub(in super::super) async fn regenerate_key(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    let context = cx.repeatable(&body, DialectName::Tradeready.as_str())?;
    body.ignored()?;
    let (id, prefix) = (named(&cx)?, from_wire::agent_key(principal.environment));
    let issued = cx.domain.agents.regenerate_key(&principal, id, &prefix, &context).await?;
    Ok(to_wire::regenerated_key(id, &issued))
}

pub(in super::super) async fn risk_profile(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    let profile = cx.domain.agents.find(&principal, named(&cx)?).await?;
    Ok(to_wire::agent_risk_profile(&profile))
}

pub(in super::super) async fn set_risk_profile(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    let id = named(&cx)?;
    // Security: whether the agent is the caller's comes before what is wrong with the body.
    cx.domain.agents.find(&principal, id).await?;
    let risk = from_wire::risk_profile(&body.json()?)?;
    let profile = cx.domain.agents.set_risk_profile(&principal, id, risk, &cx.context()).await?;
    Ok(to_wire::agent_risk_profile(&profile))
}

pub(in super::super) async fn skill(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    let profile = cx.domain.agents.find(&principal, named(&cx)?).await?;
    Ok(to_wire::skill(&profile, &cx.public_url))
}

pub(in super::super) async fn reset(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let principal = manager(&cx).await?;
    body.ignored()?;
    let reset = cx.domain.agents.reset(&principal, named(&cx)?, &cx.context()).await?;
    Ok(to_wire::agent(&reset))
}

/// Who asks, if they show a token of the whole account: "operations affect the parent account, not just a single
/// agent" (the document, "JWT Bearer Token").
///
/// Security: each credential that is shown must be good, and both must be the account's: a key beside the token, which
/// the vendor's clients send on every call, neither covers for a bad token nor opens anything by itself. An
/// `X-Agent-Id` that is not the account's own agent is refused here as everywhere.
async fn manager(cx: &Cx) -> Result<Principal, Error> {
    let key = cx.api_key().map_err(|_| AuthenticateKeyError::UnknownKey)?;
    let token = cx.bearer().map_err(|_| AuthenticateTokenError::from(TokenRejected::Invalid))?;
    let by_key = match key {
        Some(key) => Some(cx.by_key(key).await?),
        None => None,
    };
    let Some(token) = token else {
        cx.count(&by_key.ok_or(Error::NoCredential)?)?;
        return Err(Error::TokenNeeded);
    };
    let principal = cx.by_token(token).await?;
    cx.count(&principal)?;
    cx.authorize(&principal)?;
    if by_key.is_some_and(|key| key.scope() != principal.scope()) {
        return Err(Error::Contradiction);
    }
    principal.owner().map_err(ManageAgentError::from)?;
    cx.limit_to_agent(principal).await?;
    Ok(principal)
}

/// The agent that the path names. Security: what is no id names nothing, and nobody learns the difference.
fn named(cx: &Cx) -> Result<AgentId, Error> {
    Ok(cx.path("agent_id").parse().map_err(|_| ManageAgentError::UnknownAgent)?)
}
