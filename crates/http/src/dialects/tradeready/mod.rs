//! TradeReady: accounts that register with one call, keys with a second secret, tokens of one hour.
//! Source: the vendor's "Authentication" page; `docs/api-design.md` lists what is served.

mod error;
mod from_wire;
mod handlers;
mod openapi;
mod to_wire;
mod wire;

use actix_web::HttpResponse;
use keyward_domain::scope::Scope;

use self::error::Error;
use self::handlers::agents;
pub(super) use self::openapi::{ABOUT, words};
use crate::fault::Fault;
use crate::ops;
use crate::routes::{ANYBODY_KNOWN, Access, CredentialKind, Routes};

/// Where this dialect is mounted complete.
pub(super) const BASE_PATH: &str = "/tradeready";

const REGISTER: &str = "/api/v1/auth/register";
const LOGIN: &str = "/api/v1/auth/login";
const USER_LOGIN: &str = "/api/v1/auth/user-login";
const ARCHIVE: &str = "/api/v1/agents/{agent_id}/archive";
const REGENERATE: &str = "/api/v1/agents/{agent_id}/regenerate-key";
const AGENT: &str = "/api/v1/agents/{agent_id}";
const RISK_PROFILE: &str = "/api/v1/agents/{agent_id}/risk-profile";

/// "JWT is required for endpoints that manage agents" (the document, "JWT Bearer Token").
const MANAGER: &[CredentialKind] = &[CredentialKind::AccountToken];

/// This dialect's routes.
pub(super) fn routes() -> Routes {
    agent_routes(account_routes())
}

fn account_routes() -> Routes {
    let public = Access::public;
    let profile = Access::to(ANYBODY_KNOWN, Scope::AccountRead, "accounts.profile");
    Routes::default()
        .post(REGISTER, public("accounts.register"), openapi::register, handlers::register)
        .post(LOGIN, public("tokens.exchange_key"), openapi::login, handlers::login)
        .post(USER_LOGIN, public("tokens.log_in_with_password"), openapi::user_login, handlers::user_login)
        .get("/api/v1/account/info", profile, openapi::account_info, handlers::account_info)
        .get("/health", public("server.live"), ops::health_described, ops::health)
}

fn agent_routes(routes: Routes) -> Routes {
    let to = |use_case| Access::to(MANAGER, Scope::AgentsManage, use_case);
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

/// This dialect's words for what comes from no use case.
pub(super) fn fault(fault: Fault) -> HttpResponse {
    Error::Fault(fault).render()
}
