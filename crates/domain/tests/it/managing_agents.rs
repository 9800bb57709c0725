//! Making, changing and ending agents.

use keyward_domain::accounts::StartingBalance;
use keyward_domain::agents::{
    Agent, AgentAttributes, AgentChanges, AgentName, AgentPage, AgentStatus, AvatarChoice, CloneAgent,
    CreateAgent, ManageAgentError, RiskProfile, UpdateAgent,
};
use keyward_domain::audit::Action;
use keyward_domain::environment::Environment;
use keyward_domain::ids::AgentId;
use keyward_domain::keys::{AuthenticateKeyError, KeyPrefix, KeyStore};
use keyward_domain::principal::{LimitedToAgent, Principal};
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_testkit::domain::{TestDomain, alpha_bot, beta_bot};

/// A domain with an account, who shows its key, its agent, and the agent's key.
async fn alpha() -> (TestDomain, Principal, Agent, String) {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let principal = test.domain.keys.authenticate(registered.key.issued.text.expose()).await.unwrap();
    let (agent, key) = registered.agent.unwrap();
    (test, principal, agent, key.text.expose().clone())
}

fn prefix() -> KeyPrefix {
    KeyPrefix::parse("ak_live_").unwrap()
}

fn second() -> CreateAgent {
    CreateAgent {
        name: AgentName::parse("Second").unwrap(),
        starting_balance: StartingBalance::parse("1.50").unwrap(),
        attributes: AgentAttributes::default(),
        key_prefix: prefix(),
    }
}

fn renamed() -> UpdateAgent {
    let name = Some(AgentName::parse("Renamed").unwrap());
    UpdateAgent { changes: AgentChanges { name, ..AgentChanges::default() }, avatar: None }
}

/// What every use case about this agent answers, less what it answers when it is done.
async fn try_all(test: &TestDomain, who: &Principal, id: AgentId) -> Vec<ManageAgentError> {
    let (agents, context) = (&test.domain.agents, &test.context());
    let clone = CloneAgent { original: id, name: None, key_prefix: prefix() };
    let results = [
        agents.find(who, id).await.err(),
        agents.update(who, id, renamed(), context).await.err(),
        agents.set_risk_profile(who, id, RiskProfile::default(), context).await.err(),
        agents.reset(who, id, context).await.err(),
        agents.copy(who, clone, context).await.err(),
        agents.regenerate_key(who, id, &prefix(), context).await.err(),
        agents.archive(who, id, context).await.err(),
        agents.delete(who, id, context).await.err(),
    ];
    results.into_iter().flatten().collect()
}

#[tokio::test]
async fn an_agent_is_made_in_the_principal_s_world_with_a_key_of_its_own() {
    let (test, principal, first, _) = alpha().await;
    test.clock.advance(std::time::Duration::from_secs(1)); // So that its event is the newest.
    let created = test.domain.agents.create(&principal, second(), &test.context()).await.unwrap();
    assert_eq!(created.agent.owner(), principal.scope());
    let shown = test.domain.keys.authenticate(created.key.text.expose()).await.unwrap();
    assert_eq!((shown.account, shown.agent), (principal.account, Some(created.agent.id)));
    let listed = test.domain.agents.list(&principal, AgentPage::FIRST).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|profile| profile.agent.id).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&first.id) && ids.contains(&created.agent.id));
    let event = test.trail(principal.account).await.remove(0);
    assert_eq!(event.action, Action::AgentCreated);
    assert_eq!(event.target, format!("agent:{}", created.agent.id));
    assert_eq!(event.actor, format!("account:{}", principal.account));
}

#[tokio::test]
async fn a_principal_that_is_limited_to_an_agent_manages_none() {
    let (test, principal, agent, key) = alpha().await;
    let by_key = test.domain.keys.authenticate(&key).await.unwrap();
    let selected = Principal { agent: Some(agent.id), ..principal };
    for limited in [by_key, selected] {
        let refused = ManageAgentError::LimitedToAgent(LimitedToAgent);
        assert_eq!(try_all(&test, &limited, agent.id).await, vec![refused.clone(); 8]);
        let agents = &test.domain.agents;
        let created = agents.create(&limited, second(), &test.context()).await;
        assert_eq!(created.err(), Some(refused.clone()));
        assert_eq!(agents.list(&limited, AgentPage::FIRST).await.err(), Some(refused));
    }
    assert_eq!(test.trail(principal.account).await.len(), 1);
}

#[tokio::test]
async fn threat_a2_nobody_reaches_an_agent_of_another_account() {
    let (test, _, agent, key) = alpha().await;
    let beta = test.register(beta_bot()).await;
    let stranger = test.domain.keys.authenticate(beta.key.issued.text.expose()).await.unwrap();
    let unknown = AgentId::generate(test.clock.now(), &*test.entropy);
    for id in [agent.id, unknown] {
        assert_eq!(try_all(&test, &stranger, id).await, vec![ManageAgentError::UnknownAgent; 8]);
    }
    assert!(test.domain.keys.authenticate(&key).await.is_ok());
    assert_eq!(test.trail(None).await.len(), 2);
}

#[tokio::test]
async fn threat_k8_no_key_is_made_for_an_agent_of_somebody_else() {
    let (test, _, agent, key) = alpha().await;
    let beta = test.register(beta_bot()).await;
    let stranger = test.domain.keys.authenticate(beta.key.issued.text.expose()).await.unwrap();
    let before = KeyStore::page(&*test.store, Some(agent.account), None, 10).await.unwrap();
    let (agents, context) = (&test.domain.agents, &test.context());
    let regenerated = agents.regenerate_key(&stranger, agent.id, &prefix(), context).await;
    assert_eq!(regenerated.err(), Some(ManageAgentError::UnknownAgent));
    let clone = CloneAgent { original: agent.id, name: None, key_prefix: prefix() };
    assert_eq!(agents.copy(&stranger, clone, context).await.err(), Some(ManageAgentError::UnknownAgent));
    let created = agents.create(&stranger, second(), context).await.unwrap();
    let shown = test.domain.keys.authenticate(created.key.text.expose()).await.unwrap();
    assert_eq!(shown.account, stranger.account);
    assert_eq!(KeyStore::page(&*test.store, Some(agent.account), None, 10).await.unwrap(), before);
    assert!(test.domain.keys.authenticate(&key).await.is_ok());
}

#[tokio::test]
async fn threat_j9_nobody_reaches_an_agent_of_the_other_environment() {
    let (test, principal, agent, key) = alpha().await;
    let sandboxed = Principal { environment: Environment::Sandbox, ..principal };
    assert_eq!(try_all(&test, &sandboxed, agent.id).await, vec![ManageAgentError::UnknownAgent; 8]);
    assert_eq!(test.domain.agents.list(&sandboxed, AgentPage::FIRST).await, Ok(Vec::new()));
    assert!(test.domain.keys.authenticate(&key).await.is_ok());

    let created = test.domain.agents.create(&sandboxed, second(), &test.context()).await.unwrap();
    assert_eq!(created.agent.environment, Environment::Sandbox);
    let shown = test.domain.keys.authenticate(created.key.text.expose()).await.unwrap();
    assert_eq!(shown.environment, Environment::Sandbox);
    let unknown = test.domain.agents.find(&principal, created.agent.id).await;
    assert_eq!(unknown, Err(ManageAgentError::UnknownAgent));
}

#[tokio::test]
async fn a_copy_has_everything_but_looks_and_key() {
    let (test, principal, agent, _) = alpha().await;
    test.store.edit_agent(agent.id, |agent| {
        agent.attributes.color = Some(keyward_domain::agents::Color::parse("#AABB01").unwrap());
    });
    let clone = CloneAgent { original: agent.id, name: None, key_prefix: prefix() };
    let copy = test.domain.agents.copy(&principal, clone, &test.context()).await.unwrap().outcome.agent;
    assert_eq!(copy.name, agent.name.copied());
    assert_eq!(copy.starting_balance, agent.starting_balance);
    assert_eq!(copy.attributes, agent.attributes);
}

#[tokio::test]
async fn a_new_key_ends_the_old_one_and_every_other() {
    let (test, principal, agent, old) = alpha().await;
    test.clock.advance(std::time::Duration::from_secs(1)); // So that its event is the newest.
    let issued = test.domain.agents.regenerate_key(&principal, agent.id, &prefix(), &test.context()).await;
    let new = issued.unwrap().outcome.text;
    assert_eq!(test.domain.keys.authenticate(&old).await, Err(AuthenticateKeyError::KeyRevoked));
    assert_eq!(test.domain.keys.authenticate(new.expose()).await.unwrap().agent, Some(agent.id));
    assert_eq!(test.trail(principal.account).await[0].action, Action::AgentKeyRegenerated);
}

#[tokio::test]
async fn an_archived_agent_is_seen_copied_and_deleted_and_does_not_change() {
    let (test, principal, agent, key) = alpha().await;
    let (agents, context) = (&test.domain.agents, &test.context());
    let archived = agents.archive(&principal, agent.id, context).await.unwrap().agent;
    assert!(matches!(archived.status, AgentStatus::Archived { .. }));
    assert_eq!(test.domain.keys.authenticate(&key).await, Err(AuthenticateKeyError::AgentArchived));
    test.clock.advance(std::time::Duration::from_secs(1));
    assert_eq!(agents.archive(&principal, agent.id, context).await.unwrap().agent, archived);
    assert_eq!(test.trail(principal.account).await.len(), 2);

    // Not the update, nor the risk profile, nor the reset, nor a new key.
    assert_eq!(try_all(&test, &principal, agent.id).await, vec![ManageAgentError::Archived; 4]);
    assert_eq!(agents.find(&principal, agent.id).await, Err(ManageAgentError::UnknownAgent));
}

#[tokio::test]
async fn an_update_of_nothing_writes_nothing_and_a_reset_does() {
    let (test, principal, agent, _) = alpha().await;
    let (agents, context) = (&test.domain.agents, &test.context());
    test.clock.advance(std::time::Duration::from_secs(1));
    let drawn = AvatarChoice::parse(agent.drawn_avatar().as_str()).unwrap();
    let nothing = agents.update(&principal, agent.id, UpdateAgent::default(), context).await.unwrap();
    assert_eq!((nothing.agent, test.trail(principal.account).await.len()), (agent.clone(), 1));
    let same = UpdateAgent { avatar: Some(drawn), ..UpdateAgent::default() };
    let same = agents.update(&principal, agent.id, same, context).await.unwrap().agent;
    assert_eq!(same.attributes, agent.attributes);

    test.clock.advance(std::time::Duration::from_secs(1));
    let reset = agents.reset(&principal, agent.id, context).await.unwrap().agent;
    assert_eq!(reset, Agent { updated_at: test.clock.now(), ..agent });
    assert_eq!(test.trail(principal.account).await[0].action, Action::AgentReset);
}

#[tokio::test]
async fn an_outage_is_an_outage() {
    let (test, principal, agent, _) = alpha().await;
    test.store.set_outage(Some(StoreError::Busy));
    assert_eq!(
        try_all(&test, &principal, agent.id).await,
        vec![ManageAgentError::Store(StoreError::Busy); 8]
    );
}
