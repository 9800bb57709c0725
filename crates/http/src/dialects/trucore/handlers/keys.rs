//! TruCore's handlers of keys: who may, then one use case, then out again.

use actix_web::HttpResponse;
use keyward_domain::authentication::{AuthenticationError, Presented};
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{ManageKeyError, SuccessorPrefix};
use keyward_domain::tokens::AuthenticateTokenError;

use super::super::error::Error;
use super::super::{from_wire, to_wire};
use super::{session, shown};
use crate::dialects::DialectName;
use crate::extract::{Body, Cx};

/// How many keys a list has at most, good ones first of all. No plan allows more, unless its operator says so.
pub(super) const MOST_LISTED: u16 = 10_000;

pub(in super::super) async fn create(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let principal = session(&cx).await?;
    let context = cx.repeatable(&body, DialectName::Trucore.as_str())?;
    let command = from_wire::create_key(body.json_or_default()?, cx.now())?;
    let issued = cx.domain.own_keys.create(&principal, command, &context).await?;
    Ok(to_wire::created_key(&issued))
}

pub(in super::super) async fn list(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = session(&cx).await?;
    let keys = cx.domain.own_keys.overview(&principal, MOST_LISTED).await?;
    Ok(to_wire::keys(&keys, principal.plan, cx.now()))
}

/// The vendor's clients send no body, and need not.
pub(in super::super) async fn rotate(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let principal = match session(&cx).await {
        Ok(principal) => principal,
        Err(refused) => return rotated_before(&cx, &body, refused).await,
    };
    let id = named(&cx)?;
    // Security: whether the key is the caller's comes before what is wrong with the body.
    cx.domain.own_keys.find(&principal, id).await?;
    let context = cx.repeatable(&body, DialectName::Trucore.as_str())?;
    let grace = from_wire::grace(&body.json_or_default()?)?;
    let prefix = SuccessorPrefix::OfSurface(&from_wire::KEYS);
    let rotated = cx.domain.own_keys.rotate(&principal, id, grace, prefix, &context).await?;
    Ok(to_wire::rotated_key(&rotated))
}

/// The key that the token was minted from may have ended by this very request, whose answer was lost.
async fn rotated_before(cx: &Cx, body: &Body, refused: Error) -> Result<HttpResponse, Error> {
    let Error::Authentication(AuthenticationError::Token(AuthenticateTokenError::Revoked)) = refused else {
        return Err(refused);
    };
    let Presented { key: None, token: Some(token) } = shown(cx)? else { return Err(refused) };
    let (id, context) = (named(cx)?, cx.repeatable(body, DialectName::Trucore.as_str())?);
    let by = cx.domain.tokens.rotated_away(token).await?;
    match cx.domain.own_keys.rotated_before(by, id, &context).await? {
        Some(rotated) => Ok(to_wire::rotated_key(&rotated)),
        None => Err(refused),
    }
}

pub(in super::super) async fn revoke(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let principal = session(&cx).await?;
    body.ignored()?;
    let revoked = cx.domain.own_keys.revoke(&principal, named(&cx)?, &cx.context()).await?;
    Ok(to_wire::revoked_key(&revoked, cx.now()))
}

/// What the key that is shown is. A token opens nothing here, and must be good beside the key all the same.
pub(in super::super) async fn whoami(cx: Cx) -> Result<HttpResponse, Error> {
    let shown = shown(&cx)?;
    let principal = cx.recognise(shown).await?;
    cx.count(&principal)?;
    if shown.key.is_none() {
        return Err(Error::KeyNeeded);
    }
    let principal = cx.limit_to_agent(principal).await?;
    let key = cx.domain.own_keys.presented(&principal).await?.ok_or(Error::KeyGone)?;
    Ok(to_wire::whoami(&key, cx.now()))
}

/// The key that the path names. Security: what is no id names nothing, and nobody learns the difference.
fn named(cx: &Cx) -> Result<KeyId, Error> {
    from_wire::key_id(cx.path("key_id")).ok_or(Error::Keys(ManageKeyError::UnknownKey))
}
