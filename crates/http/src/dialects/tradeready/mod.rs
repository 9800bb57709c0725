//! TradeReady: accounts that register with one call, keys with a second secret, tokens of one hour.
//! Source: the vendor's "Authentication" page; `docs/api-design.md` lists what is served.

mod error;
mod from_wire;
mod handlers;
mod openapi;
mod to_wire;
mod wire;

use actix_web::HttpResponse;
use keyward_domain::limits::LimitName;
use keyward_domain::scope::Scope;

use self::error::Error;
use self::handlers::{agents, mailed};
pub(super) use self::openapi::{ABOUT, words};
use crate::fault::Fault;
use crate::limits::RouteLimit;
use crate::ops;
use crate::routes::{ANYBODY_KNOWN, Access, CredentialKind, Routes};

/// Where this dialect is mounted complete.
pub(super) const BASE_PATH: &str = "/tradeready";

const AGENT: &str = "/api/v1/agents/{agent_id}";
const RISK_PROFILE: &str = "/api/v1/agents/{agent_id}/risk-profile";

/// "JWT is required for endpoints that manage agents" (the document, "JWT Bearer Token").
const MANAGER: &[CredentialKind] = &[CredentialKind::AccountToken];

const GENERAL: LimitName = LimitName::TradereadyGeneral;
const REGISTER: RouteLimit = RouteLimit::Guarded {
    attempts: &[LimitName::TradereadyRegister],
    successes: Some(LimitName::NewAccounts),
};
const LOGIN: RouteLimit = RouteLimit::guarded(&[LimitName::TradereadyLogin]);
const PASSWORD_LOGIN: RouteLimit =
    RouteLimit::guarded(&[LimitName::TradereadyLogin, LimitName::PasswordChecks]);

const MAIL: RouteLimit = RouteLimit::guarded(&[LimitName::TradereadyMail]);
const CONFIRM: RouteLimit = RouteLimit::guarded(&[LimitName::TradereadyConfirm]);

/// This dialect's routes.
pub(super) fn routes() -> Routes {
    agent_routes(account_routes())
}

fn account_routes() -> Routes {
    Routes::default()
        .post(
            "/api/v1/auth/register",
            Access::public("accounts.register", REGISTER),
            openapi::register,
            handlers::register,
        )
        .post(
            "/api/v1/auth/login",
            Access::public("tokens.exchange_key", LOGIN),
            openapi::login,
            handlers::login,
        )
        .post(
            "/api/v1/auth/user-login",
            Access::public("tokens.log_in_with_password", PASSWORD_LOGIN),
            openapi::user_login,
            handlers::user_login,
        )
        .post(
            "/api/v1/auth/forgot-password",
            Access::public("mail.request_reset", MAIL),
            openapi::forgot_password,
            mailed::forgot_password,
        )
        .post(
            "/api/v1/auth/reset-password",
            Access::public("single_use_tokens.reset_password", CONFIRM),
            openapi::reset_password,
            mailed::reset_password,
        )
        .post(
            "/api/v1/auth/verify-email",
            Access::public("single_use_tokens.verify_address", CONFIRM),
            openapi::verify_email,
            mailed::verify_email,
        )
        .get(
            "/api/v1/account/info",
            Access::to(ANYBODY_KNOWN, Scope::AccountRead, "accounts.profile", GENERAL),
            openapi::account_info,
            handlers::account_info,
        )
        .get("/health", Access::public("server.live", ops::NEVER_REFUSED), ops::health_described, ops::health)
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
        .post(
            "/api/v1/agents/{agent_id}/archive",
            to("agents.archive"),
            openapi::archive_agent,
            agents::archive,
        )
        .get("/api/v1/agents/{agent_id}/api-key", to("agents.find"), openapi::api_key, agents::api_key)
        .post(
            "/api/v1/agents/{agent_id}/regenerate-key",
            to("agents.regenerate_key"),
            openapi::regenerate_key,
            agents::regenerate_key,
        )
        .get(RISK_PROFILE, to("agents.find"), openapi::risk_profile, agents::risk_profile)
        .put(RISK_PROFILE, to("agents.set_risk_profile"), openapi::set_risk_profile, agents::set_risk_profile)
        .get("/api/v1/agents/{agent_id}/skill.md", to("agents.find"), openapi::skill, agents::skill)
        .post("/api/v1/agents/{agent_id}/reset", to("agents.reset"), openapi::reset_agent, agents::reset)
}

/// This dialect's words for what comes from no use case.
pub(super) fn fault(fault: Fault) -> HttpResponse {
    Error::Fault(fault).render()
}
