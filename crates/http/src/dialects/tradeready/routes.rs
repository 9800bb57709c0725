//! TradeReady's routes: each with who may call it, how often, and what is said of it.

use keyward_domain::limits::LimitName;
use keyward_domain::scope::Scope;

use super::handlers::{self, agents, mailed};
use super::openapi;
use crate::limits::RouteLimit;
use crate::ops;
use crate::routes::{ANYBODY_KNOWN, Access, CredentialKind, Routes};

const REGISTER: &str = "/api/v1/auth/register";
const LOGIN: &str = "/api/v1/auth/login";
const USER_LOGIN: &str = "/api/v1/auth/user-login";
const FORGOT_PASSWORD: &str = "/api/v1/auth/forgot-password";
const RESET_PASSWORD: &str = "/api/v1/auth/reset-password";
const VERIFY_EMAIL: &str = "/api/v1/auth/verify-email";
const ACCOUNT_INFO: &str = "/api/v1/account/info";
const AGENT: &str = "/api/v1/agents/{agent_id}";
const ARCHIVE: &str = "/api/v1/agents/{agent_id}/archive";
const REGENERATE: &str = "/api/v1/agents/{agent_id}/regenerate-key";
const RISK_PROFILE: &str = "/api/v1/agents/{agent_id}/risk-profile";

/// "JWT is required for endpoints that manage agents" (the document, "JWT Bearer Token").
const MANAGER: &[CredentialKind] = &[CredentialKind::AccountToken];

const GENERAL: LimitName = LimitName::TradereadyGeneral;
const REGISTERING: RouteLimit = RouteLimit::registering(&[LimitName::TradereadyRegister]);
const KEY_LOGIN: RouteLimit = RouteLimit::guarded(&[LimitName::TradereadyLogin]);
const PASSWORD_LOGIN: RouteLimit =
    RouteLimit::guarded(&[LimitName::TradereadyLogin, LimitName::PasswordChecks]);
const MAIL: RouteLimit = RouteLimit::guarded(&[LimitName::TradereadyMail]);
const CONFIRM: RouteLimit = RouteLimit::guarded(&[LimitName::TradereadyConfirm]);

/// This dialect's routes.
pub(in crate::dialects) fn routes() -> Routes {
    agent_routes(mail_routes(account_routes()))
}

fn account_routes() -> Routes {
    let registers = Access::public("accounts.register", REGISTERING);
    let exchanges = Access::public("tokens.exchange_key", KEY_LOGIN);
    let logs_in = Access::public("tokens.log_in_with_password", PASSWORD_LOGIN);
    let looks = Access::to(ANYBODY_KNOWN, Scope::AccountRead, "accounts.profile", GENERAL);
    let lives = Access::public("server.live", ops::NEVER_REFUSED);
    Routes::default()
        .post(REGISTER, registers, openapi::register, handlers::register)
        .post(LOGIN, exchanges, openapi::login, handlers::login)
        .post(USER_LOGIN, logs_in, openapi::user_login, handlers::user_login)
        .get(ACCOUNT_INFO, looks, openapi::account_info, handlers::account_info)
        .get("/health", lives, ops::health_described, ops::health)
}

fn mail_routes(routes: Routes) -> Routes {
    let asks = Access::public("mail.request_reset", MAIL);
    let resets = Access::public("single_use_tokens.reset_password", CONFIRM);
    let verifies = Access::public("single_use_tokens.verify_address", CONFIRM);
    routes
        .post(FORGOT_PASSWORD, asks, openapi::forgot_password, mailed::forgot_password)
        .post(RESET_PASSWORD, resets, openapi::reset_password, mailed::reset_password)
        .post(VERIFY_EMAIL, verifies, openapi::verify_email, mailed::verify_email)
}

fn agent_routes(routes: Routes) -> Routes {
    let to = |use_case| Access::to(MANAGER, Scope::AgentsManage, use_case, GENERAL);
    routes
        .get("/api/v1/agents", to("agents.list"), openapi::list_agents, agents::list)
        .post("/api/v1/agents", to("agents.create"), openapi::create_agent, agents::create)
        .get("/api/v1/agents/overview", to("agents.list"), openapi::overview, agents::overview)
        .get(AGENT, to("agents.find"), openapi::get_agent, agents::get)
        .put(AGENT, to("agents.update"), openapi::update_agent, agents::update)
        .delete(AGENT, to("agents.delete"), openapi::delete_agent, agents::delete)
        .post("/api/v1/agents/{agent_id}/clone", to("agents.copy"), openapi::clone_agent, agents::copy)
        .post(ARCHIVE, to("agents.archive"), openapi::archive_agent, agents::archive)
        .get("/api/v1/agents/{agent_id}/api-key", to("agents.find"), openapi::api_key, agents::api_key)
        .post(REGENERATE, to("agents.regenerate_key"), openapi::regenerate_key, agents::regenerate_key)
        .get(RISK_PROFILE, to("agents.find"), openapi::risk_profile, agents::risk_profile)
        .put(RISK_PROFILE, to("agents.set_risk_profile"), openapi::set_risk_profile, agents::set_risk_profile)
        .get("/api/v1/agents/{agent_id}/skill.md", to("agents.find"), openapi::skill, agents::skill)
        .post("/api/v1/agents/{agent_id}/reset", to("agents.reset"), openapi::reset_agent, agents::reset)
}
