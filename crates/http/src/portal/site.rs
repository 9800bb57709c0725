//! Where the portal is, and the headers that each of its answers carries.

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_FRAME_OPTIONS,
};
use actix_web::web;

use super::error::reframe;
use super::origin::Origin;
use super::routes::has_token;
use crate::settings::PortalRegistration;
use crate::state::State;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// What pages may not do. They have no use for any of it.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), \
    publickey-credentials-get=(), usb=(), clipboard-read=()";

/// Where the portal is.
pub(crate) struct Site {
    /// What browsers call it; `None` where the public URL is none.
    pub(super) origin: Option<Origin>,
    policy: HeaderValue,
    is_closed: bool,
}

impl Site {
    /// Of a server with this public URL.
    pub(crate) fn of(state: &State) -> Self {
        // Both are configured and were checked at the start; what is no header goes without the second.
        let policy = HeaderValue::from_str(&policy(&state.github_url));
        let policy = policy.unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
        let is_closed = state.portal.registration == PortalRegistration::Closed;
        Self { origin: Origin::of(&state.public_url), policy, is_closed }
    }

    /// Whether browsers keep cookies of ours: over TLS, and at loopback.
    pub(super) fn keeps_cookies(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.is_https() || origin.is_loopback())
    }

    fn dress(&self, headers: &mut HeaderMap) {
        headers.insert(CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS));
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        if self.origin.as_ref().is_some_and(Origin::is_https) {
            headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
    }
}

/// Security: pages load nothing but our style sheet and our script, and stand in no frame. A form leads to us, or by a
/// redirect of ours to GitHub: Chromium holds the address behind the redirect against this too.
fn policy(github_url: &str) -> String {
    let github = github_url.split_whitespace().next().unwrap_or_default();
    let mut policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
        frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; form-action 'self'"
            .to_owned();
    if let Some(origin) = origin_text(github) {
        policy.push(' ');
        policy.push_str(&origin);
    }
    policy
}

/// The address without its path.
fn origin_text(address: &str) -> Option<String> {
    let uri: actix_web::http::Uri = address.parse().ok()?;
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

/// Puts the headers on, and a message into its frame.
///
/// Security: whatever is answered at an address that carries a token, nobody whom a browser asks next is told that address.
pub(super) fn dress(response: &mut ServiceResponse<BoxBody>) {
    let told = if has_token(response.request()) { "no-referrer" } else { "same-origin" };
    if let Some(site) = response.request().app_data::<web::Data<Site>>().cloned() {
        site.dress(response.headers_mut());
        reframe(response, site.is_closed);
    }
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static(told));
}
