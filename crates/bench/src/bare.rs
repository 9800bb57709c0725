//! The least that the web framework does: a request is read, a handler called, a short answer written.

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, rt, web};

use crate::Fallible;

/// Serves with the framework's own defaults, as Keyward does: as many workers as there are cores to run on.
pub(crate) fn serve(listen: SocketAddr) -> Fallible<()> {
    rt::System::new().block_on(async move {
        let app = || App::new().default_service(web::to(|| async { HttpResponse::Ok().body("ok") }));
        Ok(HttpServer::new(app).bind(listen)?.run().await?)
    })
}
