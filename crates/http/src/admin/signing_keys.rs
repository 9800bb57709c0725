//! `/admin/v1/signing-keys`: the next key by command, and a fresh start after a theft.

use actix_web::HttpResponse;
use keyward_domain::tokens::{SigningAlgorithm, SigningKey};

use super::authority::admin;
use super::error::Error;
use super::wire::{OfDialect, SigningKeyRow, SigningKeys};
use crate::dialects::DialectName;
use crate::extract::{Body, Cx};

pub(super) async fn rotate(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let actor = admin(&cx)?;
    let algorithms = algorithms(&cx, body)?;
    let next = cx.domain.signing_keys.rotate(&algorithms, &actor, &cx.context()).await?;
    Ok(answer(&next))
}

pub(super) async fn replace(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let actor = admin(&cx)?;
    let algorithms = algorithms(&cx, body)?;
    let fresh = cx.domain.signing_keys.replace(&algorithms, &actor, &cx.context()).await?;
    Ok(answer(&fresh))
}

/// The algorithm of the dialect that the body names, or every algorithm there is. A body is not needed.
fn algorithms(cx: &Cx, body: Body) -> Result<Vec<SigningAlgorithm>, Error> {
    let OfDialect { dialect } = body.json_or_default()?;
    let Some(name) = dialect else {
        return Ok(SigningAlgorithm::ALL.to_vec());
    };
    let settings = name.parse::<DialectName>().ok().and_then(|name| cx.dialect(name));
    let settings = settings.ok_or_else(|| Error::invalid("dialect", "is none that is spoken here"))?;
    Ok(vec![settings.tokens.algorithm])
}

fn answer(keys: &[SigningKey]) -> HttpResponse {
    HttpResponse::Ok().json(SigningKeys { data: keys.iter().map(SigningKeyRow::from).collect() })
}
