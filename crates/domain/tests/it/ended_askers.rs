//! Requests whose credential has ended since they were let in.

use keyward_domain::agents::{AgentPage, CloneAgent, ManageAgentError};
use keyward_domain::keys::{Grace, KeysThat, ManageKeyError, SuccessorPrefix};
use keyward_testkit::domain::{TestDomain, alpha_bot};

use crate::key_lifecycle::{command, prefixes};

#[tokio::test]
async fn threat_c10_a_key_that_was_let_in_and_has_ended_since_is_issued_nothing() {
    let test = TestDomain::new();
    let key = test.register(alpha_bot()).await.key.issued;
    let alpha = test.domain.keys.authenticate(key.text.expose()).await.unwrap();
    let (own, agents) = (&test.domain.own_keys, &test.domain.agents);
    let agent = agents.list(&alpha, AgentPage::FIRST).await.unwrap().remove(0);
    let (id, context) = (key.key.id, test.context());
    let other = own.create(&alpha, command(), &context).await.unwrap().outcome.key.id;
    own.revoke(&alpha, id, &context).await.unwrap();
    let before = own.list(&alpha, KeysThat::Exist, None, 10).await;

    let created = own.create(&alpha, command(), &context).await.err();
    assert_eq!(created, Some(ManageKeyError::Ended));
    for (rotated, refusal) in [(other, ManageKeyError::Ended), (id, ManageKeyError::NotActive)] {
        let refused = own
            .rotate(&alpha, rotated, Grace::NONE, SuccessorPrefix::OfSurface(&prefixes()), &context)
            .await
            .err();
        assert_eq!(refused, Some(refusal));
    }
    let prefix = prefixes().live;
    let regenerated = agents.regenerate_key(&alpha, agent.agent.id, &prefix, &context).await.err();
    assert_eq!(regenerated, Some(ManageAgentError::Ended));
    let copy = CloneAgent { original: agent.agent.id, name: None, key_prefix: prefix };
    let copied = agents.copy(&alpha, copy, &context).await.err();
    assert_eq!(copied, Some(ManageAgentError::Ended));
    assert_eq!(own.list(&alpha, KeysThat::Exist, None, 10).await, before);
}
