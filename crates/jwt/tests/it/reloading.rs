//! Exchanging the keys while they are used.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use keyward_domain::revocations::{RevocationListener, RevocationNumber};
use keyward_domain::tokens::{KeyThumbprint, PublishedKeys, SigningKeyStore, TokenSigner, TokenVerifier};
use keyward_jwt::KeyRingError;

use crate::deployment::{ALGORITHM, DAY, Deployment, kid_of};
use crate::fixture::token;

#[tokio::test]
async fn the_ring_is_never_without_a_key_while_its_keys_are_exchanged() {
    let deployment = Deployment::of_nodes(1).await;
    let mut moments = vec![deployment.fixture.store.all().await.unwrap()];
    for _ in 0..4 {
        deployment.publish().await;
        moments.push(deployment.fixture.store.all().await.unwrap());
        deployment.rotate().await;
        moments.push(deployment.fixture.store.all().await.unwrap());
    }
    let (ring, now) = (&deployment.rings[0], deployment.now());
    let begins = token(now, DAY);
    let is_over = AtomicBool::new(false);
    ring.replace(RevocationNumber::new(99), &moments[0]).unwrap();
    thread::scope(|scope| {
        let users: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mut rounds = 0;
                    while !is_over.load(Ordering::Relaxed) || rounds == 0 {
                        let text = ring.sign(&begins, ALGORITHM).unwrap();
                        assert_eq!(ring.verify(text.expose(), now), Ok(begins));
                        rounds += 1;
                    }
                    rounds
                })
            })
            .collect();
        // Every set that comes behind another holds its keys too: no token here is of a deleted one.
        for number in 0..500_usize {
            let keys = &moments[number * moments.len() / 500];
            ring.replace(RevocationNumber::new(100 + number as i64), keys).unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        for user in users {
            assert!(user.join().unwrap() > 0);
        }
    });
}

#[tokio::test]
async fn threat_j14_keys_of_an_earlier_moment_do_not_come_back() {
    let deployment = Deployment::of_nodes(1).await;
    let ring = &deployment.rings[0];
    let earlier = deployment.fixture.store.all().await.unwrap();
    deployment.rotate().await;
    let later = deployment.fixture.store.all().await.unwrap();
    let current = later.iter().find(|key| key.is_active()).unwrap();

    ring.replace(RevocationNumber::new(50), std::slice::from_ref(current)).unwrap();
    ring.replace(RevocationNumber::new(49), &earlier).unwrap();
    ring.replace(RevocationNumber::new(0), &later).unwrap();

    assert_eq!(deployment.published(0), [current.kid.to_string()]);
    assert_eq!(kid_of(&deployment.issue(0, DAY).0), current.kid.to_string());
}

#[tokio::test]
async fn a_key_that_is_open_is_not_opened_again() {
    let deployment = Deployment::of_nodes(1).await;
    let ring = &deployment.rings[0];
    let text = deployment.issue(0, DAY).0;
    assert!(ring.verify(&text, deployment.now()).is_ok());
    let before = ring.signatures_verified();
    let mut keys = deployment.fixture.store.all().await.unwrap();
    keys[0].sealed.clear(); // It would not open.

    ring.replace(RevocationNumber::new(1), &keys).unwrap();

    assert!(ring.verify(&text, deployment.now()).is_ok());
    assert_eq!((ring.signatures_verified(), ring.tokens_remembered()), (before, 1));
}

#[tokio::test]
async fn threat_k4_a_key_that_does_not_open_changes_nothing() {
    let deployment = Deployment::of_nodes(1).await;
    let ring = &deployment.rings[0];
    let before = ring.jwks();
    deployment.service.advance().await.unwrap();
    let mut keys = deployment.fixture.store.all().await.unwrap();
    let mut planted = keys[0].clone();
    planted.kid = KeyThumbprint::new("A".repeat(43));
    keys.push(planted.clone());

    assert_eq!(ring.replace(RevocationNumber::new(1), &keys), Err(KeyRingError::Sealed(planted.kid)));

    assert_eq!(ring.jwks(), before);
    deployment.assert_good(&deployment.issue(0, DAY));
}

#[tokio::test]
async fn threat_j14_after_a_restore_the_keys_of_a_smaller_number_count() {
    let deployment = Deployment::of_nodes(1).await;
    let ring = &deployment.rings[0];
    let restored = deployment.fixture.store.all().await.unwrap();
    deployment.publish().await;
    let newer = deployment.fixture.store.all().await.unwrap();
    let published = |ring: &keyward_jwt::KeyRing| ring.jwks().json.matches("\"kid\"").count();
    ring.replace(RevocationNumber::new(9), &newer).unwrap();
    ring.replace(RevocationNumber::new(2), &restored).unwrap();
    assert_eq!(published(ring), 2, "older ones that come late are passed over");
    ring.ended_unknown(&[]);
    ring.replace(RevocationNumber::new(2), &restored).unwrap();
    assert_eq!(published(ring), 1);
}
