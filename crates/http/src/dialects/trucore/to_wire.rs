//! Domain results into TruCore's JSON.

mod keys;

use actix_web::HttpResponse;
use keyward_domain::accounts::{Account, AccountEmail, AccountStatus, RegisteredAccount};
use keyward_domain::ids::AccountId;
use keyward_domain::keys::KeySummary;
use keyward_domain::mail::Verification;
use keyward_domain::single_use::SingleUseTokenRefused;
use keyward_domain::time::Instant;
use keyward_domain::tokens::LoggedIn;

pub(super) use self::keys::*;
use super::{TENANT_ID, USER_ID, error, wire};

pub(super) fn signed_up(registered: &RegisteredAccount) -> HttpResponse {
    let account = &registered.account;
    HttpResponse::Created().json(wire::SignedUp {
        token: registered.token.as_ref().map(|token| token.text.expose().as_str()),
        tenant_id: tenant(account.id),
        api_key: registered.key.issued.text.expose(),
        email_verified: account.is_verified(),
    })
}

pub(super) fn logged_in(login: &LoggedIn) -> HttpResponse {
    HttpResponse::Ok().json(wire::LoggedIn {
        token: login.token.text.expose(),
        tenant_id: tenant(login.account.id),
        email_verified: login.account.is_verified(),
    })
}

pub(super) fn dashboard(account: &Account, keys: &[KeySummary], now: Instant) -> HttpResponse {
    HttpResponse::Ok().json(wire::Dashboard {
        user_id: format!("{USER_ID}{}", account.id.as_uuid().simple()),
        email: account.email.as_ref().map(|email| email.address.as_typed()),
        email_verified: account.is_verified(),
        tenant_id: tenant(account.id),
        tenant: wire::Tenant {
            plan_tier: account.plan.as_str(),
            status: match account.status {
                AccountStatus::Active => "active",
                AccountStatus::Suspended { .. } => "suspended",
                AccountStatus::Archived { .. } => "archived",
            },
        },
        api_keys: keys.iter().map(|key| dashboard_key(key, now)).collect(),
        receipt_count: 0,
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

fn tenant(id: AccountId) -> String {
    format!("{TENANT_ID}{}", id.tenant())
}

fn is_verified(email: Option<&AccountEmail>) -> bool {
    email.is_some_and(|email| email.verified_at.is_some())
}

/// The one moment that this vendor writes as a number.
const fn epoch_seconds(at: Instant) -> i64 {
    at.unix_micros() / 1_000_000
}
