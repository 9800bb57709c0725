//! Rotation seen from tokens: none that is valid is refused, none of a deleted key is accepted.

use std::time::Duration;

use keyward_domain::tokens::{RotationPolicy, RotationStep, SigningKeyStore, TokenRejected};
use keyward_testkit::domain::TestDomain;

use crate::deployment::{ALGORITHM, DAY, Deployment, LEAD, kid_of};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn tokens_from_before_at_and_after_each_step_verify_on_every_node_until_they_expire() {
    let deployment = Deployment::of_nodes(2).await;
    let before = deployment.issue(0, 30 * DAY);
    deployment.publish().await;
    let published = deployment.issue(1, 30 * DAY);
    assert_eq!(kid_of(&before.0), kid_of(&published.0), "a published key signs nothing");
    deployment.fixture.clock.advance(LEAD + Duration::from_secs(10));
    assert_eq!(deployment.service.advance().await.unwrap().len(), 1);
    let not_told_yet = deployment.issue(0, 30 * DAY);
    deployment.tell().await;
    let after = deployment.issue(0, 30 * DAY);
    assert_ne!(kid_of(&before.0), kid_of(&after.0));
    assert_eq!(kid_of(&before.0), kid_of(&not_told_yet.0));
    for token in [&before, &published, &not_told_yet, &after] {
        deployment.assert_good(token);
    }

    deployment.fixture.clock.advance(30 * DAY - 2 * LEAD);
    assert_eq!(deployment.advance().await, []);
    for token in [&before, &published, &not_told_yet, &after] {
        deployment.assert_good(token);
    }
}

#[tokio::test]
async fn threat_j14_tokens_of_a_deleted_key_are_refused_at_once() {
    let deployment = Deployment::of_nodes(2).await;
    let old = deployment.issue(0, 365 * DAY);
    deployment.rotate().await;
    let current = deployment.issue(0, 365 * DAY);
    deployment.assert_good(&old);
    deployment.assert_good(&current);
    deployment.fixture.clock.advance(RotationPolicy::RETIREMENT);

    let steps = deployment.advance().await;

    assert!(matches!(&*steps, [RotationStep::Deleted(kid)] if kid.as_str() == kid_of(&old.0)), "{steps:?}");
    assert_eq!(deployment.verdicts(&old.0), [Err(TokenRejected::UnknownSigningKey); 2]);
    deployment.assert_good(&current);
    assert_eq!(deployment.rings[0].tokens_remembered(), 1);
    assert!(!deployment.published(1).contains(&kid_of(&old.0)));
}

#[tokio::test]
async fn threat_j14_after_a_theft_no_earlier_token_is_accepted_and_new_ones_are() {
    let deployment = Deployment::of_nodes(2).await;
    let oldest = deployment.issue(0, DAY);
    deployment.rotate().await;
    let stolen = deployment.issue(0, DAY);
    deployment.publish().await;
    let keys_before = deployment.published(0);
    let (admin, context) = (keyward_testkit::builders::admin("root"), TestDomain::new().context());

    let fresh = deployment.service.replace(&[ALGORITHM], &admin, &context).await.unwrap();
    deployment.tell().await;

    for (text, _) in [&oldest, &stolen] {
        assert_eq!(deployment.verdicts(text), [Err(TokenRejected::UnknownSigningKey); 2]);
    }
    assert_eq!(keys_before.len(), 3);
    assert_eq!(deployment.published(1), [fresh[0].kid.to_string()]);
    assert_eq!(deployment.fixture.store.all().await.unwrap(), fresh);
    deployment.assert_good(&deployment.issue(1, DAY));
}

#[tokio::test]
async fn threat_j14_100_rotations_strand_no_valid_token_and_revive_no_deleted_key() {
    let deployment = Deployment::of_nodes(2).await;
    let (mut alive, mut undying, mut deleted) = (vec![deployment.issue(0, HOUR)], Vec::new(), 0);
    for round in 0..100 {
        let (next, showing_since) = (deployment.publish().await, deployment.now());
        for lifetime in [HOUR, 30 * DAY] {
            alive.push(deployment.issue(round % 2, lifetime));
        }
        undying.push(deployment.issue(0, 3_650 * DAY));
        deployment.fixture.clock.advance(LEAD + Duration::from_secs(9));
        assert!(deployment.published(0).contains(&next) && deployment.published(1).contains(&next));
        assert!(!deployment.advance().await.iter().any(is_hand_over));
        deployment.fixture.clock.advance(Duration::from_secs(1));
        assert!(deployment.advance().await.iter().any(is_hand_over));
        let first = deployment.issue(1, HOUR);
        assert_eq!(kid_of(&first.0), next);
        assert!(showing_since.saturating_add(Duration::from_secs(600)) <= deployment.now());
        alive.push(first);
        alive.retain(|(_, token)| token.expires_at > deployment.now());
        alive.iter().for_each(|token| deployment.assert_good(token));
        let set = deployment.published(0);
        assert!(alive.iter().all(|(text, _)| set.contains(&kid_of(text))));
        for (text, _) in undying.extract_if(.., |(text, _)| !set.contains(&kid_of(text))) {
            assert_eq!(deployment.verdicts(&text), [Err(TokenRejected::UnknownSigningKey); 2]);
            deleted += 1;
        }
        undying.iter().for_each(|token| deployment.assert_good(token));
        deployment.fixture.clock.advance(DAY);
    }
    assert!(deleted > 60, "{deleted}");
}

const fn is_hand_over(step: &RotationStep) -> bool {
    matches!(step, RotationStep::HandedOver { .. })
}
