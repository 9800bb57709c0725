//! Who acts under an account, in one list.

use std::time::Duration;

use keyward_domain::accounts::{DisplayName, Identity, IdentityCursor, ListIdentitiesError, StartingBalance};
use keyward_domain::agents::{AgentAttributes, AgentName, CreateAgent};
use keyward_domain::audit::Actor;
use keyward_domain::environment::Environment;
use keyward_domain::ids::AgentId;
use keyward_domain::keys::KeyPrefix;
use keyward_domain::principal::Principal;
use keyward_domain::time::{Clock, Instant};
use keyward_testkit::domain::TestDomain;
use uuid::Uuid;

/// An organization, which begins without agents.
async fn organization(test: &TestDomain) -> Principal {
    let (name, prefix) = (DisplayName::parse("Acme").unwrap(), KeyPrefix::parse("org_live_").unwrap());
    let context = test.context();
    let made = test.domain.accounts.register_organization(name, prefix, &Actor::System, &context).await;
    test.domain.keys.authenticate(made.unwrap().key.issued.text.expose()).await.unwrap()
}

async fn create(test: &TestDomain, who: &Principal, name: &str) -> AgentId {
    let command = CreateAgent {
        name: AgentName::parse(name).unwrap(),
        starting_balance: StartingBalance::default(),
        attributes: AgentAttributes::default(),
        key_prefix: KeyPrefix::parse("ak_live_").unwrap(),
    };
    test.domain.agents.create(who, command, &test.context()).await.unwrap().agent.id
}

async fn listed(test: &TestDomain, who: &Principal, limit: u16) -> Vec<Uuid> {
    let (mut ids, mut after): (Vec<Uuid>, Option<IdentityCursor>) = (Vec::new(), None);
    loop {
        let page = test.domain.identities.page(who, after, limit).await.unwrap();
        assert!(page.len() <= usize::from(limit));
        let Some(last) = page.last() else { return ids };
        after = Some(last.place());
        ids.extend(page.iter().map(|identity| identity.place().id));
        assert!(ids.len() < 100, "the list has no end");
    }
}

#[tokio::test]
async fn pages_of_any_size_are_the_account_and_its_agents_newest_first() {
    let test = TestDomain::new();
    let owner = organization(&test).await;
    let other = organization(&test).await;
    create(&test, &other, "foreign").await;
    let mut expected = vec![owner.account.as_uuid()];
    for name in ["one", "two", "three"] {
        test.clock.advance(Duration::from_secs(1));
        expected.push(create(&test, &owner, name).await.as_uuid());
    }
    expected.reverse();
    for limit in 1..=5 {
        assert_eq!(listed(&test, &owner, limit).await, expected, "in pages of {limit}");
    }
}

#[tokio::test]
async fn an_agent_from_before_a_clock_was_set_back_stands_behind_its_account() {
    let test = TestDomain::new();
    let owner = organization(&test).await;
    let earlier = test.clock.now().unix_micros() - 60_000_000;
    test.clock.set(Instant::from_unix_micros(earlier).unwrap());
    let early = create(&test, &owner, "early").await;
    for limit in 1..=3 {
        let expected = [owner.account.as_uuid(), early.as_uuid()];
        assert_eq!(listed(&test, &owner, limit).await, expected, "in pages of {limit}");
    }
}

#[tokio::test]
async fn an_archived_agent_is_in_no_list() {
    let test = TestDomain::new();
    let owner = organization(&test).await;
    let ended = create(&test, &owner, "ended").await;
    test.domain.agents.archive(&owner, ended, &test.context()).await.unwrap();
    assert_eq!(listed(&test, &owner, 10).await, [owner.account.as_uuid()]);
}

#[tokio::test]
async fn threat_a2_whoever_is_limited_to_an_agent_sees_that_one_alone() {
    let test = TestDomain::new();
    let owner = organization(&test).await;
    let (own, sibling) = (create(&test, &owner, "own").await, create(&test, &owner, "sibling").await);
    let limited = |agent: AgentId| Principal { agent: Some(agent), ..owner };
    assert_eq!(listed(&test, &limited(own), 10).await, [own.as_uuid()]);
    test.domain.agents.archive(&owner, sibling, &test.context()).await.unwrap();
    assert_eq!(listed(&test, &limited(sibling), 10).await, [] as [Uuid; 0]);
}

#[tokio::test]
async fn threat_j9_a_sandbox_shows_no_agent_of_the_other_world() {
    let test = TestDomain::new();
    let owner = organization(&test).await;
    create(&test, &owner, "live").await;
    let sandbox = Principal { environment: Environment::Sandbox, ..owner };
    assert_eq!(listed(&test, &sandbox, 10).await, [owner.account.as_uuid()]);
}

#[tokio::test]
async fn an_account_that_was_erased_a_moment_ago_has_no_list() {
    let test = TestDomain::new();
    let owner = organization(&test).await;
    test.domain.accounts.erase(owner.account, &Actor::System, &test.context()).await.unwrap();
    let refused = test.domain.identities.page(&owner, None, 10).await;
    assert_eq!(refused, Err::<Vec<Identity>, _>(ListIdentitiesError::AccountGone));
}
