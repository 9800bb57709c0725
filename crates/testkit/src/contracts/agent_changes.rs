//! The contract of [`AgentStore`](keyward_domain::agents::AgentStore): changing, archiving and deleting.

use keyward_domain::accounts::Registration;
use keyward_domain::agents::{
    Agent, AgentAttributes, AgentChanges, AgentLabel, AgentName, AgentStatus, AvatarUrl, Color, OrderLimit,
    Percent, RiskProfile, RiskProfileChanges, StrategyTags,
};
use keyward_domain::audit::Action;
use keyward_domain::environment::Environment;
use keyward_domain::keys::ApiKey;
use keyward_domain::principal::Owner;

use super::Stores;
use super::race::{RACERS, patiently, race};
use super::same::assert_same_agent;
use crate::builders::Samples;

/// Two accounts with an agent each.
async fn two(stores: &Stores, samples: &Samples) -> [Registration; 2] {
    let both = [samples.registration_with_agent(), samples.registration_with_agent()];
    for registration in &both {
        stores.register(samples, registration).await;
    }
    both
}

fn agent_of(registration: &Registration) -> &(Agent, ApiKey) {
    registration.agent.as_ref().unwrap()
}

async fn update(
    stores: &Stores,
    samples: &Samples,
    owner: Owner,
    agent: &Agent,
    changes: AgentChanges,
) -> bool {
    let event = samples.event(Action::AgentUpdated, owner.account, samples.at(5));
    stores.agents.update(owner, agent.id, changes, samples.at(5), event).await.unwrap()
}

async fn archive(stores: &Stores, samples: &Samples, owner: Owner, agent: &Agent) -> bool {
    let event = samples.event(Action::AgentArchived, owner.account, samples.at(6));
    stores.agents.archive(owner, agent.id, samples.at(6), event).await.unwrap()
}

async fn delete(stores: &Stores, samples: &Samples, owner: Owner, agent: &Agent) -> bool {
    let event = samples.event(Action::AgentDeleted, owner.account, samples.at(7));
    stores.agents.delete(owner, agent.id, event).await.unwrap()
}

async fn found(stores: &Stores, agent: &Agent) -> Agent {
    stores.agents.find(agent.owner(), agent.id).await.unwrap().unwrap()
}

/// Attributes that are all given.
pub(super) fn attributes() -> AgentAttributes {
    let label = |text: &str| Some(AgentLabel::parse(text).unwrap());
    AgentAttributes {
        llm_model: label("model \"4\" 🤖"),
        framework: label("framework"),
        strategy_tags: StrategyTags::parse(["momentum", "\"quoted\"", "שלום"]).unwrap(),
        risk_profile: RiskProfile {
            max_position_size: Percent::new(100).unwrap(),
            daily_loss_limit: Percent::new(1).unwrap(),
            max_open_orders: OrderLimit::new(i32::MAX.into()).unwrap(),
        },
        color: Some(Color::parse("#AAbb01").unwrap()),
        avatar_url: Some(AvatarUrl::parse("https://example.com/a.png").unwrap()),
    }
}

/// What is named changes, and the moment of the last change; everything else stays.
pub async fn an_update_changes_what_it_names_and_nothing_else(stores: &Stores) {
    let samples = Samples::new();
    let [own, _] = two(stores, &samples).await;
    let mut expected = agent_of(&own).0.clone();
    let whole = attributes();
    let name = AgentName::parse("O'Brien 🚀").unwrap();
    type Step<'a> = (AgentChanges, &'a dyn Fn(&mut Agent));
    let none = AgentChanges::default;
    let percent = Percent::new(7).unwrap();
    let risk = RiskProfileChanges { daily_loss_limit: Some(percent), ..RiskProfileChanges::default() };
    let steps: [Step<'_>; 8] = [
        (none(), &|_| {}),
        (AgentChanges { name: Some(name.clone()), ..none() }, &|agent| agent.name = name.clone()),
        (AgentChanges { llm_model: Some(whole.llm_model.clone()), ..none() }, &|agent| {
            agent.attributes.llm_model = whole.llm_model.clone();
        }),
        (AgentChanges { strategy_tags: Some(whole.strategy_tags.clone()), ..none() }, &|agent| {
            agent.attributes.strategy_tags = whole.strategy_tags.clone();
        }),
        (AgentChanges { risk_profile: risk, ..none() }, &|agent| {
            agent.attributes.risk_profile.daily_loss_limit = percent;
        }),
        (AgentChanges { color: whole.color, ..none() }, &|agent| agent.attributes.color = whole.color),
        (AgentChanges { avatar_url: Some(whole.avatar_url.clone()), ..none() }, &|agent| {
            agent.attributes.avatar_url = whole.avatar_url.clone();
        }),
        (AgentChanges { llm_model: Some(None), avatar_url: Some(None), ..none() }, &|agent| {
            agent.attributes.llm_model = None;
            agent.attributes.avatar_url = None;
        }),
    ];
    for (changes, apply) in steps {
        assert!(update(stores, &samples, expected.owner(), &expected, changes.clone()).await);
        apply(&mut expected);
        expected.updated_at = samples.at(5);
        assert_same_agent(&found(stores, &expected).await, &expected);
    }
    assert_eq!(stores.trail(own.account.id).await.len(), 9);
}

/// An agent that has ended does not change.
pub async fn an_archived_agent_is_not_updated(stores: &Stores) {
    let samples = Samples::new();
    let [own, _] = two(stores, &samples).await;
    let (agent, _) = agent_of(&own);
    assert!(archive(stores, &samples, agent.owner(), agent).await);
    assert!(!update(stores, &samples, agent.owner(), agent, AgentChanges::default()).await);
    assert_eq!(stores.trail(agent.account).await.len(), 2);
}

/// An agent is archived once, and whoever checks its key or a token of it learns so.
pub async fn an_agent_is_archived_once(stores: &Stores) {
    let samples = Samples::new();
    let [own, _] = two(stores, &samples).await;
    let (agent, key) = agent_of(&own);
    assert!(archive(stores, &samples, agent.owner(), agent).await);
    assert!(!archive(stores, &samples, agent.owner(), agent).await);
    let status = AgentStatus::Archived { since: samples.at(6) };
    let expected = Agent { status, updated_at: samples.at(6), ..agent.clone() };
    assert_same_agent(&found(stores, agent).await, &expected);
    let credential = stores.credential(key.handle).await.unwrap().unwrap();
    assert_eq!((credential.agent.unwrap().status, &credential.key), (status, key));
    assert_eq!(stores.trail(agent.account).await.len(), 2);
}

/// A deleted agent is nowhere, nor is any key of it; whether it was archived does not matter.
pub async fn a_deleted_agent_is_gone_with_all_of_its_keys(stores: &Stores) {
    let samples = Samples::new();
    for is_archived in [false, true] {
        let [own, _] = two(stores, &samples).await;
        let (agent, first) = agent_of(&own);
        let second = samples.key(agent.account, first.binding);
        super::agent_keys::replace(stores, &samples, agent, Some(first.id), &second).await.unwrap();
        if is_archived {
            assert!(archive(stores, &samples, agent.owner(), agent).await);
        }
        let events = stores.trail(agent.account).await.len();

        assert!(delete(stores, &samples, agent.owner(), agent).await);
        assert!(!delete(stores, &samples, agent.owner(), agent).await);

        assert_eq!(stores.agents.find(agent.owner(), agent.id).await, Ok(None));
        for key in [first, &second] {
            assert_eq!(stores.credential(key.handle).await, Ok(None));
        }
        assert_eq!(stores.trail(agent.account).await.len(), events + 1);
    }
}

/// Nobody but its owner changes, archives or deletes an agent, and nothing is written.
pub async fn threat_a2_an_agent_is_changed_by_its_owner_only(stores: &Stores) {
    let samples = Samples::new();
    let [own, other] = two(stores, &samples).await;
    let (agent, key) = agent_of(&own);
    let foreign = Owner { account: other.account.id, ..agent.owner() };
    let elsewhere = Owner { environment: Environment::Sandbox, ..agent.owner() };
    let name = Some(AgentName::parse("Stolen").unwrap());
    for owner in [foreign, elsewhere] {
        let changes = AgentChanges { name: name.clone(), ..AgentChanges::default() };
        assert!(!update(stores, &samples, owner, agent, changes).await);
        assert!(!archive(stores, &samples, owner, agent).await);
        assert!(!delete(stores, &samples, owner, agent).await);
        let event = samples.event(Action::AgentKeyRegenerated, owner.account, samples.at(8));
        let stolen = ApiKey {
            account: owner.account,
            environment: owner.environment,
            ..samples.key(owner.account, key.binding)
        };
        let replaced = super::agent_keys::replacement(agent, Some(key.id), &stolen, samples.at(8));
        assert!(stores.agents.replace_key(replaced, event).await.is_err());
    }
    assert_same_agent(&found(stores, agent).await, agent);
    assert_eq!(stores.credential(key.handle).await.unwrap().unwrap().key, *key);
    assert_eq!(stores.trail(None).await.len(), 2);
}

/// A change touches nothing but that agent.
pub async fn threat_k11_a_change_touches_one_agent(stores: &Stores) {
    let samples = Samples::new();
    let [own, other] = two(stores, &samples).await;
    let (sibling, sibling_key) = samples.agent(&own.account);
    super::agents::create(stores, &samples, &sibling, &sibling_key).await;
    let (agent, key) = agent_of(&own);
    let name = Some(AgentName::parse("Renamed").unwrap());
    assert!(
        update(stores, &samples, agent.owner(), agent, AgentChanges { name, ..Default::default() }).await
    );
    let new_key = samples.key(agent.account, key.binding);
    super::agent_keys::replace(stores, &samples, agent, Some(key.id), &new_key).await.unwrap();
    assert!(archive(stores, &samples, agent.owner(), agent).await);
    assert!(delete(stores, &samples, agent.owner(), agent).await);

    for (agent, key) in [&(sibling, sibling_key), agent_of(&other)] {
        assert_same_agent(&found(stores, agent).await, agent);
        assert_eq!(stores.credential(key.handle).await.unwrap().unwrap().key, *key);
    }
    for key in [&own.key, &other.key] {
        assert_eq!(stores.credential(key.handle).await.unwrap().unwrap().key, *key);
    }
}

/// Whoever wins the race ends the agent; the others learn that they did not, and leave no event.
pub async fn of_32_endings_of_an_agent_each_kind_succeeds_at_most_once(stores: &Stores) {
    let samples = Samples::new();
    let [own, _] = two(stores, &samples).await;
    let (agent, key) = agent_of(&own);
    let results = race(|number| {
        let (agents, owner, id, at) = (stores.agents.clone(), agent.owner(), agent.id, samples.at(9));
        let action = if number % 2 == 0 { Action::AgentArchived } else { Action::AgentDeleted };
        let event = samples.event(action, owner.account, at);
        async move {
            if number % 2 == 0 {
                patiently(|| agents.archive(owner, id, at, event.clone())).await
            } else {
                patiently(|| agents.delete(owner, id, event.clone())).await
            }
        }
    })
    .await;

    let count = |parity| (0..RACERS).filter(|n| n % 2 == parity && results[*n] == Ok(true)).count();
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(count(1), 1);
    assert!(count(0) <= 1);
    assert_eq!(stores.agents.find(agent.owner(), agent.id).await, Ok(None));
    assert_eq!(stores.credential(key.handle).await, Ok(None));
    assert_eq!(stores.trail(agent.account).await.len(), 1 + count(0) + count(1));
}
