//! `/admin/v1/audit`: the audit trail, newest first.

use actix_web::HttpResponse;
use keyward_domain::audit::{AuditCursor, AuditEvent};
use keyward_domain::ids::AuditEventId;

use super::authority::admin;
use super::error::Error;
use super::page::{self, Limit, List};
use super::wire::{AuditRow, OwnedQuery};
use crate::extract::Cx;

pub(super) async fn list(cx: Cx) -> Result<HttpResponse, Error> {
    admin(&cx)?;
    let OwnedQuery { account, limit, cursor } =
        cx.parameters().map_err(|why| Error::invalid("the query", why))?;
    let limit = Limit::read(&cx, limit.as_deref())?;
    let account = account.map(|text| text.parse()).transpose();
    let account = account.map_err(|_| Error::invalid("account", "is no id of an account"))?;
    let after = page::after::<AuditEventId>(&cx, List::Audit, cursor.as_deref())?;
    let after = after.map(|(at, id)| AuditCursor { at, id });
    let rows = cx.domain.audit.page(account, after, limit.and_one()).await?;
    let place = |event: &AuditEvent| (event.at, event.id.to_string());
    Ok(page::answer::<_, AuditRow>(&cx, List::Audit, limit, &rows, place))
}
