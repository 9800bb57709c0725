//! `/admin/v1/keys`: list without secrets, revoke any.

use actix_web::HttpResponse;
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{KeyCursor, KeySummary};

use super::authority::admin;
use super::error::Error;
use super::page::{self, Limit, List};
use super::wire::{KeyRow, OwnedQuery};
use crate::extract::Cx;

pub(super) async fn list(cx: Cx) -> Result<HttpResponse, Error> {
    admin(&cx)?;
    let OwnedQuery { account, limit, cursor } =
        cx.parameters().map_err(|why| Error::invalid("the query", why))?;
    let limit = Limit::read(&cx, limit.as_deref())?;
    let account = account.map(|text| text.parse()).transpose();
    let account = account.map_err(|_| Error::invalid("account", "is no id of an account"))?;
    let after = page::after::<KeyId>(&cx, List::Keys, cursor.as_deref())?;
    let after = after.map(|(created_at, id)| KeyCursor { created_at, id });
    let rows = cx.domain.key_administration.page(account, after, limit.and_one()).await?;
    let place = |key: &KeySummary| (key.created_at, key.id.to_string());
    Ok(page::answer::<_, KeyRow>(&cx, List::Keys, limit, &rows, place))
}

pub(super) async fn revoke(cx: Cx) -> Result<HttpResponse, Error> {
    let actor = admin(&cx)?;
    let id: KeyId = cx.path("key_id").parse().map_err(|_| Error::NoKey)?;
    cx.domain.key_administration.revoke(id, &actor, &cx.context()).await?;
    Ok(HttpResponse::NoContent().finish())
}
