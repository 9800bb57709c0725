//! `POST /admin/v1/backups`: everything that is stored, in one file.

use actix_web::HttpResponse;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::web::Bytes;
use futures_util::stream;

use super::authority::admin;
use super::error::Error;
use crate::extract::{Body, Cx};

/// The answer's head goes out when the copy is begun: to make it may take longer than an answer may.
pub(super) async fn make(cx: Cx, body: Body) -> Result<HttpResponse, Error> {
    let actor = admin(&cx)?;
    body.ignored()?;
    let backup = cx.domain.backups.begin(&actor, &cx.context()).await?;
    let request_id = cx.context().request_id;
    let pieces = stream::try_unfold(backup, move |mut backup| async move {
        match backup.next().await {
            Ok(piece) => Ok(piece.map(|piece| (Bytes::from(piece), backup))),
            Err(cause) => {
                tracing::error!(request.id = %request_id, %cause, "a backup broke off");
                // Without its end the answer is not whole, and the client is told so by the closed connection.
                Err(ErrorInternalServerError("a backup broke off"))
            }
        }
    });
    let kind = (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    Ok(HttpResponse::Ok().insert_header(kind).streaming(Box::pin(pieces)))
}
