//! Domain results into TradeReady's JSON.

mod agents;

use actix_web::HttpResponse;
use keyward_domain::accounts::{AccountProfile, AccountStatus, RegisteredAccount};
use keyward_domain::agents::Agent;
use keyward_domain::principal::{Credential, Principal};
use keyward_domain::tokens::IssuedToken;

pub(super) use self::agents::*;
use super::wire::{AccountInfo, CurrentSession, Message, Registered, Token};

pub(super) fn registered(registered: &RegisteredAccount) -> HttpResponse {
    let account = &registered.account;
    let agent = registered.agent.as_ref();
    HttpResponse::Created().json(Registered {
        account_id: account.id.to_string(),
        api_key: registered.key.issued.text.expose(),
        api_secret: registered.key.login_secret.as_ref().map(|secret| secret.expose().as_str()),
        display_name: account.display_name.as_str(),
        starting_balance: account.starting_balance.to_string(),
        agent_id: agent.map(|(agent, _)| agent.id.to_string()),
        agent_api_key: agent.map(|(_, issued)| issued.text.expose().as_str()),
        message: "Save your API secret now. It will not be shown again.",
    })
}

pub(super) fn token(issued: &IssuedToken) -> HttpResponse {
    HttpResponse::Ok().json(Token {
        token: issued.text.expose(),
        expires_at: issued.token.expires_at.to_string(),
        token_type: "Bearer",
        expires_in: issued.lifetime.as_secs(),
    })
}

pub(super) fn message(message: &'static str) -> HttpResponse {
    HttpResponse::Ok().json(Message { message })
}

pub(super) fn account_info(
    profile: &AccountProfile,
    agent: Option<&Agent>,
    principal: &Principal,
) -> HttpResponse {
    let account = &profile.account;
    HttpResponse::Ok().json(AccountInfo {
        account_id: account.id.to_string(),
        api_key: profile.key.as_ref().map(|key| format!("{}...", key.preview())),
        display_name: account.display_name.as_str(),
        status: match account.status {
            AccountStatus::Active => "active",
            AccountStatus::Suspended { .. } => "suspended",
            AccountStatus::Archived { .. } => "closed",
        },
        starting_balance: account.starting_balance.to_string(),
        current_session: current_session(&principal.credential),
        // An account has none of its own: the vendor's defaults stand in.
        risk_profile: risk_profile(&agent.map(|agent| agent.attributes.risk_profile).unwrap_or_default()),
        created_at: account.created_at.to_string(),
    })
}

fn current_session(credential: &Credential) -> CurrentSession {
    match credential {
        Credential::Key { id, issued_at, .. } => {
            CurrentSession { session_id: id.to_string(), started_at: issued_at.to_string() }
        }
        Credential::Token { id, issued_at, .. } => {
            CurrentSession { session_id: id.to_string(), started_at: issued_at.to_string() }
        }
        Credential::Session { id, began_at } => {
            CurrentSession { session_id: id.to_string(), started_at: began_at.to_string() }
        }
    }
}
