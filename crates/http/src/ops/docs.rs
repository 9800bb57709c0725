//! `/openapi.json` and `/docs`: the same description, for programs and for people.

use std::sync::OnceLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};

use super::conditional::Document;
use crate::extract::Cx;
use crate::openapi;

/// What both are made of, at the first time that somebody asks: most servers are never asked.
#[derive(Default)]
pub(crate) struct Docs(OnceLock<Written>);

struct Written {
    document: Bytes,
    page: Bytes,
    fingerprint: String,
}

impl Docs {
    fn get(&self, cx: &Cx) -> &Written {
        self.0.get_or_init(|| {
            let document = openapi::spoken(cx);
            let text = document.to_string();
            Written {
                fingerprint: format!("{:08x}", fingerprint(text.as_bytes())),
                page: openapi::page(&document).into(),
                document: text.into(),
            }
        })
    }
}

/// `GET /openapi.json`.
pub(super) async fn document(cx: Cx, docs: web::Data<Docs>, request: HttpRequest) -> HttpResponse {
    let Written { document, fingerprint, .. } = docs.get(&cx);
    let (fingerprint, json) = (fingerprint.clone(), document.clone());
    Document { fingerprint, kept: "no-cache".to_owned(), json }.answer(&request)
}

/// Security: the page runs no script, loads its style sheet and nothing else, and stands in no frame.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /docs`.
pub(super) async fn page(cx: Cx, docs: web::Data<Docs>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .content_type("text/html; charset=utf-8")
        .body(docs.get(&cx).page.clone())
}

/// `GET /docs.css`.
pub(super) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-cache"))
        .content_type("text/css; charset=utf-8")
        .body(include_str!("../../templates/docs.css"))
}

/// Tells two documents apart: FNV-1a. Nobody's safety hangs on it.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}
