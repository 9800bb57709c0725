//! The contract of [`AgentStore`](keyward_domain::agents::AgentStore).

use super::Stores;
use super::same::assert_same_agent;
use crate::builders::Samples;

/// An agent is found by its own account.
pub async fn an_agent_is_found_by_its_own_account(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration_with_agent();
    stores.register(&samples, &registration).await;
    let agent = &registration.agent.as_ref().unwrap().0;
    let found = stores.agents.find(registration.account.id, agent.id).await.unwrap();
    assert_same_agent(&found.unwrap(), agent);
}

/// To every other account it is as if it did not exist.
pub async fn threat_a1_an_agent_is_absent_for_any_other_account(stores: &Stores) {
    let samples = Samples::new();
    let (own, other) = (samples.registration_with_agent(), samples.registration_with_agent());
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;
    let agent = own.agent.as_ref().unwrap().0.id;
    assert_eq!(stores.agents.find(other.account.id, agent).await, Ok(None));
    assert_eq!(stores.agents.find(samples.account_id(), agent).await, Ok(None));
    assert_eq!(stores.agents.find(own.account.id, samples.agent_id()).await, Ok(None));
}
