//! The portal's routes: each with who may call it, how often, and what is said of it.

use actix_web::{HttpRequest, web};
use keyward_domain::limits::LimitName;

use super::handlers::{assets, dashboard, home, keys, login, passwords, signup, verify};
use super::{openapi, site};
use crate::limits::RouteLimit;
use crate::routes::{Access, Routes};
use crate::state::State;

const HOME: &str = "/";
const SIGNUP: &str = "/signup";
const LOGIN: &str = "/login";
const LOGOUT: &str = "/logout";
const VERIFY_EMAIL: &str = "/verify-email";
const TAKE_OVER: &str = "/verify-email/take-over";
const FORGOT_PASSWORD: &str = "/forgot-password";
const RESET_PASSWORD: &str = "/reset-password";
const DASHBOARD: &str = "/dashboard";
const VERIFICATION: &str = "/dashboard/verification";
const PASSWORD: &str = "/dashboard/password";
const END_TOKENS: &str = "/dashboard/end-tokens";
const KEYS: &str = "/dashboard/keys";
const NEW_KEY: &str = "/dashboard/keys/new";
const ROTATE: &str = "/dashboard/keys/{key_id}/rotate";
const REVOKE: &str = "/dashboard/keys/{key_id}/revoke";
const STYLE: &str = "/portal.css";
const SCRIPT: &str = "/portal.js";
const ICON: &str = "/portal.svg";

/// Every path.
const PATHS: &[&str] = &[
    HOME,
    SIGNUP,
    LOGIN,
    LOGOUT,
    VERIFY_EMAIL,
    TAKE_OVER,
    FORGOT_PASSWORD,
    RESET_PASSWORD,
    DASHBOARD,
    VERIFICATION,
    PASSWORD,
    END_TOKENS,
    KEYS,
    NEW_KEY,
    ROTATE,
    REVOKE,
    STYLE,
    SCRIPT,
    ICON,
];

const PAGES: RouteLimit = RouteLimit::PerNetwork(LimitName::PortalPages);
const SIGNING_UP: RouteLimit = RouteLimit::registering(&[LimitName::PortalSignup]);
const LOGGING_IN: RouteLimit = RouteLimit::guarded(&[LimitName::PortalLogin, LimitName::PasswordChecks]);
const MAIL: RouteLimit = RouteLimit::guarded(&[LimitName::PortalMail]);
const CONFIRM: RouteLimit = RouteLimit::guarded(&[LimitName::PortalConfirm]);

/// The routes of the portal.
pub(crate) fn routes() -> Routes {
    key_routes(person_routes(mail_routes(visitor_routes()))).dressed(site::dress)
}

fn visitor_routes() -> Routes {
    let shows = Access::public("server.show", PAGES);
    // A page that is shown is shown as it should look.
    let looks_so = Access::public("server.show", RouteLimit::Free(LimitName::PortalPages));
    Routes::default()
        .get(HOME, shows, openapi::home, home::home)
        .get(SIGNUP, shows, openapi::signup_page, signup::page)
        .post(SIGNUP, Access::public("accounts.register", SIGNING_UP), openapi::signup, signup::sign_up)
        .get(LOGIN, shows, openapi::login_page, login::page)
        .post(LOGIN, Access::public("sessions.log_in", LOGGING_IN), openapi::login, login::log_in)
        .get(STYLE, looks_so, openapi::style, assets::style)
        .get(SCRIPT, looks_so, openapi::script, assets::script)
        .get(ICON, looks_so, openapi::icon, assets::icon)
}

/// A page that a mail leads to tries its token, also by `GET`.
fn mail_routes(routes: Routes) -> Routes {
    let looks = Access::public("single_use_tokens.look", CONFIRM);
    let verifies = Access::public("single_use_tokens.verify_address", CONFIRM);
    let takes_over = Access::public("single_use_tokens.take_over", CONFIRM);
    let resets = Access::public("single_use_tokens.reset_password", CONFIRM);
    let asks = Access::public("mail.request_reset", MAIL);
    routes
        .get(VERIFY_EMAIL, looks, openapi::verify_page, verify::page)
        .post(VERIFY_EMAIL, verifies, openapi::verify, verify::verify)
        .post(TAKE_OVER, takes_over, openapi::take_over, verify::take_over)
        .get(FORGOT_PASSWORD, Access::public("server.show", PAGES), openapi::forgot_page, passwords::forgot)
        .post(FORGOT_PASSWORD, asks, openapi::forgot, passwords::request_reset)
        .get(RESET_PASSWORD, looks, openapi::reset_page, passwords::reset_page)
        .post(RESET_PASSWORD, resets, openapi::reset, passwords::reset_password)
}

fn person_routes(routes: Routes) -> Routes {
    let looks = Access::signed_in("accounts.profile", PAGES);
    let mails = Access::signed_in("mail.request_verification", MAIL);
    let changes = Access::signed_in("accounts.change_password", LOGGING_IN);
    let ends = Access::signed_in("tokens.log_out_everywhere", PAGES);
    routes
        // Whoever is suspended leaves too.
        .post(LOGOUT, Access::signed_in("sessions.log_out", PAGES), openapi::logout, login::log_out)
        .get(DASHBOARD, looks, openapi::dashboard, dashboard::page)
        .post(VERIFICATION, mails, openapi::mail_again, dashboard::mail_again)
        .get(PASSWORD, looks, openapi::password_page, passwords::change_page)
        .post(PASSWORD, changes, openapi::change_password, passwords::change_password)
        .get(END_TOKENS, looks, openapi::end_tokens_page, dashboard::end_tokens_page)
        .post(END_TOKENS, ends, openapi::end_tokens, dashboard::end_tokens)
}

fn key_routes(routes: Routes) -> Routes {
    let to = |use_case| Access::signed_in(use_case, PAGES);
    routes
        .get(NEW_KEY, to("accounts.profile"), openapi::new_key_page, keys::new_page)
        .get(KEYS, to("accounts.profile"), openapi::keys_page, keys::list)
        .post(KEYS, to("own_keys.create"), openapi::create_key, keys::create)
        .get(ROTATE, to("own_keys.find"), openapi::rotate_page, keys::rotate_page)
        .post(ROTATE, to("own_keys.rotate"), openapi::rotate_key, keys::rotate)
        .get(REVOKE, to("own_keys.find"), openapi::revoke_page, keys::revoke_page)
        .post(REVOKE, to("own_keys.revoke"), openapi::revoke_key, keys::revoke)
}

/// Whether the address of such a request may carry a token of a mail.
pub(super) fn has_token(request: &HttpRequest) -> bool {
    let pattern = request.match_pattern();
    pattern.is_some_and(|path| [VERIFY_EMAIL, TAKE_OVER, RESET_PASSWORD].contains(&path.as_str()))
}

/// Whether the request came to one of these routes: a refusal of it is a page.
pub(crate) fn is_addressed(request: &HttpRequest) -> bool {
    let Some(state) = request.app_data::<web::Data<State>>() else {
        return false;
    };
    let is_a_dialects = state.dialects.of_host(request.head()).is_some();
    !is_a_dialects && request.match_pattern().is_some_and(|path| PATHS.contains(&path.as_str()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_path_is_known_to_be_the_portal_s() {
        let mounted: BTreeSet<&str> = routes().listed.iter().map(|listed| listed.path).collect();
        assert_eq!(mounted, PATHS.iter().copied().collect());
    }
}
