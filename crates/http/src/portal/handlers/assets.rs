//! How pages look, and what a script adds where there is one.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;

/// `GET /portal.css`.
pub(in super::super) async fn style() -> HttpResponse {
    asset("text/css; charset=utf-8", include_str!("../../../static/portal.css"))
}

/// `GET /portal.js`.
pub(in super::super) async fn script() -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("../../../static/portal.js"))
}

/// `GET /portal.svg`.
pub(in super::super) async fn icon() -> HttpResponse {
    asset("image/svg+xml", include_str!("../../../static/portal.svg"))
}

fn asset(media_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-cache")).content_type(media_type).body(text)
}
