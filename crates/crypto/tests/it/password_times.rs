//! While hashes of several schemes are stored, how long a comparison takes does not tell with which of them it was.
//!
//! The clock stands still but for what the hasher waits by itself, so nothing here depends on the machine.

use std::time::Duration;

use keyward_crypto::HashCost;
use keyward_domain::accounts::{PasswordHash, PasswordHasher, PasswordVerdict};
use tokio::time::Instant;

use crate::password_contract::{argon2id, bcrypt, chosen, patient_pool, typed};

/// "password", in bcrypt of cost 4.
const BCRYPT: &str = "$2a$04$UuTkLRZZ6QofpDOlMz32MuuxEHA43WOemOYHPz6.SjsVsyO1tDU96";
/// "password", in argon2id of 1 MiB.
const SMALL_ARGON2: &str = "$argon2id$v=19$m=1024,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$pdYa+mI8cAPpxXuT3A31/A";

fn stored(text: &str) -> PasswordHash {
    PasswordHash::new(text.to_owned())
}

/// How long a comparison waits, and what it finds.
async fn waits(
    hasher: &dyn PasswordHasher,
    password: &str,
    hash: Option<&PasswordHash>,
) -> (Duration, Option<PasswordVerdict>) {
    let begun = Instant::now();
    let verdict = hasher.verify(&typed(password), hash).await;
    (begun.elapsed(), verdict.ok())
}

#[tokio::test(start_paused = true)]
async fn while_there_is_one_scheme_nothing_waits() {
    let pool = patient_pool();
    let hasher = argon2id(&pool);
    let own = hasher.hash(&chosen("correct horse battery")).await.unwrap();
    hasher.expect(&[own.clone(), own.clone()]).await;
    for hash in [Some(&own), None] {
        assert_eq!(waits(&hasher, "password", hash).await, (Duration::ZERO, Some(PasswordVerdict::Mismatch)));
    }
}

#[tokio::test]
async fn while_there_is_one_scheme_nobody_hashes_to_find_out_how_long_it_takes() {
    let pool = patient_pool();
    let hasher = argon2id(&pool);
    hasher.expect(&[]).await;
    hasher.expect(&[stored("$1$unreadable")]).await;
    assert!(pool.hashes_done().is_empty(), "the memory for a hash is taken when somebody logs in");
}

#[tokio::test(start_paused = true)]
async fn threat_e2_whatever_is_compared_with_waits_beyond_the_dearest_scheme() {
    let pool = patient_pool();
    let hashers: [&dyn PasswordHasher; 2] = [&argon2id(&pool), &bcrypt(&pool)];
    for hasher in hashers {
        let own = hasher.hash(&chosen("correct horse battery")).await.unwrap();
        hasher.expect(&[stored(BCRYPT), stored(SMALL_ARGON2), own.clone()]).await;
        let cases = [
            ("password", Some(stored(BCRYPT)), Some(PasswordVerdict::MatchOutdated)),
            ("wrong", Some(stored(BCRYPT)), Some(PasswordVerdict::Mismatch)),
            ("password", Some(stored(SMALL_ARGON2)), Some(PasswordVerdict::MatchOutdated)),
            ("wrong", Some(stored(SMALL_ARGON2)), Some(PasswordVerdict::Mismatch)),
            ("correct horse battery", Some(own.clone()), Some(PasswordVerdict::Match)),
            ("wrong", Some(own), Some(PasswordVerdict::Mismatch)),
            ("wrong", None, Some(PasswordVerdict::Mismatch)),
            ("wrong", Some(stored("$1$unreadable")), None),
        ];
        for (password, hash, expected) in cases {
            let (waited, verdict) = waits(hasher, password, hash.as_ref()).await;
            assert_eq!(verdict, expected);
            assert!(waited > Duration::ZERO, "{expected:?} does not wait");
        }
    }
}

#[tokio::test]
async fn threat_e2_how_long_a_scheme_takes_is_found_out_before_anybody_logs_in() {
    let pool = patient_pool();
    let hasher = argon2id(&pool);
    let own_cost = HashCost::Argon2 { memory_kib: 19_456, passes: 2, lanes: 1 };
    let counted = |cost: HashCost| pool.hashes_done().get(&cost).copied().unwrap_or_default();
    hasher.expect(&[stored(BCRYPT), stored("$1$unreadable"), stored(BCRYPT)]).await;
    assert_eq!((counted(HashCost::Bcrypt { cost: 4 }), counted(own_cost)), (1, 1));
    // What is known is not tried again.
    hasher.expect(&[stored(BCRYPT)]).await;
    assert_eq!((counted(HashCost::Bcrypt { cost: 4 }), counted(own_cost)), (1, 1));
    // A comparison costs one hash, of the scheme that is stored, as before.
    hasher.verify(&typed("wrong"), Some(&stored(BCRYPT))).await.unwrap();
    assert_eq!((counted(HashCost::Bcrypt { cost: 4 }), counted(own_cost)), (2, 1));
}
