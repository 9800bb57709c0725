//! `/admin/v1/organizations`: an organization, and its first key.

use actix_web::HttpResponse;
use keyward_domain::accounts::DisplayName;
use keyward_domain::keys::KeyPrefix;

use super::NAME;
use super::authority::admin;
use super::error::Error;
use super::wire::{CreateOrganization, Organization};
use crate::extract::{Body, Cx};

/// What their keys begin with.
const KEYS: KeyPrefix = KeyPrefix::from_static("org_live_");

pub(super) async fn create(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let actor = admin(&cx)?;
    let context = cx.repeatable(&body, NAME)?;
    let CreateOrganization { name } = body.json()?;
    let name = DisplayName::parse(&name).map_err(|why| Error::invalid("name", why))?;
    let registered = cx.domain.accounts.register_organization(name, KEYS, &actor, &context).await?;
    Ok(HttpResponse::Created().json(Organization::from(&*registered)))
}
