//! Structure instead of milliseconds: how many hashes each answer costs, and which.

use std::collections::BTreeMap;

use keyward_crypto::{BcryptCost, HashCost, HashingPool};
use keyward_domain::accounts::{PasswordError, PasswordHash, PasswordHasher, PasswordVerdict};

use crate::password_contract::{argon2id, bcrypt, chosen, patient_pool, typed};

/// What was hashed during `asked`.
async fn work<T>(pool: &HashingPool, asked: impl Future<Output = T>) -> (T, Vec<(HashCost, u64)>) {
    let before = pool.hashes_done();
    let answer = asked.await;
    let since = |(cost, count): (HashCost, u64)| (cost, count - before.get(&cost).unwrap_or(&0));
    let done: BTreeMap<_, _> = pool.hashes_done().into_iter().map(since).collect();
    (answer, done.into_iter().filter(|&(_, count)| count > 0).collect())
}

async fn every_verdict_costs_one_equal_hash(hasher: &dyn PasswordHasher, pool: &HashingPool, cost: HashCost) {
    let (hash, made) = work(pool, hasher.hash(&chosen("correct horse battery"))).await;
    let hash = hash.unwrap();
    assert_eq!(made, [(cost, 1)]);
    let longest = "p".repeat(1_024);
    for (password, stored, expected) in [
        ("correct horse battery", Some(&hash), PasswordVerdict::Match),
        ("wrong", Some(&hash), PasswordVerdict::Mismatch),
        ("wrong", None, PasswordVerdict::Mismatch),
        ("correct horse battery", None, PasswordVerdict::Mismatch),
        (&longest, Some(&hash), PasswordVerdict::Mismatch),
        (&longest, None, PasswordVerdict::Mismatch),
    ] {
        let (verdict, done) = work(pool, hasher.verify(&typed(password), stored)).await;
        assert_eq!((verdict, done), (Ok(expected), vec![(cost, 1)]));
    }
}

#[tokio::test]
async fn threat_e1_a_miss_costs_one_hash_of_argon2id() {
    let pool = patient_pool();
    let cost = HashCost::Argon2 { memory_kib: 19_456, passes: 2, lanes: 1 };
    every_verdict_costs_one_equal_hash(&argon2id(&pool), &pool, cost).await;
}

#[tokio::test]
async fn threat_e1_a_miss_costs_one_hash_of_bcrypt() {
    let pool = patient_pool();
    every_verdict_costs_one_equal_hash(&bcrypt(&pool), &pool, HashCost::Bcrypt { cost: 4 }).await;
}

#[tokio::test]
async fn an_imported_hash_costs_one_hash_of_its_own_scheme() {
    let pool = patient_pool();
    let stored = PasswordHash::new("$2a$04$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xnIi".to_owned());
    let (verdict, done) = work(&pool, argon2id(&pool).verify(&typed("wrong"), Some(&stored))).await;
    assert_eq!((verdict, done), (Ok(PasswordVerdict::Mismatch), vec![(HashCost::Bcrypt { cost: 4 }, 1)]));
}

/// Threat E1: whoever measures the answer learns nothing of the account. Threat D1: what costs too much is not
/// computed.
async fn an_unusable_hash_costs_one_hash(hasher: &dyn PasswordHasher, pool: &HashingPool, cost: HashCost) {
    for text in [
        "no hash at all",
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA",
        "$2b$31$n4Uy0eSnMfvnESYL.bLwuuj0U/ETSsoTpRT9GVk5bektyVVa5xnIi",
        "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let stored = PasswordHash::new(text.to_owned());
        let (verdict, done) = work(pool, hasher.verify(&typed("any"), Some(&stored))).await;
        assert!(matches!(verdict, Err(PasswordError::Unreadable(_))), "{text}: {verdict:?}");
        assert_eq!(done, [(cost, 1)], "{text}");
    }
}

#[tokio::test]
async fn threat_e1_an_unusable_hash_costs_one_hash_of_argon2id() {
    let pool = patient_pool();
    let cost = HashCost::Argon2 { memory_kib: 19_456, passes: 2, lanes: 1 };
    an_unusable_hash_costs_one_hash(&argon2id(&pool), &pool, cost).await;
}

#[tokio::test]
async fn threat_e1_an_unusable_hash_costs_one_hash_of_bcrypt() {
    let pool = patient_pool();
    an_unusable_hash_costs_one_hash(&bcrypt(&pool), &pool, HashCost::Bcrypt { cost: 4 }).await;
}

#[test]
fn bcrypt_costs_4_to_13() {
    assert_eq!(BcryptCost::new(12), Ok(BcryptCost::default()));
    for cost in [0, 3, 14, 31, u32::MAX] {
        assert!(BcryptCost::new(cost).is_err(), "{cost}");
    }
}
