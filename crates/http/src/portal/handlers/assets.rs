//! How pages look, and what a script adds where there is one.
//!
//! Pages name each file with a digest of what is in it: what has that name never changes, and browsers keep it.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;

use crate::extract::Cx;

const STYLE: Asset =
    Asset::new("/portal.css", "text/css; charset=utf-8", include_str!("../../../static/portal.css"));
const SCRIPT: Asset =
    Asset::new("/portal.js", "text/javascript; charset=utf-8", include_str!("../../../static/portal.js"));
const ICON: Asset = Asset::new("/portal.svg", "image/svg+xml", include_str!("../../../static/portal.svg"));

struct Asset {
    path: &'static str,
    media_type: &'static str,
    text: &'static str,
    digest: u64,
}

/// What pages call the style sheet by.
pub(in super::super) fn style_address() -> String {
    STYLE.address()
}

/// What pages call the script by.
pub(in super::super) fn script_address() -> String {
    SCRIPT.address()
}

/// What pages call the icon by.
pub(in super::super) fn icon_address() -> String {
    ICON.address()
}

/// `GET /portal.css`.
pub(in super::super) async fn style(cx: Cx) -> HttpResponse {
    STYLE.answer(&cx)
}

/// `GET /portal.js`.
pub(in super::super) async fn script(cx: Cx) -> HttpResponse {
    SCRIPT.answer(&cx)
}

/// `GET /portal.svg`.
pub(in super::super) async fn icon(cx: Cx) -> HttpResponse {
    ICON.answer(&cx)
}

impl Asset {
    const fn new(path: &'static str, media_type: &'static str, text: &'static str) -> Self {
        Self { path, media_type, text, digest: digest(text.as_bytes()) }
    }

    fn address(&self) -> String {
        format!("{}?v={}", self.path, self.version())
    }

    fn version(&self) -> String {
        format!("{:016x}", self.digest)
    }

    /// A page of another release may ask for what this one does not have: nobody keeps it under that name.
    fn answer(&self, cx: &Cx) -> HttpResponse {
        let query = cx.query();
        let is_named = matches!(query.single("v"), Ok(Some(version)) if version == self.version());
        let kept = if is_named { "public, max-age=31536000, immutable" } else { "no-cache" };
        HttpResponse::Ok().insert_header((CACHE_CONTROL, kept)).content_type(self.media_type).body(self.text)
    }
}

/// FNV-1a: it tells releases apart and keeps nothing from anybody.
const fn digest(mut bytes: &[u8]) -> u64 {
    let mut digest: u64 = 0xcbf2_9ce4_8422_2325;
    while let [byte, rest @ ..] = bytes {
        digest = (digest ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        bytes = rest;
    }
    digest
}
