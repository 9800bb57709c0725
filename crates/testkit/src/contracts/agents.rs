//! The contract of [`AgentStore`](keyward_domain::agents::AgentStore): making, finding and listing.

use keyward_domain::accounts::Epoch;
use keyward_domain::agents::{Agent, AgentCursor, AgentPage, AgentStatus, CreateAgentRefused, NewAgent};
use keyward_domain::audit::Action;
use keyward_domain::environment::Environment;
use keyward_domain::ids::AgentId;
use keyward_domain::keys::{ApiKey, KeyState, RevocationReason};
use keyward_domain::principal::Owner;

use super::Stores;
use super::same::assert_same_agent;
use crate::builders::{Samples, in_epoch};

/// An agent with its key, made by a request that is not repeated.
pub(super) fn made(agent: &Agent, key: &ApiKey) -> NewAgent {
    NewAgent { agent: agent.clone(), key: key.clone(), asker: in_epoch(Epoch::FIRST), idempotency: None }
}

/// Writes an agent that nothing speaks against.
pub(super) async fn create(stores: &Stores, samples: &Samples, agent: &Agent, key: &ApiKey) {
    let event = samples.event(Action::AgentCreated, agent.account, agent.created_at);
    stores.agents.create(made(agent, key), event).await.unwrap();
}

/// An agent is found by its own account.
pub async fn an_agent_is_found_by_its_own_account(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration_with_agent();
    stores.register(&samples, &registration).await;
    let (agent, key) = registration.agent.as_ref().unwrap();
    let found = stores.agents.find(agent.owner(), agent.id).await.unwrap();
    assert_same_agent(&found.unwrap(), agent);
    let found = stores.agents.find_profile(agent.owner(), agent.id).await.unwrap().unwrap();
    assert_same_agent(&found.agent, agent);
    assert_eq!(found.key.as_ref(), Some(key));
}

/// To every other account, and in the other environment, it is as if it did not exist.
pub async fn threat_a1_an_agent_is_absent_for_any_other_owner(stores: &Stores) {
    let samples = Samples::new();
    let (own, other) = (samples.registration_with_agent(), samples.registration_with_agent());
    stores.register(&samples, &own).await;
    stores.register(&samples, &other).await;
    let agent = &own.agent.as_ref().unwrap().0;
    let foreign = Owner { account: other.account.id, ..agent.owner() };
    let nobody = Owner { account: samples.account_id(), ..agent.owner() };
    let elsewhere = Owner { environment: Environment::Sandbox, ..agent.owner() };
    for owner in [foreign, nobody, elsewhere] {
        assert_eq!(stores.agents.find(owner, agent.id).await, Ok(None));
        assert_eq!(stores.agents.find_profile(owner, agent.id).await, Ok(None));
        let page = AgentPage::FIRST.with_archived(true);
        let listed = stores.agents.list(owner, page).await.unwrap();
        assert!(listed.iter().all(|profile| profile.agent.id != agent.id));
    }
    assert_eq!(stores.agents.find(agent.owner(), samples.agent_id()).await, Ok(None));
}

/// Agent, key and event are all there.
pub async fn an_agent_is_written_whole(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    stores.register(&samples, &registration).await;
    let (agent, key) = samples.agent(&registration.account);
    let event = samples.event(Action::AgentCreated, agent.account, samples.at(1));

    let created = stores.agents.create(made(&agent, &key), event.clone()).await;

    assert_eq!(created, Ok(()));
    let found = stores.agents.find_profile(agent.owner(), agent.id).await.unwrap().unwrap();
    assert_same_agent(&found.agent, &agent);
    assert_eq!(found.key.as_ref(), Some(&key));
    assert_eq!(stores.credential(key.handle).await.unwrap().unwrap().key, key);
    assert_eq!(stores.trail(agent.account).await.first(), Some(&event));
}

/// A handle that is in use leaves neither agent nor event behind.
pub async fn a_taken_handle_of_a_new_agent_leaves_nothing_behind(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    stores.register(&samples, &registration).await;
    let (agent, mut key) = samples.agent(&registration.account);
    key.handle = registration.key.handle;
    let event = samples.event(Action::AgentCreated, agent.account, samples.at(1));

    let refused = stores.agents.create(made(&agent, &key), event).await;

    assert_eq!(refused, Err(CreateAgentRefused::HandleTaken));
    assert_eq!(stores.agents.find(agent.owner(), agent.id).await, Ok(None));
    assert_eq!(stores.trail(agent.account).await.len(), 1);
}

/// An agent of an account that is gone is refused, and nothing of it is left.
pub async fn an_agent_without_an_account_is_not_written(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    let (agent, key) = samples.agent(&registration.account);
    let event = samples.event(Action::AgentCreated, agent.account, samples.at(1));
    let refused = stores.agents.create(made(&agent, &key), event).await;
    assert_eq!(refused, Err(CreateAgentRefused::OwnerGone));
    assert_eq!(stores.agents.find(agent.owner(), agent.id).await, Ok(None));
    assert_eq!(stores.trail(None).await, []);
}

/// The newest active key is shown; without one the newest that is revoked.
pub async fn an_agent_is_found_with_its_newest_key_active_before_revoked(stores: &Stores) {
    let samples = Samples::new();
    let registration = samples.registration();
    stores.register(&samples, &registration).await;
    let (agent, first) = samples.agent(&registration.account);
    create(stores, &samples, &agent, &first).await;
    let at =
        |seconds| ApiKey { created_at: samples.at(seconds), ..samples.key(agent.account, first.binding) };
    let (second, third) = (at(2), at(3));
    for (seen, key) in [(&first, &second), (&second, &third)] {
        super::agent_keys::replace(stores, &samples, &agent, Some(seen.id), key).await.unwrap();
    }
    let shown = async || {
        let found = stores.agents.find_profile(agent.owner(), agent.id).await.unwrap().unwrap();
        let listed = stores.agents.list(agent.owner(), AgentPage::FIRST).await.unwrap();
        assert_eq!(listed, std::slice::from_ref(&found));
        found.key.unwrap()
    };
    assert_eq!(shown().await, third);

    let event = samples.event(Action::KeyRevoked, agent.account, samples.at(4));
    let reason = RevocationReason::ByAdmin;
    assert_eq!(stores.keys.revoke(third.id, samples.at(4), reason, event).await, Ok(true));
    let revoked = KeyState::Revoked { at: samples.at(4), reason };
    assert_eq!(shown().await, ApiKey { state: revoked, ..third });

    let older = ApiKey { created_at: samples.at(1), ..at(1) };
    super::agent_keys::replace(stores, &samples, &agent, None, &older).await.unwrap();
    assert_eq!(shown().await, older);
}

/// Makes agents of one owner that were created at these seconds.
async fn create_all(stores: &Stores, samples: &Samples, seconds: &[u64]) -> Vec<Agent> {
    let registration = samples.registration();
    stores.register(samples, &registration).await;
    let mut agents = Vec::new();
    for &second in seconds {
        let (mut agent, key) = samples.agent(&registration.account);
        agent.created_at = samples.at(second);
        agent.updated_at = samples.at(second);
        create(stores, samples, &agent, &key).await;
        agents.push(agent);
    }
    agents.sort_by_key(|agent| (agent.created_at, agent.id));
    agents
}

async fn listed(stores: &Stores, owner: Owner, page: AgentPage) -> Vec<AgentId> {
    let listed = stores.agents.list(owner, page).await.unwrap();
    assert!(listed.iter().all(|profile| profile.key.is_some()));
    listed.into_iter().map(|profile| profile.agent.id).collect()
}

/// Oldest first; those of one moment by their ids.
pub async fn agents_are_listed_oldest_first(stores: &Stores) {
    let samples = Samples::new();
    create_all(stores, &samples, &[1, 2]).await;
    let agents = create_all(stores, &samples, &[3, 1, 2, 1, 1]).await;
    let ids: Vec<_> = agents.iter().map(|agent| agent.id).collect();
    assert_eq!(listed(stores, agents[0].owner(), AgentPage::FIRST).await, ids);
}

/// Pages one behind the other are the whole list, and none is longer than its limit.
pub async fn pages_of_agents_one_behind_the_other_are_the_whole_list(stores: &Stores) {
    let samples = Samples::new();
    let agents = create_all(stores, &samples, &[5, 4, 3, 3, 2, 1, 1]).await;
    let (owner, ids): (_, Vec<_>) = (agents[0].owner(), agents.iter().map(|agent| agent.id).collect());
    for limit in 1..=8 {
        let page = AgentPage::FIRST.with_limit(limit).unwrap();
        for offset in 0..=8 {
            let page = page.with_offset(offset).unwrap();
            let (from, count) = (usize::try_from(offset).unwrap(), usize::try_from(limit).unwrap());
            let expected: Vec<_> = ids.iter().copied().skip(from).take(count).collect();
            assert_eq!(listed(stores, owner, page).await, expected, "{limit} behind {offset}");
        }
    }
    let far = AgentPage::FIRST.with_offset(u32::MAX.into()).unwrap();
    assert_eq!(listed(stores, owner, far).await, []);
}

/// Archived agents are listed to who asks for them, each in its place.
pub async fn archived_agents_are_listed_only_when_they_are_asked_for(stores: &Stores) {
    let samples = Samples::new();
    let agents = create_all(stores, &samples, &[1, 2, 3]).await;
    let (owner, ids): (_, Vec<_>) = (agents[0].owner(), agents.iter().map(|agent| agent.id).collect());
    let event = samples.event(Action::AgentArchived, owner.account, samples.at(4));
    assert_eq!(stores.agents.archive(owner, ids[1], samples.at(4), event).await, Ok(true));

    assert_eq!(listed(stores, owner, AgentPage::FIRST).await, [ids[0], ids[2]]);
    let all = AgentPage::FIRST.with_archived(true);
    assert_eq!(listed(stores, owner, all).await, ids);
    let archived = stores.agents.find(owner, ids[1]).await.unwrap().unwrap();
    assert_eq!(archived.status, AgentStatus::Archived { since: samples.at(4) });
}

/// Active agents of one owner, newest first, in pages of any size, each as it was written.
pub async fn pages_of_the_newest_agents_are_all_that_are_active(stores: &Stores) {
    let samples = Samples::new();
    create_all(stores, &samples, &[1, 2]).await;
    let mut expected = create_all(stores, &samples, &[5, 4, 3, 3, 2, 1, 1]).await;
    let owner = expected[0].owner();
    let event = samples.event(Action::AgentArchived, owner.account, samples.at(9));
    let archived = expected.remove(3).id;
    assert_eq!(stores.agents.archive(owner, archived, samples.at(9), event).await, Ok(true));
    expected.reverse();
    for size in 1..=7 {
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let page = stores.agents.newest(owner, after, size).await.unwrap();
            assert!(page.len() <= usize::from(size));
            let Some(last) = page.last() else { break };
            after = Some(AgentCursor { created_at: last.created_at, id: last.id });
            read.extend(page);
            assert!(read.len() <= expected.len(), "in pages of {size}, the list has no end");
        }
        assert_eq!(read, expected, "in pages of {size}");
    }
    let elsewhere = Owner { environment: Environment::Sandbox, ..owner };
    assert_eq!(stores.agents.newest(elsewhere, None, 10).await, Ok(Vec::new()));
}
