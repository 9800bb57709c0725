//! `/admin/v1/audit`: the audit trail, newest first.

use actix_web::HttpResponse;
use keyward_domain::audit::{AuditCursor, AuditEvent};
use keyward_domain::ids::AuditEventId;

use super::authority::admin;
use super::error::Error;
use super::page::{self, List, OwnedPage};
use super::wire::AuditRow;
use crate::extract::Cx;

pub(super) async fn list(cx: Cx) -> Result<HttpResponse, Error> {
    admin(&cx)?;
    let OwnedPage::<AuditEventId> { account, limit, after } = OwnedPage::read(&cx, List::Audit)?;
    let after = after.map(|(at, id)| AuditCursor { at, id });
    let rows = cx.domain.audit.page(account, after, limit.and_one()).await?;
    let place = |event: &AuditEvent| (event.at, event.id.to_string());
    Ok(page::answer::<_, AuditRow>(&cx, List::Audit, limit, &rows, place))
}
