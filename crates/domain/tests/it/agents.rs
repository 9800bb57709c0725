//! Limiting a request to an agent.

use keyward_domain::agents::{Agent, AgentStatus, SelectAgentError};
use keyward_domain::environment::Environment;
use keyward_domain::ids::AgentId;
use keyward_domain::principal::Principal;
use keyward_domain::time::Clock;
use keyward_testkit::domain::{TestDomain, alpha_bot, beta_bot};

/// A domain with an account, who shows its key, and its agent.
async fn alpha() -> (TestDomain, Principal, Agent) {
    let test = TestDomain::new();
    let registered = test.register(alpha_bot()).await;
    let principal = test.domain.keys.authenticate(registered.key.issued.text.expose()).await.unwrap();
    (test, principal, registered.agent.unwrap().0)
}

#[tokio::test]
async fn an_account_selects_its_own_agent() {
    let (test, principal, agent) = alpha().await;
    let id = agent.id.to_string();
    for shown in [id.clone(), id.to_uppercase(), format!(" {id}\t")] {
        let selected = test.domain.agents.select(principal, &shown).await;
        assert_eq!(selected, Ok(Principal { agent: Some(agent.id), ..principal }), "{shown:?}");
    }
}

#[tokio::test]
async fn threat_a1_whatever_is_not_the_account_s_own_living_agent_is_the_same_error() {
    let (test, principal, agent) = alpha().await;
    let foreign = test.register(beta_bot()).await.agent.unwrap().0;
    let unknown = AgentId::generate(test.clock.now(), &*test.entropy);
    let sandbox = Agent {
        id: AgentId::generate(test.clock.now(), &*test.entropy),
        environment: Environment::Sandbox,
        ..agent.clone()
    };
    let archived = Agent {
        id: AgentId::generate(test.clock.now(), &*test.entropy),
        status: AgentStatus::Archived { since: test.clock.now() },
        ..agent.clone()
    };
    test.store.add_agent(sandbox.clone());
    test.store.add_agent(archived.clone());
    let refused = [
        foreign.id.to_string(),
        unknown.to_string(),
        sandbox.id.to_string(),
        archived.id.to_string(),
        principal.account.to_string(),
        String::new(),
        "me".to_owned(),
        agent.id.to_string().replace('-', ""),
        format!("{{{}}}", agent.id),
        format!("{0},{0}", agent.id),
        "é".repeat(18),
    ];
    for shown in refused {
        let selected = test.domain.agents.select(principal, &shown).await;
        assert_eq!(selected, Err(SelectAgentError::NotYours), "{shown:?}");
    }
}

#[tokio::test]
async fn a_sandbox_principal_selects_sandbox_agents_only() {
    let (test, principal, agent) = alpha().await;
    let principal = Principal { environment: Environment::Sandbox, ..principal };
    let refused = test.domain.agents.select(principal, &agent.id.to_string()).await;
    assert_eq!(refused, Err(SelectAgentError::NotYours));
    test.store.edit_agent(agent.id, |agent| agent.environment = Environment::Sandbox);
    assert!(test.domain.agents.select(principal, &agent.id.to_string()).await.is_ok());
}

#[tokio::test]
async fn a_principal_that_is_limited_to_an_agent_selects_no_other() {
    let (test, principal, agent) = alpha().await;
    let sibling = Agent { id: AgentId::generate(test.clock.now(), &*test.entropy), ..agent.clone() };
    test.store.add_agent(sibling.clone());
    let limited = Principal { agent: Some(agent.id), ..principal };
    assert_eq!(test.domain.agents.select(limited, &agent.id.to_string()).await, Ok(limited));
    let refused = test.domain.agents.select(limited, &sibling.id.to_string()).await;
    assert_eq!(refused, Err(SelectAgentError::NotYours));
}
