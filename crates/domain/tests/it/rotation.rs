//! Rotation of signing keys: by schedule, by command, by several nodes, after a theft.

use std::time::Duration;

use keyward_domain::audit::{Action, Actor};
use keyward_domain::store::StoreError;
use keyward_domain::time::Clock;
use keyward_domain::tokens::{
    KeyNotMade, RotateSigningKeysError, RotationPolicy, RotationStep, SigningAlgorithm, SigningKey,
    SigningKeyService, SigningKeyState, SigningKeyStore,
};
use keyward_testkit::builders::Samples;
use keyward_testkit::domain::TestDomain;

const BOTH: [SigningAlgorithm; 2] = [SigningAlgorithm::EdDsa, SigningAlgorithm::Rs256];
const HOUR: Duration = Duration::from_secs(3_600);

/// A domain whose algorithms have their first keys.
async fn founded() -> TestDomain {
    let (test, samples) = (TestDomain::new(), Samples::new());
    for algorithm in BOTH {
        let key = samples.signing_key(algorithm, test.clock.now());
        test.store.activate_first(key.clone(), samples.activated(&key)).await.unwrap();
    }
    test
}

async fn keys(test: &TestDomain) -> Vec<SigningKey> {
    test.store.all().await.unwrap()
}

async fn rotate(test: &TestDomain) -> Vec<SigningKey> {
    test.domain.signing_keys.rotate(&BOTH, &admin(), &test.context()).await.unwrap()
}

fn admin() -> Actor {
    keyward_testkit::builders::admin("root")
}

fn service(test: &TestDomain) -> &SigningKeyService {
    &test.domain.signing_keys
}

fn active(keys: &[SigningKey], algorithm: SigningAlgorithm) -> &SigningKey {
    let mut own = keys.iter().filter(|key| key.algorithm == algorithm && key.is_active());
    let key = own.next().unwrap();
    assert!(own.next().is_none());
    key
}

#[tokio::test]
async fn by_schedule_keys_rotate_every_90_days_and_an_active_one_is_always_there() {
    let test = founded().await;
    let (mut published, mut handed_over, mut deleted) = (0, 0, 0);
    for _ in 0..200 * 24 * 4 {
        for step in service(&test).advance().await.unwrap() {
            match step {
                RotationStep::Published(_) => published += 1,
                RotationStep::HandedOver { .. } => handed_over += 1,
                RotationStep::Deleted(_) => deleted += 1,
            }
        }
        let now = keys(&test).await;
        for algorithm in BOTH {
            active(&now, algorithm);
        }
        test.clock.advance(HOUR / 4);
    }
    assert_eq!((published, handed_over, deleted), (4, 4, 2));
    let actions: Vec<_> = test.trail(None).await.iter().map(|event| event.action).collect();
    let count = |action| actions.iter().filter(|&&found| found == action).count();
    assert_eq!(count(Action::SigningKeyPublished), 4);
    assert_eq!(count(Action::SigningKeyRetired), 4);
    assert_eq!(count(Action::SigningKeyActivated), 2 + 4);
    assert_eq!(count(Action::SigningKeyDeleted), 2);
}

#[tokio::test]
async fn a_key_is_published_for_15_minutes_before_it_signs_and_retired_for_30_days_before_it_goes() {
    let test = founded().await;
    let mut seen: Vec<SigningKey> = Vec::new();
    for _ in 0..200 * 24 * 12 {
        service(&test).advance().await.unwrap();
        for key in keys(&test).await {
            if !seen.contains(&key) {
                seen.push(key);
            }
        }
        test.clock.advance(HOUR / 12);
    }
    let mut waited = 0;
    for key in seen.iter().filter(|key| key.is_active()) {
        let SigningKeyState::Active { since } = key.state else { unreachable!() };
        let before = seen.iter().find(|other| other.kid == key.kid && other.is_published());
        let Some(SigningKeyState::Published { at }) = before.map(|other| other.state) else { continue };
        assert!(at.saturating_add(Duration::from_secs(15 * 60)) <= since);
        waited += 1;
    }
    assert_eq!(waited, 4);
    let trail = test.trail(None).await;
    let at = |action, target: &str| {
        trail.iter().find(|event| event.action == action && event.target == target).map(|event| event.at)
    };
    let deleted: Vec<_> = trail.iter().filter(|event| event.action == Action::SigningKeyDeleted).collect();
    assert_eq!(deleted.len(), 2);
    for event in deleted {
        let retired = at(Action::SigningKeyRetired, &event.target).unwrap();
        assert!(retired.saturating_add(RotationPolicy::RETIREMENT) <= event.at);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_nodes_each_step_is_done_by_one() {
    let test = founded().await;
    let mut done = Vec::new();
    for _ in 0..200 * 4 {
        let [one, two] = [service(&test).clone(), service(&test).clone()];
        let (one, two) = tokio::join!(
            tokio::spawn(async move { one.advance().await.unwrap() }),
            tokio::spawn(async move { two.advance().await.unwrap() }),
        );
        done.extend(one.unwrap());
        done.extend(two.unwrap());
        test.clock.advance(6 * HOUR);
    }
    assert_eq!(done.len(), 4 + 4 + 2);
    assert_eq!(test.trail(None).await.len(), 2 + 4 + 2 * 4 + 2);
}

#[tokio::test]
async fn by_command_the_next_key_is_published_and_waits_for_its_turn() {
    let test = founded().await;
    let next = rotate(&test).await;

    assert_eq!(next.iter().map(|key| key.algorithm).collect::<Vec<_>>(), BOTH);
    assert!(next.iter().all(SigningKey::is_published));
    let event = &test.trail(None).await[0];
    assert_eq!((event.action, event.actor.as_str()), (Action::SigningKeyPublished, "admin:root"));
    assert!(event.request_id.is_some());

    test.clock.advance(Duration::from_secs(15 * 60 + 9));
    assert_eq!(service(&test).advance().await.unwrap(), []);
    test.clock.advance(Duration::from_secs(1));
    assert_eq!(service(&test).advance().await.unwrap().len(), 2);
    let now = keys(&test).await;
    for key in &next {
        assert_eq!(active(&now, key.algorithm).kid, key.kid);
    }
}

#[tokio::test]
async fn the_same_command_again_is_answered_with_the_same_key() {
    let test = founded().await;
    assert_eq!(rotate(&test).await, rotate(&test).await);
    assert_eq!(keys(&test).await.len(), 4);
    assert_eq!(test.trail(None).await.len(), 4);
}

#[tokio::test]
async fn a_command_for_one_algorithm_leaves_the_others_alone_and_passes_over_unused_ones() {
    let test = founded().await;
    let algorithms = [SigningAlgorithm::Es256, SigningAlgorithm::Rs256];
    let next = service(&test).rotate(&algorithms, &admin(), &test.context()).await.unwrap();
    assert_eq!(next.iter().map(|key| key.algorithm).collect::<Vec<_>>(), [SigningAlgorithm::Rs256]);
    assert_eq!(keys(&test).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_at_the_same_time_publish_one_key() {
    let test = founded().await;
    let (context, service) = (test.context(), service(&test));
    let commands = (0..32).map(|_| {
        let (service, context) = (service.clone(), context.clone());
        tokio::spawn(async move { service.rotate(&BOTH, &admin(), &context).await.unwrap() })
    });
    let commands: Vec<_> = commands.collect();
    let mut answers = Vec::new();
    for command in commands {
        answers.push(command.await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(keys(&test).await.len(), 4);
}

#[tokio::test]
async fn threat_j14_after_a_theft_only_new_keys_are_left() {
    let test = founded().await;
    rotate(&test).await;
    test.clock.advance(HOUR);
    service(&test).advance().await.unwrap();
    rotate(&test).await;
    let unused = Samples::new().signing_key(SigningAlgorithm::Es256, test.clock.now());
    test.store.activate_first(unused.clone(), Samples::new().activated(&unused)).await.unwrap();
    let stolen = keys(&test).await;
    assert_eq!(stolen.len(), 7);

    let all = SigningAlgorithm::ALL;
    let fresh = service(&test).replace(all, &admin(), &test.context()).await.unwrap();

    assert_eq!(fresh.len(), 3);
    assert!(fresh.iter().all(SigningKey::is_active));
    assert!(stolen.iter().all(|old| fresh.iter().all(|key| key.kid != old.kid)));
    let mut left = keys(&test).await;
    left.sort_by_key(|key| key.algorithm);
    let mut expected = fresh;
    expected.sort_by_key(|key| key.algorithm);
    assert_eq!(left, expected);
}

#[tokio::test]
async fn an_outage_and_a_machine_that_makes_no_keys_are_told_apart() {
    let test = founded().await;
    test.key_maker.fail(SigningAlgorithm::Rs256);
    let error = service(&test).rotate(&BOTH, &admin(), &test.context()).await.unwrap_err();
    assert_eq!(error, RotateSigningKeysError::NotMade(KeyNotMade(SigningAlgorithm::Rs256)));
    test.store.set_outage(Some(StoreError::Busy));
    let busy = RotateSigningKeysError::Store(StoreError::Busy);
    assert_eq!(service(&test).advance().await, Err(busy.clone()));
    assert_eq!(service(&test).rotate(&BOTH, &admin(), &test.context()).await, Err(busy));
}
