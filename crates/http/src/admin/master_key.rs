//! `/admin/v1/master-key`: one master key takes the place of another. No key passes here, only names of keys.

use actix_web::{HttpResponse, rt};
use keyward_domain::audit::Actor;
use keyward_domain::deployment::{MasterKeyService, MasterKeyStatus, RotateMasterKeyError};
use keyward_domain::request::RequestContext;

use super::authority::admin;
use super::error::Error;
use super::wire::MasterKeys;
use crate::extract::Cx;

pub(super) async fn status(cx: Cx) -> Result<HttpResponse, Error> {
    admin(&cx)?;
    Ok(answer(&cx.admin.master_keys.status().await?))
}

pub(super) async fn rotate(cx: Cx) -> Result<HttpResponse, Error> {
    to_its_end(&cx, async |keys, actor, context| keys.rotate(&actor, &context).await).await
}

pub(super) async fn finish(cx: Cx) -> Result<HttpResponse, Error> {
    to_its_end(&cx, async |keys, actor, context| keys.finish(&actor, &context).await).await
}

pub(super) async fn cancel(cx: Cx) -> Result<HttpResponse, Error> {
    to_its_end(&cx, async |keys, actor, context| keys.cancel(&actor, &context).await).await
}

/// Does it to its end, also if the client goes: a request that is abandoned must not stop between two steps.
async fn to_its_end(
    cx: &Cx,
    change: impl AsyncFnOnce(
        MasterKeyService,
        Actor,
        RequestContext,
    ) -> Result<MasterKeyStatus, RotateMasterKeyError>
    + 'static,
) -> Result<HttpResponse, Error> {
    let actor = admin(cx)?;
    let (keys, context) = (cx.admin.master_keys.clone(), cx.context());
    let changed = rt::spawn(async move { change(keys, actor, context).await }).await;
    Ok(answer(&changed.map_err(|_| Error::CutShort)??))
}

fn answer(status: &MasterKeyStatus) -> HttpResponse {
    HttpResponse::Ok().json(MasterKeys::from(status))
}
