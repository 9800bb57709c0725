//! `/admin/v1/accounts`: list, suspend, resume, archive, put on a plan, erase.

use actix_web::HttpResponse;
use keyward_domain::accounts::{Account, AccountCursor, EmailAddress, Plan};
use keyward_domain::ids::AccountId;

use super::authority::admin;
use super::error::Error;
use super::page::{self, Limit, List};
use super::wire::{AccountRow, AccountsQuery, SetPlan};
use crate::extract::{Body, Cx};

pub(super) async fn list(cx: Cx) -> Result<HttpResponse, Error> {
    admin(&cx)?;
    let AccountsQuery { email, limit, cursor } =
        cx.parameters().map_err(|why| Error::invalid("the query", why))?;
    let limit = Limit::read(&cx, limit.as_deref())?;
    let email = email.map(|text| EmailAddress::parse(&text)).transpose();
    let email = email.map_err(|_| Error::invalid("email", "is no e-mail address"))?;
    let after = page::after::<AccountId>(&cx, List::Accounts, cursor.as_deref())?;
    let after = after.map(|(created_at, id)| AccountCursor { created_at, id });
    let rows = cx.domain.accounts.page(email, after, limit.and_one()).await?;
    let place = |account: &Account| (account.created_at, account.id.to_string());
    Ok(page::answer::<_, AccountRow>(&cx, List::Accounts, limit, &rows, place))
}

pub(super) async fn suspend(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let (actor, id) = (admin(&cx)?, named(&cx)?);
    body.ignored()?;
    cx.domain.accounts.suspend(id, &actor, &cx.context()).await?;
    show(&cx, id).await
}

pub(super) async fn resume(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let (actor, id) = (admin(&cx)?, named(&cx)?);
    body.ignored()?;
    cx.domain.accounts.resume(id, &actor, &cx.context()).await?;
    show(&cx, id).await
}

pub(super) async fn archive(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let (actor, id) = (admin(&cx)?, named(&cx)?);
    body.ignored()?;
    cx.domain.accounts.archive(id, &actor, &cx.context()).await?;
    show(&cx, id).await
}

pub(super) async fn set_plan(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let (actor, id) = (admin(&cx)?, named(&cx)?);
    let SetPlan { plan } = body.json()?;
    let plan: Plan =
        plan.parse().map_err(|_| Error::invalid("plan", "is none of free, pro and enterprise"))?;
    cx.domain.accounts.set_plan(id, plan, &actor, &cx.context()).await?;
    show(&cx, id).await
}

pub(super) async fn erase(cx: Cx) -> Result<HttpResponse, Error> {
    let (actor, id) = (admin(&cx)?, named(&cx)?);
    cx.domain.accounts.erase(id, &actor, &cx.context()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The account that the path names. What is no id names none.
fn named(cx: &Cx) -> Result<AccountId, Error> {
    cx.path("account_id").parse().map_err(|_| Error::NoAccount)
}

async fn show(cx: &Cx, id: AccountId) -> Result<HttpResponse, Error> {
    let account = cx.domain.accounts.find(id).await?.ok_or(Error::NoAccount)?;
    Ok(HttpResponse::Ok().json(AccountRow::from(&account)))
}
