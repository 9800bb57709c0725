//! Agora's routes: each with who may call it, how often, and what is said of it.

use keyward_domain::limits::LimitName;
use keyward_domain::scope::Scope;

use super::{handlers, openapi};
use crate::limits::RouteLimit;
use crate::routes::{Access, CredentialKind, Routes};

const TOKEN: &str = "/v0/auth/token";
const ACCOUNTS: &str = "/v0/accounts";
const METRICS: &str = "/v0/metrics";
const TOTAL_SUPPLY: &str = "/v0/metrics/total-supply";
const CIRCULATING_SUPPLY: &str = "/v0/metrics/circulating-supply";

/// "Send a POST /v0/auth/token request with your API key in the Authorization header" (the document, "Exchange the API
/// key for a session JWT").
const KEY: &[CredentialKind] = &[CredentialKind::BearerKey];
/// "Everything else requires a valid session JWT" (the same, its beginning).
const SESSION: &[CredentialKind] = &[CredentialKind::AccountToken, CredentialKind::AgentToken];

/// "Rate limits […] apply equally to authenticated and unauthenticated requests" (the same, "Operational notes").
const GENERAL: LimitName = LimitName::AgoraGeneral;

/// This dialect's routes.
pub(in crate::dialects) fn routes() -> Routes {
    metrics_routes(account_routes())
}

fn account_routes() -> Routes {
    let exchanges = Access::per_network(KEY, None, "tokens.issue", GENERAL);
    let lists = Access::per_network(SESSION, Some(Scope::AccountRead), "identities.list", GENERAL);
    Routes::default().post(TOKEN, exchanges, openapi::exchange, handlers::exchange).get(
        ACCOUNTS,
        lists,
        openapi::accounts,
        handlers::accounts,
    )
}

fn metrics_routes(routes: Routes) -> Routes {
    let shows = Access::public("supply.show", RouteLimit::PerNetwork(GENERAL));
    routes
        .get_cross_origin(METRICS, shows, openapi::metrics, handlers::metrics)
        .get_cross_origin(TOTAL_SUPPLY, shows, openapi::total_supply, handlers::total_supply)
        .get_cross_origin(
            CIRCULATING_SUPPLY,
            shows,
            openapi::circulating_supply,
            handlers::circulating_supply,
        )
}
