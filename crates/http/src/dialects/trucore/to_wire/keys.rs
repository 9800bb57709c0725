//! Keys into JSON.

use actix_web::HttpResponse;
use keyward_domain::accounts::Plan;
use keyward_domain::idempotency::Answered;
use keyward_domain::ids::KeyId;
use keyward_domain::keys::{IssuedKey, KeyPurpose, KeyState, KeySummary, RotatedKey};
use keyward_domain::scope::{Scope, Scopes};
use keyward_domain::time::Instant;

use super::super::{KEY_ID, SCOPES, wire};
use super::tenant;

pub(in super::super) fn created_key(issued: &Answered<IssuedKey>) -> HttpResponse {
    HttpResponse::Created().json(issued_key(issued, issued.at, None))
}

pub(in super::super) fn rotated_key(rotated: &Answered<RotatedKey>) -> HttpResponse {
    HttpResponse::Ok().json(issued_key(&rotated.issued, rotated.at, Some(rotated.from)))
}

pub(in super::super) fn keys(keys: &[KeySummary], plan: Plan, now: Instant) -> HttpResponse {
    HttpResponse::Ok().json(wire::Keys {
        keys: keys.iter().map(|summary| key(summary, now)).collect(),
        count: keys.len(),
        plan_tier: plan.as_str(),
        allowed_scopes: SCOPES.map(Scope::as_str).into(),
    })
}

pub(in super::super) fn revoked_key(summary: &KeySummary, now: Instant) -> HttpResponse {
    HttpResponse::Ok().json(key(summary, now))
}

pub(in super::super) fn whoami(key: &KeySummary, now: Instant) -> HttpResponse {
    HttpResponse::Ok().json(wire::Whoami {
        tenant_id: tenant(key.account),
        key_id: key_id(key.id),
        label: key.label.as_str(),
        status: key.status(now).as_str(),
        scopes: scopes(key.scopes),
        environment: key.environment.as_str(),
    })
}

pub(super) fn dashboard_key(key: &KeySummary, now: Instant) -> wire::DashboardKey<'_> {
    wire::DashboardKey {
        key_id: key_id(key.id),
        label: key.label.as_str(),
        status: key.status(now).as_str(),
        created_at: key.created_at.to_string(),
    }
}

/// The text is in this answer and in no other, twice: under the document's name, and under that of the vendor's portal.
fn issued_key(issued: &IssuedKey, at: Instant, from: Option<KeyId>) -> wire::IssuedKey<'_> {
    let key = &issued.key;
    wire::IssuedKey {
        key_id: key_id(key.id),
        tenant_id: tenant(key.account),
        label: key.label.as_str(),
        status: key.status(at).as_str(),
        secret: issued.text.expose(),
        raw_secret: issued.text.expose(),
        preview: preview(&key.preview()),
        scopes: scopes(key.scopes),
        purpose: purpose(key.purpose),
        created_at: key.created_at.to_string(),
        last_used_at: None,
        expires_at: key.expires_at.map(|end| end.to_string()),
        rotated_from: from.map(key_id),
    }
}

fn key(key: &KeySummary, now: Instant) -> wire::Key<'_> {
    wire::Key {
        key_id: key_id(key.id),
        tenant_id: tenant(key.account),
        label: key.label.as_str(),
        status: key.status(now).as_str(),
        preview: preview(&key.preview),
        scopes: scopes(key.scopes),
        purpose: purpose(key.purpose),
        created_at: key.created_at.to_string(),
        last_used_at: key.last_used_at.map(|at| at.to_string()),
        expires_at: key.expires_at.map(|end| end.to_string()),
        revoked_at: match key.state {
            KeyState::Revoked { at, .. } => Some(at.to_string()),
            KeyState::Active | KeyState::Superseded { .. } => None,
        },
    }
}

fn key_id(id: KeyId) -> String {
    format!("{KEY_ID}{}", id.to_hex())
}

fn preview(preview: &str) -> String {
    format!("{preview}...")
}

/// None for all rights, as this vendor writes them.
fn scopes(scopes: Scopes) -> Vec<&'static str> {
    scopes.listed().into_iter().flatten().map(Scope::as_str).collect()
}

/// This vendor has no word for none in particular.
fn purpose(purpose: KeyPurpose) -> Option<&'static str> {
    match purpose {
        KeyPurpose::General => None,
        KeyPurpose::Api => Some("api"),
        KeyPurpose::Bot => Some("bot"),
        KeyPurpose::Mcp => Some("mcp"),
    }
}
