//! Agora's handlers: into the domain, one use case, out again.

use actix_web::HttpResponse;
use keyward_domain::accounts::IdentityCursor;
use keyward_domain::authentication::{AuthenticationError, Presented};
use keyward_domain::keys::AuthenticateKeyError;
use keyward_domain::principal::Principal;
use keyward_domain::tokens::{AuthenticateTokenError, SubjectForm, TokenProfile, TokenRejected};

use super::error::Error;
use super::from_wire::AccountsPage;
use super::{ACCOUNTS_LIST, from_wire, to_wire};
use crate::dialects::DialectName;
use crate::extract::{Body, Cx, Shown};
use crate::fault::Fault;
use crate::settings::DialectSettings;

/// "No request body is needed", and what one says is not looked at.
pub(super) async fn exchange(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let profile = TokenProfile { subject: SubjectForm::OrganizationKey, ..settings(&cx)?.tokens };
    let principal = key_holder(&cx).await?;
    body.ignored()?;
    let issued = cx.domain.tokens.issue(&principal, &profile)?;
    Ok(to_wire::token(&issued))
}

pub(super) async fn accounts(cx: Cx) -> Result<HttpResponse, Error> {
    let principal = session(&cx).await?;
    let place = |text: &str| {
        let (created_at, id) = cx.place(ACCOUNTS_LIST, text)?;
        Some(IdentityCursor { created_at, id })
    };
    let AccountsPage { limit, after } = from_wire::accounts_page(&cx.query(), place)?;
    // One more than the page has: whether it is there tells whether another page is.
    let identities = cx.domain.identities.page(&principal, after, limit + 1).await?;
    let cursor = |IdentityCursor { created_at, id }| cx.cursor(ACCOUNTS_LIST, created_at, &id.to_string());
    Ok(to_wire::accounts(&identities, limit, cursor))
}

pub(super) async fn metrics(cx: Cx) -> HttpResponse {
    to_wire::metrics(&cx.supply.shown())
}

pub(super) async fn total_supply(cx: Cx) -> Result<HttpResponse, Error> {
    let supply = cx.supply.shown();
    let totals = supply.totals.as_ref().ok_or(Error::SupplyPartial)?;
    Ok(to_wire::amount(&totals.total))
}

pub(super) async fn circulating_supply(cx: Cx) -> Result<HttpResponse, Error> {
    let supply = cx.supply.shown();
    let totals = supply.totals.as_ref().ok_or(Error::SupplyPartial)?;
    Ok(to_wire::amount(&totals.circulating))
}

/// Who asks for a token, if they show a key of the whole account where this vendor's clients show it.
///
/// Security: a key in `X-API-Key` opens nothing here, and another one beside the bearer's leaves open which of them is
/// meant. An `X-Agent-Id` that is not the account's own agent is refused here as everywhere.
async fn key_holder(cx: &Cx) -> Result<Principal, Error> {
    let Presented { key: beside, token: key } = shown(cx)?;
    let shown = key.ok_or(AuthenticationError::Missing)?;
    if beside.is_some_and(|beside| beside != shown) {
        return Err(AuthenticationError::Contradiction.into());
    }
    let principal = cx.recognise(Presented { key, token: None }).await?;
    principal.owner()?;
    cx.limit_to_agent(principal).await?;
    Ok(principal)
}

/// Who asks, if they show a token: "everything else requires a valid session JWT" (the document, its beginning).
///
/// Security: each credential that is shown must be good, and two must belong together: a key beside the token neither
/// covers for a bad token nor opens anything by itself. An `X-Agent-Id` that is not the account's own agent is refused
/// here as everywhere.
async fn session(cx: &Cx) -> Result<Principal, Error> {
    let shown = shown(cx)?;
    let principal = cx.recognise(shown).await?;
    if shown.token.is_none() {
        return Err(AuthenticationError::Missing.into());
    }
    cx.authorize(&principal)?;
    Ok(cx.limit_to_agent(principal).await?)
}

fn shown(cx: &Cx) -> Result<Presented<'_>, Error> {
    let key = cx.api_key().map_err(|_| AuthenticateKeyError::UnknownKey)?;
    let token = cx.bearer().map_err(|_| AuthenticateTokenError::from(TokenRejected::Invalid))?;
    Ok(Presented { key: key.map(Shown::expose), token: token.map(Shown::expose) })
}

fn settings(cx: &Cx) -> Result<&DialectSettings, Error> {
    cx.dialect(DialectName::Agora).ok_or(Error::Fault(Fault::NotFound))
}
