//! TruCore's routes: each with who may call it, how often, and what is said of it.

use keyward_domain::limits::LimitName;
use keyward_domain::scope::Scope;

use super::handlers::{self, keys, mailed};
use super::openapi;
use crate::limits::RouteLimit;
use crate::ops;
use crate::routes::{Access, CredentialKind, Routes};

const SIGNUP: &str = "/auth/signup";
const LOGIN: &str = "/auth/login";
const VERIFY_REQUEST: &str = "/auth/verify-email/request";
const VERIFY_CONFIRM: &str = "/auth/verify-email/confirm";
const VERIFY_STATUS: &str = "/auth/verify-email/status";
/// The document's path, and the one that the vendor's own portal calls.
const RESETS: [Reset; 2] = [
    Reset {
        request: "/auth/reset-password/request",
        confirm: "/auth/reset-password/confirm",
        validate: "/auth/reset-password/validate",
        described: openapi::RESET_PASSWORD,
    },
    Reset {
        request: "/auth/password-reset/request",
        confirm: "/auth/password-reset/confirm",
        validate: "/auth/password-reset/validate",
        described: openapi::PASSWORD_RESET,
    },
];

/// One spelling of the paths by which a password is reset.
struct Reset {
    request: &'static str,
    confirm: &'static str,
    validate: &'static str,
    described: openapi::Reset,
}

/// "JWT Token: key management, receipts, dashboard, account settings" (the document, "Using API Keys").
const SESSION: &[CredentialKind] = &[CredentialKind::AccountToken];
/// "API Key: protect, execute, verify" (the same).
const KEY: &[CredentialKind] = &[CredentialKind::AccountKey, CredentialKind::AgentKey];

const GENERAL: LimitName = LimitName::TrucoreGeneral;
const SIGNING_UP: RouteLimit = RouteLimit::registering(&[LimitName::TrucoreSignup]);
const LOGGING_IN: RouteLimit = RouteLimit::guarded(&[LimitName::TrucoreLogin, LimitName::PasswordChecks]);
const MAIL: RouteLimit = RouteLimit::guarded(&[LimitName::TrucoreMail]);
const CONFIRM: RouteLimit = RouteLimit::guarded(&[LimitName::TrucoreConfirm]);

/// This dialect's routes.
pub(in crate::dialects) fn routes() -> Routes {
    let routes = key_routes(mail_routes(account_routes()));
    RESETS.iter().fold(routes, reset_routes)
}

fn account_routes() -> Routes {
    let signs_up = Access::public("accounts.register", SIGNING_UP);
    let logs_in = Access::public("tokens.log_in_with_password", LOGGING_IN);
    let looks = Access::per_key(SESSION, Some(Scope::AccountRead), "accounts.profile", GENERAL);
    let lives = Access::public("server.live", ops::NEVER_REFUSED);
    Routes::default()
        .post(SIGNUP, signs_up, openapi::signup, handlers::signup)
        .post(LOGIN, logs_in, openapi::login, handlers::login)
        .get("/dashboard/me", looks, openapi::dashboard, handlers::dashboard)
        .get("/health", lives, openapi::health, handlers::health)
}

fn mail_routes(routes: Routes) -> Routes {
    let asks = Access::to(SESSION, Scope::AccountRead, "mail.request_verification", LimitName::TrucoreMail);
    let verifies = Access::public("single_use_tokens.verify_address", CONFIRM);
    let looks = Access::per_key(SESSION, Some(Scope::AccountRead), "mail.verification", GENERAL);
    routes
        .post(VERIFY_REQUEST, asks, openapi::request_verification, mailed::request_verification)
        .post(VERIFY_CONFIRM, verifies, openapi::confirm_verification, mailed::confirm_verification)
        .get(VERIFY_STATUS, looks, openapi::verification, mailed::verification)
}

fn key_routes(routes: Routes) -> Routes {
    let to = |use_case| Access::per_key(SESSION, Some(Scope::KeysManage), use_case, GENERAL);
    let says = Access::per_key(KEY, None, "keys.presented", GENERAL);
    routes
        .get("/customer/keys", to("keys.list"), openapi::list_keys, keys::list)
        .post("/customer/keys", to("keys.create"), openapi::create_key, keys::create)
        .post("/customer/keys/{key_id}/rotate", to("keys.rotate"), openapi::rotate_key, keys::rotate)
        .post("/customer/keys/{key_id}/revoke", to("keys.revoke"), openapi::revoke_key, keys::revoke)
        .get("/customer/whoami", says, openapi::whoami, keys::whoami)
}

fn reset_routes(routes: Routes, reset: &Reset) -> Routes {
    let asks = Access::public("mail.request_reset", MAIL);
    let resets = Access::public("single_use_tokens.reset_password", CONFIRM);
    let checks = Access::public("single_use_tokens.check", CONFIRM);
    let openapi::Reset { request, confirm, validate } = reset.described;
    routes
        .post(reset.request, asks, request, mailed::request_reset)
        .post(reset.confirm, resets, confirm, mailed::confirm_reset)
        .post(reset.validate, checks, validate, mailed::validate_reset)
}
