//! Domain results into Agora's JSON.

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use keyward_domain::accounts::{AccountStatus, Identity, IdentityCursor};
use keyward_domain::agents::AgentStatus;
use keyward_domain::tokens::IssuedToken;

use super::wire;
use crate::supply::{ChainSupply, Supply};

pub(super) fn token(issued: &IssuedToken) -> HttpResponse {
    HttpResponse::Ok().json(wire::Token { session_jwt: issued.text.expose() })
}

/// `identities` may hold one more than the page has.
pub(super) fn accounts(
    identities: &[Identity],
    limit: u16,
    cursor: impl Fn(IdentityCursor) -> String,
) -> HttpResponse {
    let shown = identities.get(..usize::from(limit)).unwrap_or(identities);
    let last = shown.last().filter(|_| shown.len() < identities.len());
    HttpResponse::Ok().json(wire::Accounts {
        data: shown.iter().map(account).collect(),
        next_cursor: last.map(|last| cursor(last.place())),
    })
}

pub(super) fn metrics(supply: &Supply) -> HttpResponse {
    let totals = supply.totals.as_ref();
    HttpResponse::Ok().json(wire::Metrics {
        chains: supply.chains.iter().map(chain).collect(),
        partial: totals.is_none(),
        total_supply: totals.map(|totals| totals.total.as_str()),
        circulating_supply: totals.map(|totals| totals.circulating.as_str()),
    })
}

/// The bare decimal.
pub(super) fn amount(amount: &str) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body(amount.to_owned())
}

fn account(identity: &Identity) -> wire::Account {
    match identity {
        Identity::Account(account) => wire::Account {
            id: account.id.to_string(),
            kind: "organization",
            name: account.display_name.to_string(),
            created_at: account.created_at.to_string(),
            status: match account.status {
                AccountStatus::Active => "active",
                AccountStatus::Suspended { .. } => "suspended",
                AccountStatus::Archived { .. } => "archived",
            },
        },
        Identity::Agent(agent) => wire::Account {
            id: agent.id.to_string(),
            kind: "agent",
            name: agent.name.to_string(),
            created_at: agent.created_at.to_string(),
            status: match agent.status {
                AgentStatus::Active => "active",
                AgentStatus::Archived { .. } => "archived",
            },
        },
    }
}

fn chain(chain: &ChainSupply) -> wire::Chain<'_> {
    wire::Chain {
        chain_id: &chain.chain_id,
        network: &chain.network,
        total_supply: &chain.amounts.total,
        circulating_supply: &chain.amounts.circulating,
    }
}
