//! Where the server is opened by its bare address.

use actix_web::{HttpResponse, web};

use super::super::Site;
use super::super::browser::{Visitor, see_other};
use super::super::error::Refusal;
use crate::extract::Cx;

/// `GET /`. To the dashboard, or to the login: whoever comes for the first time is not told that a login has ended.
pub(in super::super) async fn home(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    let visitor = Visitor::of(&cx, &site).await?;
    Ok(see_other(if visitor.is_signed_in() { "/dashboard" } else { "/login" }))
}
