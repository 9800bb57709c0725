//! Domain results into TruCore's JSON.

use actix_web::HttpResponse;
use keyward_domain::accounts::{AccountEmail, EmailAddress};
use keyward_domain::mail::Verification;
use keyward_domain::single_use::SingleUseTokenRefused;
use keyward_domain::time::Instant;
use keyward_domain::tokens::LoggedIn;

use super::error;
use super::wire;

pub(super) fn logged_in(login: &LoggedIn) -> HttpResponse {
    HttpResponse::Ok().json(wire::LoggedIn {
        token: login.token.text.expose(),
        tenant_id: login.account.id.tenant(),
        email_verified: is_verified(login.account.email.as_ref()),
    })
}

pub(super) fn healthy() -> HttpResponse {
    HttpResponse::Ok().json(wire::Health { healthy: true })
}

pub(super) fn status(status: &'static str) -> HttpResponse {
    HttpResponse::Ok().json(wire::Status { status, message: None })
}

pub(super) fn message(status: &'static str, message: &'static str) -> HttpResponse {
    HttpResponse::Ok().json(wire::Status { status, message: Some(message) })
}

pub(super) fn verified(address: &EmailAddress) -> HttpResponse {
    HttpResponse::Ok().json(wire::Verified { status: "verified", email: address.as_typed() })
}

pub(super) fn verification(verification: &Verification) -> HttpResponse {
    let email = verification.email.as_ref();
    HttpResponse::Ok().json(wire::Verification {
        email: email.map(|email| email.address.as_typed()),
        email_verified: is_verified(email),
        email_verified_at: email.and_then(|email| email.verified_at).map(epoch_seconds),
        verification_pending: verification.is_pending,
    })
}

/// The reasons are the codes that the token would be refused with.
pub(super) fn validity(verdict: Result<(), SingleUseTokenRefused>) -> HttpResponse {
    let reason = verdict.err().map(|why| error::reset_token(why).code);
    HttpResponse::Ok().json(wire::Validity { valid: reason.is_none(), reason })
}

fn is_verified(email: Option<&AccountEmail>) -> bool {
    email.is_some_and(|email| email.verified_at.is_some())
}

/// The one moment that this vendor writes as a number.
const fn epoch_seconds(at: Instant) -> i64 {
    at.unix_micros() / 1_000_000
}
