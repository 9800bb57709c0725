//! `GET /admin/v1/diagnostics`: what `keyward doctor` prints.

use actix_web::HttpResponse;

use super::authority::admin;
use super::error::Error;
use super::wire::Checks;
use crate::extract::Cx;

pub(super) async fn diagnose(cx: Cx) -> Result<HttpResponse, Error> {
    admin(&cx)?;
    let checks = cx.admin.diagnostics.examine().await;
    Ok(HttpResponse::Ok().json(Checks { checks: checks.into_iter().map(Into::into).collect() }))
}
