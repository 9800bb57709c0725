//! `/admin/v1/keys`: list without secrets, revoke any.

use actix_web::HttpResponse;
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{KeyCursor, KeySummary};
use keyward_domain::time::Instant;

use super::authority::admin;
use super::error::Error;
use super::page::{self, List, OwnedPage};
use super::wire::KeyRow;
use crate::extract::Cx;

pub(super) async fn list(cx: Cx) -> Result<HttpResponse, Error> {
    admin(&cx)?;
    let OwnedPage::<KeyId> { account, limit, after } = OwnedPage::read(&cx, List::Keys)?;
    let after = after.map(|(created_at, id)| KeyCursor { created_at, id });
    let rows = cx.domain.key_administration.page(account, after, limit.and_one()).await?;
    let rows: Vec<_> = rows.into_iter().map(|key| (key, cx.now())).collect();
    let place = |(key, _): &(KeySummary, Instant)| (key.created_at, key.id.to_string());
    Ok(page::answer::<_, KeyRow>(&cx, List::Keys, limit, &rows, place))
}

pub(super) async fn revoke(cx: Cx) -> Result<HttpResponse, Error> {
    let actor = admin(&cx)?;
    let id: KeyId = cx.path("key_id").parse().map_err(|_| Error::NoKey)?;
    cx.domain.key_administration.revoke(id, &actor, &cx.context()).await?;
    Ok(HttpResponse::NoContent().finish())
}
