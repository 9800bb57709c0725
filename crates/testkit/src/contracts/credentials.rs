//! The contract of [`CredentialSource`](keyward_domain::credentials::CredentialSource): much at a time.

use keyward_domain::accounts::{AccountStanding, AccountStatus, Epoch, Plan};
use keyward_domain::agents::{AgentStanding, AgentStatus};
use keyward_domain::audit::Action;
use keyward_domain::credentials::{AccountRecord, AgentRecord, Found, Wanted};
use keyward_domain::revocations::RevokedToken;

use super::Stores;
use crate::builders::Samples;

fn sorted(mut found: Found) -> Found {
    found.keys.sort_by_key(|key| key.id);
    found.agents.sort_by_key(|agent| agent.id);
    found.accounts.sort_by_key(|account| account.id);
    found.revoked_tokens.sort();
    found
}

/// Nothing wanted, nothing found.
pub async fn nothing_is_found_where_nothing_is_wanted(stores: &Stores) {
    assert_eq!(stores.credentials.read(Wanted::default()).await, Ok(Found::default()));
}

/// Many keys come by their handles, each with its owners.
pub async fn keys_by_handle_come_with_their_owners(stores: &Stores) {
    let samples = Samples::new();
    let registrations: Vec<_> = (0..20).map(|_| samples.registration_with_agent()).collect();
    let (mut wanted, mut expected) = (Wanted::default(), Found::default());
    for (number, registration) in registrations.iter().enumerate() {
        stores.register(&samples, registration).await;
        let standing =
            AccountStanding { status: AccountStatus::Active, epoch: Epoch::FIRST, plan: Plan::Free };
        let account = AccountRecord { id: registration.account.id, standing };
        let (agent, agent_key) = registration.agent.as_ref().unwrap();
        let key = if number % 2 == 0 { &registration.key } else { agent_key };
        wanted.handles.push(key.handle);
        expected.keys.push(key.clone());
        expected.accounts.push(account);
        if number % 2 == 1 {
            let standing = AgentStanding { status: AgentStatus::Active, epoch: Epoch::FIRST };
            let (id, environment) = (agent.id, agent.environment);
            expected.agents.push(AgentRecord { id, account: account.id, environment, standing });
        }
    }
    let found = stores.credentials.read(wanted).await.unwrap();
    assert_eq!(sorted(found), sorted(expected));
}

/// Everything is found by its id, in one call, and what does not exist is left out.
pub async fn what_exists_is_found_by_id_and_the_rest_is_left_out(stores: &Stores) {
    let samples = Samples::new();
    let (one, other) = (samples.registration_with_agent(), samples.registration_with_agent());
    stores.register(&samples, &one).await;
    stores.register(&samples, &other).await;
    let (revoked, good) = (samples.token_id(), samples.token_id());
    let event = samples.event(Action::TokenRevoked, one.account.id, samples.at(0));
    let token = RevokedToken { id: revoked, expires_at: samples.at(60) };
    stores.revocations.revoke_token(token, event).await.unwrap();

    let agent = &other.agent.as_ref().unwrap().0;
    let wanted = Wanted {
        handles: vec![one.key.handle],
        keys: vec![other.key.id, samples.key_id()],
        agents: vec![agent.id, samples.agent_id()],
        accounts: vec![other.account.id, samples.account_id()],
        tokens: vec![revoked, good],
    };
    let found = sorted(stores.credentials.read(wanted).await.unwrap());

    assert_eq!(found.keys.iter().map(|key| key.id).collect::<Vec<_>>(), {
        let mut ids = vec![one.key.id, other.key.id];
        ids.sort();
        ids
    });
    assert_eq!(found.agents.iter().map(|agent| agent.id).collect::<Vec<_>>(), [agent.id]);
    assert_eq!(found.agents[0].account, other.account.id);
    assert_eq!(found.accounts.len(), 2);
    assert_eq!(found.revoked_tokens, [revoked]);
}
