//! Where the server is opened by its bare address.

use actix_web::{HttpResponse, web};

use super::super::Site;
use super::super::browser::{Visitor, see_other};
use super::super::error::Refusal;
use crate::extract::Cx;

/// `GET /`. The dashboard leads whoever is not logged in to the login.
pub(in super::super) async fn home(cx: Cx, site: web::Data<Site>) -> Result<HttpResponse, Refusal> {
    Visitor::of(&cx, &site).await?;
    Ok(see_other("/dashboard"))
}
